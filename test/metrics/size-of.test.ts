import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sizeOfResult } from '../../src/metrics/size-of.js';
import { measured } from './measured.js';

/** What JSON makes of a value, in bytes. */
const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('texts and bytes', () => {
  test.each([
    ['', 0],
    ['abc', 3],
    ['äöü', 6],
    ['€', 3],
    ['😀', 4],
    ['\ud800', 3],
    ['"\\\n', 3],
  ])('%j takes %i bytes in UTF-8', (text, bytes) => {
    expect(sizeOfResult(text)).toBe(bytes);
  });

  test('any text takes what a socket would send', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(sizeOfResult(text)).toBe(Buffer.from(text).length);
      }),
    );
  });

  test.each([
    ['a Buffer', Buffer.alloc(7), 7],
    ['a Uint8Array', new Uint8Array(5), 5],
    ['a Float64Array', new Float64Array(5), 40],
    ['a part of an array', new Uint16Array(new ArrayBuffer(20), 4, 3), 6],
    ['a DataView', new DataView(new ArrayBuffer(20), 4), 16],
    ['an ArrayBuffer', new ArrayBuffer(9), 9],
    ['a SharedArrayBuffer', new SharedArrayBuffer(11), 11],
    ['a Blob', new Blob(['äb']), 3],
    ['a BigInt64Array', new BigInt64Array(2), 16],
  ])('%s', (_what, value, bytes) => {
    expect(sizeOfResult(value)).toBe(bytes);
  });
});

describe('responses', () => {
  const nodeResponse = (length?: number | string): ServerResponse => {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    if (length !== undefined) response.setHeader('content-length', length);
    return response;
  };

  test.each([
    ['of fetch', new Response('', { headers: { 'content-length': '123' } }), 123],
    ['of node:http, as a number', nodeResponse(42), 42],
    ['of node:http, as a text', nodeResponse('42'), 42],
    ['with plain headers', { status: 200, headers: { 'Content-Length': '17' } }, 17],
    ['with a number among plain headers', { statusCode: 200, headers: { 'content-length': 0 } }, 0],
  ])('a response %s takes its content-length', (_what, value, bytes) => {
    expect(sizeOfResult(value)).toBe(bytes);
  });

  test.each([
    ['has none', new Response('body')],
    ['of node:http has none', nodeResponse()],
    ['has none among plain headers', { status: 200, headers: {} }],
    ['is no number', { status: 200, headers: { 'content-length': 'long' } }],
    ['is hexadecimal', { status: 200, headers: { 'content-length': '0x10' } }],
    ['is negative', { status: 200, headers: { 'content-length': -1 } }],
    ['is empty', { status: 200, headers: { 'content-length': '' } }],
    ['is broken', { status: 200, headers: { 'content-length': 1.5 } }],
  ])('a response whose content-length %s is not measured', (_what, value) => {
    expect(sizeOfResult(value)).toBeUndefined();
  });
});

describe('plain values', () => {
  test('take the bytes of their JSON, nested as deep as one likes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 6 }), (value) => {
        expect(sizeOfResult(value)).toBe(typeof value === 'string' ? Buffer.byteLength(value) : jsonBytes(value));
        expect(sizeOfResult([value])).toBe(jsonBytes([value]));
        expect(sizeOfResult({ value })).toBe(jsonBytes({ value }));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['numbers', [0, -0, 1.5, 1e21, 1e-7, -1, Number.NaN, Number.POSITIVE_INFINITY]],
    ['whole numbers', [9, 10, 99, 100, -9, -10, 999_999_999, 1_000_000_000, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 53]],
    ['what JSON leaves out', { a: undefined, b: () => 1, c: Symbol('c'), d: null, [Symbol('e')]: 1 }],
    ['what JSON writes as null', [undefined, () => 1, Symbol('c'), null]],
    ['holes', Object.assign([], { 2: 1 })],
    ['only left out', { a: undefined }],
    ['empty', [[], {}, '', [{}]]],
    ['escapes', { 'a"\\\n\u0001\ud800': '\u2028 \udfff 😀' }],
    ['dates', [new Date(0), new Date(Number.NaN), new Date(8.64e15), { at: new Date(-8.64e15) }]],
    [
      'an instance',
      new (class Point {
        x = 1;
        readonly #hidden = 2;
        get sum() {
          return this.x + this.#hidden;
        }
      })(),
    ],
    ['without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['an own __proto__', JSON.parse('{"__proto__":{"a":1}}')],
    ['hidden properties', Object.defineProperty({ a: 1 }, 'b', { value: 2, enumerable: false })],
    ['inherited properties', Object.assign(Object.create({ a: 1 }), { b: 2 })],
    ['true', true],
    ['false', false],
    ['null', null],
    ['a number', -12.5],
    ['a date', new Date(0)],
  ])('%s', (_what, value) => {
    expect(sizeOfResult(value)).toBe(jsonBytes(value));
  });

  test('are measured up to 256 KiB of JSON, and not beyond', () => {
    const limit = 256 * 1024;
    expect(sizeOfResult(['x'.repeat(limit - 4)])).toBe(limit);
    expect(sizeOfResult(['x'.repeat(limit - 3)])).toBeUndefined();
    expect(sizeOfResult({ a: 'x'.repeat(limit - 8) })).toBe(limit);
    expect(sizeOfResult({ a: 'x'.repeat(limit - 7) })).toBeUndefined();
    expect(sizeOfResult({ ['k'.repeat(limit)]: 1 })).toBeUndefined();
    expect(sizeOfResult(Array.from({ length: limit }, () => 1))).toBeUndefined();
    expect(sizeOfResult(new Array(1e7))).toBeUndefined();
    // Only JSON has the limit.
    expect(sizeOfResult('x'.repeat(limit + 1))).toBe(limit + 1);
  });

  test('of more than 64 levels, and those that contain themselves, are not measured', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(sizeOfResult(nested(64))).toBe(129);
    expect(sizeOfResult(nested(65))).toBeUndefined();
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    expect(sizeOfResult(cycle)).toBeUndefined();
    const list: unknown[] = [];
    list.push(list, list);
    expect(sizeOfResult(list)).toBeUndefined();
  });

  test('that share parts are measured as often as JSON writes them, and no longer than it pays', () => {
    const shared = { a: [1, 2, 3] };
    expect(sizeOfResult([shared, shared])).toBe(jsonBytes([shared, shared]));
    let doubled: unknown = 'x';
    for (let i = 0; i < 60; i++) doubled = [doubled, doubled];
    expect(sizeOfResult(doubled)).toBeUndefined();
  });
});

