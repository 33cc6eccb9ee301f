import { types } from 'node:util';
import { contentLength } from './content-length.js';
import { findProperty, hasProxy } from './property.js';

/** How many bytes a value would take on the wire. */

/** Most JSON bytes that are counted; a larger value is not measured, so that measuring stays cheaper than answering. */
const JSON_LIMIT = 256 * 1024;
const DEPTH_LIMIT = 64;

/**
 * Size of a result in bytes, or undefined if it can't be told.
 *
 * Strings count in UTF-8, buffers by their length, responses of fetch and node:http and plain ones by their content-length header, and plain
 * values by the bytes of their JSON up to 256 KiB. Streams, iterators, functions, and objects with a `toJSON` of their own are not measured.
 *
 * No code of the user's is run: what has a getter, or is a proxy, is not measured.
 */
export function sizeOfResult(result: unknown): number | undefined {
  if (typeof result === 'string') return Buffer.byteLength(result);
  if (typeof result !== 'object' || result === null) return jsonBytes(result, JSON_LIMIT, 0);
  const inMemory = bufferBytes(result);
  if (inMemory !== undefined) return inMemory;
  if (hasProxy(result)) return undefined;
  const bytes = blobBytes(result) ?? contentLength(result);
  if (bytes !== undefined) return bytes === 'unknown' ? undefined : bytes;
  return jsonBytes(result, JSON_LIMIT, 0);
}

/** Getters of the platform, so that nobody else's stand in for them. */
const getterOf = (prototype: object, name: string): (() => number) => Object.getOwnPropertyDescriptor(prototype, name)?.get as () => number;
const lengthOf = {
  array: getterOf(Object.getPrototypeOf(Uint8Array.prototype) as object, 'byteLength'),
  view: getterOf(DataView.prototype, 'byteLength'),
  buffer: getterOf(ArrayBuffer.prototype, 'byteLength'),
  shared: getterOf(SharedArrayBuffer.prototype, 'byteLength'),
};

function bufferBytes(value: object): number | undefined {
  if (types.isTypedArray(value)) return lengthOf.array.call(value);
  if (types.isDataView(value)) return lengthOf.view.call(value);
  if (types.isArrayBuffer(value)) return lengthOf.buffer.call(value);
  return types.isSharedArrayBuffer(value) ? lengthOf.shared.call(value) : undefined;
}

function blobBytes(value: object): number | undefined {
  // Node.js loads Blob when it is first named.
  return value instanceof Blob ? getterOf(Blob.prototype, 'size').call(value) : undefined;
}

/** Bytes of the JSON of `value`, or undefined if it has none or takes more than `limit`. */
function jsonBytes(value: unknown, limit: number, depth: number): number | undefined {
  switch (typeof value) {
    case 'string':
      return stringBytes(value, limit);
    case 'number':
      return numberBytes(value);
    case 'boolean':
      return value ? 4 : 5;
    case 'object':
      if (value === null) return 4;
      if (depth >= DEPTH_LIMIT || hasProxy(value)) return undefined;
      if (isPlain(value)) return hasOtherForm(value) ? undefined : objectBytes(value, limit, depth);
      if (types.isDate(value)) return dateBytes(value);
      if ('toJSON' in value) return undefined;
      if (Array.isArray(value)) return arrayBytes(value, limit, depth);
      return isOpaque(value) || hasOtherForm(value) ? undefined : objectBytes(value, limit, depth);
    default:
      return undefined;
  }
}

function numberBytes(value: number): number {
  if ((value | 0) !== value) return Number.isFinite(value) ? String(value).length : 4;
  // Most numbers are whole and small; to write them would cost 30 ns.
  let bytes = value < 0 ? 2 : 1;
  for (let rest = Math.abs(value); rest >= 10; rest /= 10) bytes++;
  return bytes;
}

/** Of the ways to see a getter the fastest for arrays: some 50 ns an element, where a descriptor takes 330 ns. */
const { __lookupGetter__: lookupGetter } = Object.prototype as unknown as { __lookupGetter__(this: object, key: number): unknown };

function arrayBytes(values: readonly unknown[], limit: number, depth: number): number | undefined {
  const { length } = values;
  let bytes = 2 + Math.max(0, length - 1);
  // Not by the iterator, which may be the user's.
  for (let i = 0; i < length && bytes <= limit; i++) {
    if (lookupGetter.call(values, i) !== undefined) return undefined;
    const value = values[i];
    const size = isSkipped(value) ? 4 : jsonBytes(value, limit - bytes, depth + 1);
    if (size === undefined) return undefined;
    bytes += size;
  }
  return bytes > limit ? undefined : bytes;
}

function objectBytes(object: object, limit: number, depth: number): number | undefined {
  let bytes = 2;
  let commas = -1;
  for (const key of Object.keys(object)) {
    const property = Object.getOwnPropertyDescriptor(object, key);
    if (property === undefined || !('value' in property)) return undefined;
    const value: unknown = property.value;
    if (isSkipped(value)) continue;
    const keySize = stringBytes(key, limit - bytes);
    const size = keySize === undefined ? undefined : jsonBytes(value, limit - bytes, depth + 1);
    if (keySize === undefined || size === undefined) return undefined;
    bytes += keySize + 1 + size;
    commas++;
    if (bytes + commas > limit) return undefined;
  }
  return bytes + Math.max(0, commas);
}

/** What JSON leaves out of objects and writes as null into arrays. */
function isSkipped(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON escapes
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

function stringBytes(text: string, limit: number): number | undefined {
  // Before it is read: a character is a byte at least.
  if (text.length + 2 > limit) return undefined;
  const bytes = ESCAPED.test(text) ? Buffer.byteLength(JSON.stringify(text)) : Buffer.byteLength(text) + 2;
  return bytes > limit ? undefined : bytes;
}

/** `"2024-01-02T03:04:05.678Z"`; `null` if it is no date at all. */
function dateBytes(date: Date): number | undefined {
  const { prototype } = Date;
  for (const name of ['toJSON', 'toISOString'] as const) {
    if (findProperty(date, name)?.property.value !== prototype[name]) return undefined;
  }
  return Number.isNaN(prototype.getTime.call(date)) ? 4 : prototype.toISOString.call(date).length + 2;
}

/** Most results are; six questions to V8 about what else they may be are spared then. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Objects that are more than their own properties. */
function isOpaque(value: object): boolean {
  return (
    types.isPromise(value) ||
    types.isBoxedPrimitive(value) ||
    types.isMap(value) ||
    types.isSet(value) ||
    types.isNativeError(value) ||
    types.isRegExp(value)
  );
}

/** Objects that say by a method what they are: iterators, streams, thenables, and what has a JSON of its own. */
function hasOtherForm(value: object): boolean {
  return 'toJSON' in value || Symbol.iterator in value || Symbol.asyncIterator in value || 'pipe' in value || 'then' in value;
}
