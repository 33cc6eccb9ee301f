import { types } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { Profiler } from '../../src/client.js';
import { counting, counts, recording } from './watched.js';

const { profile } = new Profiler();
const secret = Symbol('secret');

describe('a profiled function looks like the original', () => {
  const samples: [string, (...args: never[]) => unknown][] = [
    ['function', function two(_a: number, _b: number): void {}],
    ['function with a default value', function one(_a: number, _b = 1): void {}],
    ['arrow', (_a: number, _b: number, _c: number): void => {}],
    ['async function', async function later(_a: number): Promise<void> {}],
    ['async arrow', async (_a: number): Promise<void> => {}],
    ['generator', function* some(_a: number): Generator<number> {}],
    ['async generator', async function* stream(_a: number): AsyncGenerator<number> {}],
    ['method', { method(_a: number): void {} }.method],
    ['method with a symbol as name', { [secret](): void {} }[secret]],
    ['bound function', function bound(_a: number, _b: number): void {}.bind(undefined, 1)],
  ];

  test.each(samples)('%s: name, length, own properties and prototypes', (_kind, fn) => {
    const wrapper = profile({ name: 'given' }, fn);
    expect(wrapper).not.toBe(fn);
    expect(wrapper.name).toBe(fn.name);
    expect(wrapper.length).toBe(fn.length);
    expect(wrapper.prototype).toBe(fn.prototype);
    expect(Object.getPrototypeOf(wrapper)).toBe(Object.getPrototypeOf(fn));
    const { prototype: _wrappers, ...own } = Object.getOwnPropertyDescriptors(wrapper);
    const { prototype: _originals, ...expected } = Object.getOwnPropertyDescriptors(fn);
    expect(own).toEqual(expected);
  });

  test('own properties come along with their descriptors: values, accessors, symbols, hidden and frozen ones', () => {
    const key = Symbol('key');
    const fn = Object.assign((): number => 1, { version: 3, [key]: 'secret', parts: ['a'] });
    Object.defineProperty(fn, 'hidden', { value: 1, enumerable: false, writable: false, configurable: false });
    Object.defineProperty(fn, 'computed', { get: () => 42, enumerable: true, configurable: true });
    const wrapper = profile('a:f', fn) as typeof fn & { hidden: number; computed: number };
    expect(wrapper.version).toBe(3);
    expect(wrapper[key]).toBe('secret');
    expect(wrapper.parts).toBe(fn.parts);
    expect(wrapper.computed).toBe(42);
    for (const name of ['hidden', 'computed', 'version', key]) {
      expect(Object.getOwnPropertyDescriptor(wrapper, name)).toEqual(Object.getOwnPropertyDescriptor(fn, name));
    }
  });

  test('a getter among the own properties is not run', () => {
    let reads = 0;
    const fn = Object.defineProperty((): void => {}, 'lazy', { get: () => ++reads, configurable: true });
    profile('a:f', fn);
    expect(reads).toBe(0);
  });

  test('functions can be told apart by what they are: nothing else can tell wrapper from original', () => {
    async function later(): Promise<void> {}
    function* some(): Generator<number> {}
    expect(profile('a:later', later)).toBeInstanceOf(later.constructor);
    expect(profile('a:some', some)).toBeInstanceOf(some.constructor);
    expect(Object.prototype.toString.call(profile('a:later', later))).toBe('[object AsyncFunction]');
    expect(profile('a:some', some)()).toBeInstanceOf(some);
    expect(types.isGeneratorObject(profile('a:some', some)())).toBe(true);
  });

  test('what is profiled already is not profiled twice', () => {
    const once = profile('a:f', (): void => {});
    expect(profile(once)).toBe(once);
  });
});

test('arguments, this and results go through, profiled or not', () => {
  const { profiler } = recording();
  for (const wrap of [profile, profiler.profile, counting().profile]) {
    const seen: unknown[] = [];
    const fn = wrap('a:f', function (this: unknown, ...args: unknown[]): unknown {
      seen.push(this, ...args);
      return args.length;
    });
    const self = {};
    for (let round = 0; round < 3; round++) {
      expect(fn.call(self, 1, undefined, null)).toBe(3);
      expect(fn.call(undefined)).toBe(0);
      expect(fn.apply(null, [self])).toBe(1);
    }
    expect(seen.slice(0, 7)).toEqual([self, 1, undefined, null, undefined, null, self]);
    expect(seen[0]).toBe(self);
  }
});