describe('what can not be told', () => {
  test.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
    ['a Map', new Map([['a', 1]])],
    ['a Set', new Set([1])],
    ['a stream', Readable.from(['a'])],
    ['an iterator', [1, 2][Symbol.iterator]()],
    [
      'a generator',
      (function* () {
        yield 1;
      })(),
    ],
    [
      'an async iterable',
      (async function* () {
        yield 1;
      })(),
    ],
    ['a promise', Promise.resolve(1)],
    // biome-ignore lint/suspicious/noThenProperty: a thenable of a library
    ['a thenable', { then: () => undefined }],
    ['an error', new Error('e')],
    ['a regular expression', /a/],
    ['an own toJSON', { toJSON: () => 'short' }],
    ['an array with a toJSON', Object.assign([1], { toJSON: () => 'short' })],
    ['a date with another toJSON', Object.assign(new Date(0), { toJSON: () => 'short' })],
    ['a boxed number', Object(5)],
    ['a boxed text', Object('five')],
    ['a URL', new URL('http://localhost/')],
  ])('%s is not measured, nor is anything that contains it', (_what, value) => {
    expect(sizeOfResult(value)).toBeUndefined();
    if (['undefined', 'function', 'symbol'].includes(typeof value)) return;
    expect(sizeOfResult([value])).toBeUndefined();
    expect(sizeOfResult({ value })).toBeUndefined();
  });
});

