/** Sizes that an object tells by itself, as those of the platform do. Only code of Node.js is run: an object of somebody else's class is not asked. */

import { type FoundProperty, findProperty, hasProxy } from './property.js';

const STATUS = ['status', 'statusCode'] as const;

/** The content-length of a response; `unknown` if it is a response that has none, or none that can be read; undefined if it is no response. */
export function contentLength(value: object): number | 'unknown' | undefined {
  if (!('getHeader' in value || 'headers' in value)) return undefined;
  const getHeader = findProperty(value, 'getHeader');
  if (typeof getHeader?.property.value === 'function') return wholeBytes(outgoingLength(value, getHeader));
  if (!STATUS.some((name) => name in value)) return undefined;
  const headers = findProperty(value, 'headers');
  if (headers === undefined) return undefined;
  const { property, holder } = headers;
  if (property.get === undefined) {
    return typeof property.value === 'object' && property.value !== null ? wholeBytes(headerOf(property.value as object)) : undefined;
  }
  if (!isOfPlatform(holder, 'Response', () => globalThis.Response)) return 'unknown';
  return wholeBytes(headerOf(property.get.call(value) as object));
}

/** Of a response of node:http, as every one of Express is, or of node:http2. */
function outgoingLength(value: object, { property, holder }: FoundProperty): unknown {
  const isKnown =
    isOfPlatform(holder, 'OutgoingMessage', () => process.getBuiltinModule('node:http').OutgoingMessage) ||
    isOfPlatform(holder, 'Http2ServerResponse', () => process.getBuiltinModule('node:http2').Http2ServerResponse);
  return isKnown ? (property.value as (name: string) => unknown).call(value, 'content-length') : undefined;
}

/** True if `holder` is the prototype of that class. The class is looked at only if the name fits: Node.js loads these when they are first asked for. */
function isOfPlatform(holder: object, name: string, platform: () => { readonly prototype: object }): boolean {
  const maker: unknown = Object.getOwnPropertyDescriptor(holder, 'constructor')?.value;
  return typeof maker === 'function' && nameOf(maker) === name && platform().prototype === holder;
}

function nameOf(fn: object): unknown {
  return Object.getOwnPropertyDescriptor(fn, 'name')?.value;
}

/** Of the platform's Headers, or of an object of names and values. */
function headerOf(headers: object): unknown {
  if (hasProxy(headers)) return undefined;
  const get = findProperty(headers, 'get');
  if (get !== undefined && isOfPlatform(get.holder, 'Headers', () => globalThis.Headers)) {
    return Headers.prototype.get.call(headers, 'content-length');
  }
  const name = Object.keys(headers).find((key) => key.toLowerCase() === 'content-length');
  return name === undefined ? undefined : Object.getOwnPropertyDescriptor(headers, name)?.value;
}

function wholeBytes(length: unknown): number | 'unknown' {
  const bytes = typeof length === 'string' && /^\s*\d+\s*$/.test(length) ? Number(length) : length;
  return typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : 'unknown';
}
