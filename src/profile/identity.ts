import type { AnyFunction } from './site.js';

/** What `reflect-metadata` adds to Reflect, where it is loaded. */
interface ReflectMetadata {
  getOwnMetadataKeys?(target: object): unknown[];
  getOwnMetadata?(key: unknown, target: object): unknown;
  defineMetadata?(key: unknown, value: unknown, target: object): void;
}

/** Makes a wrapper look like the original to everyone who asks: name, length, own properties, prototype, metadata of reflect-metadata. */
export function keepIdentity(original: AnyFunction, wrapper: AnyFunction): void {
  for (const key of Reflect.ownKeys(original)) {
    const property = Object.getOwnPropertyDescriptor(original, key);
    const own = Object.getOwnPropertyDescriptor(wrapper, key);
    if (property === undefined || own?.configurable === false) {
      if (key === 'prototype' && property !== undefined) wrapper.prototype = original.prototype;
      continue;
    }
    Object.defineProperty(wrapper, key, property);
  }
  // Every `function` has a prototype, which passes for a constructor's; arrows, methods, async and bound functions have none.
  if (!Object.hasOwn(original, 'prototype')) wrapper.prototype = undefined;
  const prototype: unknown = Object.getPrototypeOf(original);
  if (prototype !== Object.getPrototypeOf(wrapper)) Object.setPrototypeOf(wrapper, prototype as object | null);
  copyMetadata(original, wrapper);
}

function copyMetadata(original: AnyFunction, wrapper: AnyFunction): void {
  const { getOwnMetadataKeys, getOwnMetadata, defineMetadata } = Reflect as ReflectMetadata;
  if (getOwnMetadataKeys === undefined || getOwnMetadata === undefined || defineMetadata === undefined) return;
  for (const key of getOwnMetadataKeys.call(Reflect, original)) {
    defineMetadata.call(Reflect, key, getOwnMetadata.call(Reflect, key, original), wrapper);
  }
}
