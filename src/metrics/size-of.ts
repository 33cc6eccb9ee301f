import { types } from 'node:util';

/** How many bytes a value would take on the wire. */

/** Most JSON bytes that are counted; a larger value is not measured, so that measuring stays cheaper than answering. */
const JSON_LIMIT = 256 * 1024;
const DEPTH_LIMIT = 64;

/**
 * Size of a result in bytes, or undefined if it can't be told.
 *
 * Strings count in UTF-8, buffers by their length, responses by their content-length header, and plain values by the bytes of
 * their JSON up to 256 KiB. Streams, iterators, functions and objects with a `toJSON` of their own are not measured. May throw what a getter throws.
 */
export function sizeOfResult(result: unknown): number | undefined {
  if (typeof result === 'string') return Buffer.byteLength(result);
  if (typeof result !== 'object' || result === null) return jsonBytes(result, JSON_LIMIT, 0);
  if (ArrayBuffer.isView(result) || types.isAnyArrayBuffer(result)) return result.byteLength;
  if (result instanceof Blob) return result.size;
  if (isResponseLike(result)) return contentLength(result);
  if (isOpaque(result)) return undefined;
  return jsonBytes(result, JSON_LIMIT, 0);
}

/** Bytes of the JSON of `value`, or undefined if it has none or takes more than `limit`. */
function jsonBytes(value: unknown, limit: number, depth: number): number | undefined {
  switch (typeof value) {
    case 'string':
      return stringBytes(value, limit);
    case 'number':
      return Number.isFinite(value) ? String(value).length : 4;
    case 'boolean':
      return value ? 4 : 5;
    case 'object':
      if (value === null) return 4;
      if (depth >= DEPTH_LIMIT) return undefined;
      if (types.isDate(value)) return dateBytes(value);
      if ('toJSON' in value) return undefined;
      if (Array.isArray(value)) return arrayBytes(value, limit, depth);
      return isOpaque(value) ? undefined : objectBytes(value, limit, depth);
    default:
      return undefined;
  }
}

function arrayBytes(values: readonly unknown[], limit: number, depth: number): number | undefined {
  let bytes = 2 + Math.max(0, values.length - 1);
  for (const value of values) {
    const size = isSkipped(value) ? 4 : jsonBytes(value, limit - bytes, depth + 1);
    if (size === undefined) return undefined;
    bytes += size;
    if (bytes > limit) return undefined;
  }
  return bytes;
}

function objectBytes(object: object, limit: number, depth: number): number | undefined {
  let bytes = 2;
  let commas = -1;
  for (const key of Object.keys(object)) {
    const value = (object as Record<string, unknown>)[key];
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
  if (date.toJSON !== Date.prototype.toJSON) return undefined;
  return Number.isNaN(Date.prototype.getTime.call(date)) ? 4 : Date.prototype.toISOString.call(date).length + 2;
}

/** Objects that are more than their own properties. */
function isOpaque(value: object): boolean {
  if (
    types.isPromise(value) ||
    types.isBoxedPrimitive(value) ||
    types.isMap(value) ||
    types.isSet(value) ||
    types.isNativeError(value) ||
    types.isRegExp(value)
  )
    return true;
  return !Array.isArray(value) && (Symbol.iterator in value || Symbol.asyncIterator in value || 'pipe' in value || 'then' in value);
}

interface ResponseLike {
  readonly headers?: unknown;
  readonly getHeader?: (name: string) => unknown;
}

function isResponseLike(value: object): value is ResponseLike {
  if (typeof (value as ResponseLike).getHeader === 'function') return true;
  const { headers } = value as ResponseLike;
  return ('status' in value || 'statusCode' in value) && typeof headers === 'object' && headers !== null;
}

function contentLength(response: ResponseLike): number | undefined {
  const length = typeof response.getHeader === 'function' ? response.getHeader('content-length') : headerOf(response.headers as object);
  const bytes = typeof length === 'string' && /^\s*\d+\s*$/.test(length) ? Number(length) : length;
  return typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : undefined;
}

function headerOf(headers: object): unknown {
  if ('get' in headers && typeof headers.get === 'function') return headers.get('content-length');
  const name = Object.keys(headers).find((key) => key.toLowerCase() === 'content-length');
  return name === undefined ? undefined : (headers as Record<string, unknown>)[name];
}