test('arguments.length and arguments.callee-free functions see exactly what was passed', () => {
  const fn = counting().profile('a:f', function count(): number {
    // biome-ignore lint/complexity/noArguments: this is what the test is about
    return arguments.length;
  } as (...args: unknown[]) => number);
  expect([fn(), fn(undefined), fn(1, 2, 3)]).toEqual([0, 1, 3]);
});

describe('constructor functions', () => {
  const modes: [string, () => Profiler][] = [
    ['not configured', () => new Profiler()],
    ['counting', () => counting()],
    ['recording', () => recording().profiler],
  ];

  test.each(modes)('%s: new makes an instance of the original', (_mode, make) => {
    function Point(this: { x: number }, x: number): void {
      this.x = x;
    }
    Point.prototype.double = function double(this: { x: number }): number {
      return 2 * this.x;
    };
    const Profiled = make().profile('shapes:Point', Point) as unknown as new (x: number) => { x: number; double(): number };
    for (let round = 0; round < 3; round++) {
      const point = new Profiled(4);
      expect(point).toBeInstanceOf(Point);
      expect(point).toBeInstanceOf(Profiled);
      expect(point.double()).toBe(8);
      expect(Object.getPrototypeOf(point)).toBe(Point.prototype);
    }
  });

  test.each(modes)('%s: the original sees new.target', (_mode, make) => {
    function Strict(this: object): void {
      if (new.target === undefined) throw new TypeError('Strict is to be called with new');
    }
    const Profiled = make().profile('shapes:Strict', Strict) as unknown as new () => object;
    for (let round = 0; round < 3; round++) expect(new Profiled()).toBeInstanceOf(Strict);
  });

  test.each(modes)('%s: a class that extends it constructs its own instances', (_mode, make) => {
    function Base(this: { made: string }): void {
      this.made = 'base';
    }
    const Profiled = make().profile('shapes:Base', Base) as unknown as new () => { made: string };
    class Derived extends Profiled {
      own = 'derived';
    }
    for (let round = 0; round < 3; round++) {
      const derived = new Derived();
      expect(derived).toBeInstanceOf(Derived);
      expect(derived).toBeInstanceOf(Base);
      expect([derived.made, derived.own]).toEqual(['base', 'derived']);
    }
  });

  test('a construction is counted as a call', async () => {
    const profiler = counting();
    const Profiled = profiler.profile('shapes:Point', function Point(this: object): void {}) as unknown as new () => object;
    new Profiled();
    new Profiled();
    expect(await counts(profiler)).toEqual({ 'shapes:Point': 2 });
  });
});

describe('errors', () => {
  test.each([
    ['counting', () => counting()],
    ['recording', () => recording().profiler],
  ])('%s: what is thrown is the same object with the same stack, whatever it is', async (_mode, make) => {
    const { profile } = make();
    for (const thrown of [new RangeError('mine'), Object.freeze(new Error('frozen')), 'text', undefined, null, 0, Symbol('s')]) {
      const stackOf = (): unknown => (thrown instanceof Error ? thrown.stack : undefined);
      const stack = stackOf();
      const fail = profile('a:fail', (): never => {
        throw thrown as Error;
      });
      const reject = profile('a:reject', async (): Promise<never> => {
        throw thrown as Error;
      });
      for (let round = 0; round < 3; round++) {
        let caught: unknown = 'nothing';
        try {
          fail();
        } catch (error) {
          caught = error;
        }
        expect(caught).toBe(thrown);
        await reject().then(
          () => expect.unreachable(),
          (error: unknown) => expect(error).toBe(thrown),
        );
      }
      expect(stackOf()).toBe(stack);
    }
  });

  test('the stack of an error names the original', () => {
    const { profile } = counting();
    const fail = profile('a:fail', function original(): never {
      throw new Error('here');
    });
    expect(() => fail()).toThrow(expect.objectContaining({ stack: expect.stringMatching(/at .*original/) }));
  });
});

test('functions of another realm are profiled like any other', async () => {
  const profiler = counting();
  const foreign = runInNewContext('(async function foreign() { return 1; })') as () => Promise<number>;
  const wrapper = profiler.profile('a:foreign', foreign);
  expect(await wrapper()).toBe(1);
  expect(await wrapper()).toBe(1);
  expect(await counts(profiler)).toEqual({ 'a:foreign': 2 });
});
