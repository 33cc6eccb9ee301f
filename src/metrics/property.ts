import { types } from 'node:util';

/** Looks at objects of the user's without running any code of theirs. */

/** True for proxies and what inherits from one: even to ask them whether they have a property runs code of the user's. */
export function hasProxy(value: object): boolean {
  for (let object: object | null = value; object !== null; object = Object.getPrototypeOf(object) as object | null) {
    if (object === Object.prototype) return false;
    if (types.isProxy(object)) return true;
  }
  return false;
}

/** A property where it was found, and the object that has it: the value itself or one of its prototypes. */
export interface FoundProperty {
  readonly property: PropertyDescriptor;
  readonly holder: object;
}

/** Looks a property up without running a getter. The value must not be a proxy, nor inherit from one. */
export function findProperty(value: object, name: PropertyKey): FoundProperty | undefined {
  for (let holder: object | null = value; holder !== null; holder = Object.getPrototypeOf(holder) as object | null) {
    const property = Object.getOwnPropertyDescriptor(holder, name);
    if (property !== undefined) return { property, holder };
  }
  return undefined;
}