describe("no code of the user's is run", () => {
  const ran: string[] = [];
  const run = (what: string) => (): never => {
    ran.push(what);
    throw new Error(what);
  };
  const getter = (what: string): PropertyDescriptor => ({ get: run(what), enumerable: true, configurable: true });
  const spy = (target: object): object => {
    const traps = Object.getOwnPropertyNames(Reflect).map((trap) => [trap, run(`trap ${trap}`)]);
    return new Proxy(target, Object.fromEntries(traps) as ProxyHandler<object>);
  };
  class Fancy {
    get headers(): object {
      return run('headers of a class')();
    }
    get status(): number {
      return run('status of a class')();
    }
    getHeader(): string {
      return run('getHeader of a class')();
    }
  }

  test.each<[string, object]>([
    ['a getter', Object.defineProperty({ b: 1 }, 'a', getter('own getter'))],
    ['a setter alone', Object.defineProperty({ b: 1 }, 'a', { set: run('setter'), enumerable: true })],
    ['a getter deep inside', { a: [{ b: Object.defineProperty({}, 'c', getter('inner getter')) }] }],
    ['an element that is a getter', Object.defineProperty([1, 2], 1, getter('element'))],
    [
      'a hole that is a getter of the prototype',
      Object.setPrototypeOf(
        Object.assign([1], { length: 2 }),
        Object.defineProperty(Object.create(Array.prototype), 1, getter('hole')),
      ) as object,
    ],
    ['an array with another iterator', Object.assign([1], { [Symbol.iterator]: run('iterator'), toJSON: run('toJSON') })],
    ['a toJSON that is a getter', Object.defineProperty({}, 'toJSON', getter('toJSON'))],
    ['a date with a toJSON that is a getter', Object.defineProperty(new Date(0), 'toJSON', getter('toJSON of a date'))],
    ['a date with another text', Object.assign(new Date(0), { toISOString: run('toISOString') })],
    ['a getHeader that is a getter', Object.defineProperty({ a: 1 }, 'getHeader', { ...getter('getHeader'), enumerable: true })],
    ['a getHeader of a class', new Fancy()],
    ['headers that are a getter', Object.defineProperty({ status: 200 }, 'headers', getter('headers'))],
    ['headers of a class', Object.create(Object.getPrototypeOf(new Fancy()), { getHeader: { value: 1 } }) as object],
    ['a header that is a getter', { status: 200, headers: Object.defineProperty({}, 'content-length', getter('content-length')) }],
    ['headers with a get of their own', { status: 200, headers: { get: run('headers.get') } }],
    ['a proxy', spy({})],
    ['a proxy of an array', spy([])],
    ['a proxy inside', { a: [spy({})] }],
    ['headers that are a proxy', { status: 200, headers: spy({}) }],
    ['what inherits from a proxy', Object.create(spy({})) as object],
  ])('%s is not measured', (_what, value) => {
    ran.length = 0;
    const size = sizeOfResult(value);
    expect([size, ran]).toEqual([undefined, []]);
  });

  test('also where a size would be told by a getter', () => {
    const withGetter = <T extends object>(value: T, name: keyof T & string): T =>
      Object.defineProperty(Object.setPrototypeOf(value, Object.create(Object.getPrototypeOf(value) as object)) as T, name, getter(name));
    const sized = [
      withGetter(new Uint8Array(3), 'byteLength'),
      withGetter(new Blob(['ab']), 'size'),
      withGetter(new Response('a'), 'headers'),
    ];
    ran.length = 0;
    expect([...sized.map(sizeOfResult), ran]).toEqual([3, 2, undefined, []]);
    expect(sizeOfResult(Object.assign([1, 2], { [Symbol.iterator]: undefined }))).toBe(5);
  });
});

test('what root calls return is measured as records and on /metrics, children are not; what can not be is counted', async () => {
  const { profiler, samples, records, troubles } = measured({ responseSizeProfile: true, errorRaisedLabel: false });
  const child = profiler.profile('shop:child', () => 'a child');
  const root = profiler.profile('shop:root', (result: unknown) => {
    child();
    return result;
  });
  const awaited = profiler.profile('shop:awaited', async (result: unknown) => result);
  root('four');
  root({ a: 1 });
  root(new Map());
  await awaited('seven!!');
  await awaited(undefined);
  expect(await records()).toEqual([
    ['response_size', 'observe', 4, {}],
    ['response_size', 'observe', 7, {}],
    ['response_size', 'observe', 7, {}],
  ]);
  expect(Object.entries(await samples()).filter(([name]) => /_(count|sum)/.test(name))).toEqual([
    ['phanos_response_size_bytes_sum{method="shop:root",function="shop.root"}', 11],
    ['phanos_response_size_bytes_count{method="shop:root",function="shop.root"}', 2],
    ['phanos_response_size_bytes_sum{method="shop:awaited",function="shop.awaited"}', 7],
    ['phanos_response_size_bytes_count{method="shop:awaited",function="shop.awaited"}', 1],
  ]);
  expect(troubles('response_size_unknown')).toEqual({ 'shop:root': 1, 'shop:awaited': 1 });
});

test('a sizeOf that throws changes nothing for the caller, nor does a getter, which is not run', async () => {
  const { profiler, records, troubles } = measured({ responseSizeProfile: true });
  const result = {
    get a() {
      throw new Error('no a');
    },
  };
  expect(profiler.profile('shop:getter', () => result)()).toBe(result);
  const sized = profiler.profile(
    { item: 'shop', name: 'sized', sizeOf: (given: number) => (given > 1 ? given : undefined) },
    (given: number) => given,
  );
  const failing = profiler.profile(
    {
      item: 'shop',
      name: 'failing',
      sizeOf: () => {
        throw new Error('no size');
      },
    },
    () => 'x',
  );
  expect([sized(5), sized(1), failing()]).toEqual([5, 1, 'x']);
  expect(await records()).toEqual([['response_size', 'observe', 5, { error_raised: false }]]);
  expect(troubles('response_size_error')).toEqual({ 'shop:failing': 1 });
  expect(troubles('response_size_unknown')).toEqual({ 'shop:getter': 1, 'shop:sized': 1, 'shop:failing': 1 });
});

test('on a throw there is no size', async () => {
  const { profiler, samples, records, troubles } = measured({ responseSizeProfile: true });
  const fail = profiler.profile('shop:fail', () => {
    throw new Error('failed');
  });
  const failLater = profiler.profile('shop:later', async () => {
    throw new Error('failed');
  });
  expect(fail).toThrow('failed');
  await expect(failLater()).rejects.toThrow('failed');
  expect(await records()).toEqual([]);
  expect(await samples()).toEqual({});
  expect(troubles('response_size_unknown')).toEqual({});
});
