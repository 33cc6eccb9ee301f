import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { Profiler } from '../../src/client.js';
import { counting, counts, deferred, recording, turn } from './watched.js';

const modes: [string, () => Profiler][] = [
  ['not configured', () => new Profiler()],
  ['counting', () => counting()],
  ['recording', () => recording().profiler],
];

/** Three calls: the first one tells that the function returns a promise, the later ones know. */
const rounds = [1, 2, 3];

describe.each(modes)('%s: what a function returns comes back as it is', (_mode, make) => {
  test('a promise of a subclass', async () => {
    let constructed = 0;
    class Task<T> extends Promise<T> {
      constructor(executor: ConstructorParameters<typeof Promise<T>>[0]) {
        super(executor);
        constructed++;
      }
      cancel(): string {
        return 'cancelled';
      }
    }
    const tasks: Task<number>[] = [];
    const begin = make().profile('a:begin', (): Task<number> => {
      const task = new Task<number>((resolve) => resolve(7));
      tasks.push(task);
      return task;
    });
    for (const round of rounds) {
      const task = begin();
      expect(task).toBe(tasks[round - 1]);
      expect(task.cancel()).toBe('cancelled');
      expect(Reflect.ownKeys(task).filter((key) => typeof key === 'string')).toEqual([]);
      expect(constructed).toBe(round);
    }
    expect(await Promise.all(tasks)).toEqual([7, 7, 7]);
  });

  test('a subclass whose constructor takes something else than an executor', async () => {
    class Named extends Promise<string> {
      constructor(label: string) {
        if (typeof label !== 'string') throw new TypeError('a label, please');
        super((resolve) => resolve(label));
      }
      static override get [Symbol.species](): PromiseConstructor {
        return Promise;
      }
    }
    const begin = make().profile('a:begin', (): Promise<string> => new Named('x'));
    for (const _round of rounds) expect(await begin()).toBe('x');
  });

  test('a frozen promise of such a subclass', async () => {
    class Picky extends Promise<number> {
      static made = false;
      constructor(executor: ConstructorParameters<typeof Promise<number>>[0]) {
        if (Picky.made) throw new TypeError('only once');
        super(executor);
      }
    }
    const promise = Object.freeze(new Picky((resolve) => resolve(1)));
    Picky.made = true;
    const begin = make().profile('a:begin', (): Promise<number> => promise);
    for (const _round of rounds) expect(begin()).toBe(promise);
  });

  test('a promise whose constructor property throws', () => {
    const promise = Object.defineProperty(Promise.resolve(1), 'constructor', {
      get: () => {
        throw new Error('no constructor');
      },
    });
    const begin = make().profile('a:begin', (): Promise<number> => promise);
    for (const _round of rounds) expect(begin()).toBe(promise);
  });

  test('a promise with own properties, named or symbols', async () => {
    const key = Symbol('key');
    for (const extra of [{ cancel: (): string => 'cancelled' }, { [key]: 'mine' }]) {
      const promise = Object.assign(Promise.resolve(5), extra);
      const begin = make().profile('a:begin', (): Promise<number> => promise);
      for (const _round of rounds) expect(begin()).toBe(promise);
      expect(await begin()).toBe(5);
    }
  });

  test('a thenable of a library, whose then is never looked at', async () => {
    let reads = 0;
    class Query {
      // biome-ignore lint/suspicious/noThenProperty: this is what the test is about
      get then(): unknown {
        reads++;
        throw new Error('then was read');
      }
    }
    const query = new Query();
    const find = make().profile('a:find', (): Query => query);
    for (const _round of rounds) expect(find()).toBe(query);
    await turn();
    expect(reads).toBe(0);
  });

  test('a lazy thenable, which starts only when the program asks for it', async () => {
    let started = 0;
    const lazy = {
      // biome-ignore lint/suspicious/noThenProperty: this is what the test is about
      then(resolve: (value: number) => void): void {
        resolve(++started);
      },
    };
    const find = make().profile('a:find', (): PromiseLike<number> => lazy as PromiseLike<number>);
    for (const _round of rounds) expect(find()).toBe(lazy);
    await turn();
    expect(started).toBe(0);
    expect(await find()).toBe(1);
  });

  test('an object that inherits from Promise.prototype without being a promise', async () => {
    class Cancelable {
      readonly #promise = Promise.resolve(9);
      // biome-ignore lint/suspicious/noThenProperty: this is what the test is about
      then(...args: Parameters<Promise<number>['then']>): unknown {
        return this.#promise.then(...args);
      }
    }
    Object.setPrototypeOf(Cancelable.prototype, Promise.prototype);
    const cancelable = new Cancelable();
    const bare = Object.create(Promise.prototype) as object;
    for (const returned of [cancelable, bare]) {
      const begin = make().profile('a:begin', (): unknown => returned);
      for (const _round of rounds) expect(begin()).toBe(returned);
    }
    expect(await cancelable).toBe(9);
  });

  test('a proxy around a promise', () => {
    const proxy = new Proxy(Promise.resolve(1), {});
    const begin = make().profile('a:begin', (): unknown => proxy);
    for (const _round of rounds) expect(begin()).toBe(proxy);
  });
});

describe.each(modes.slice(1))('%s: functions that look async', (_mode, make) => {
  // Libraries that wrap functions copy the prototype, so that a plain function can look like an async one.
  const AsyncFunction = Object.getPrototypeOf(async () => undefined) as object;
  const GeneratorFunction = Object.getPrototypeOf(function* () {}) as object;
  const AsyncGeneratorFunction = Object.getPrototypeOf(async function* () {}) as object;

  test('but return a value', async () => {
    for (const value of [3, undefined]) {
      const profiler = make();
      const fn = profiler.profile('a:f', Object.setPrototypeOf(() => value, AsyncFunction) as () => unknown);
      for (const _round of rounds) expect(fn()).toBe(value);
      expect(await counts(profiler)).toEqual({ 'a:f': 3 });
    }
  });

  test.each([
    ['a generator', GeneratorFunction],
    ['an async generator', AsyncGeneratorFunction],
  ])('or like %s, but return a value', (_kind, prototype) => {
    for (const value of [undefined, null, [1, 2], 5]) {
      const fn = make().profile('a:f', Object.setPrototypeOf(() => value, prototype) as () => unknown);
      for (const _round of rounds) expect(fn()).toBe(value);
    }
  });

  test('but return a promise with a life of its own', async () => {
    const profiler = make();
    const promise = Object.assign(Promise.resolve(1), { cancel: () => undefined });
    const fn = profiler.profile('a:f', Object.setPrototypeOf(() => promise, AsyncFunction) as () => unknown);
    for (const _round of rounds) expect(fn()).toBe(promise);
    await turn();
    expect(await counts(profiler)).toEqual({ 'a:f': 3 });
  });

  test('but throw at once', async () => {
    const profiler = make();
    const error = new Error('at once');
    const fail = (): never => {
      throw error;
    };
    const fn = profiler.profile('a:f', Object.setPrototypeOf(fail, AsyncFunction) as () => unknown);
    for (const _round of rounds) expect(fn).toThrow(error);
    expect(await counts(profiler)).toEqual({ 'a:f !': 3 });
  });
});

describe.each(modes.slice(1))('%s: calls are counted when their promise settles', (_mode, make) => {
  test.each<[string, () => Promise<unknown>]>([
    ['an async function', async () => 1],
    ['a function that returns a promise', () => Promise.resolve(1)],
    ['a subclass', () => new (class Sub extends Promise<number> {})((resolve) => resolve(1))],
    ['own properties', () => Object.assign(Promise.resolve(1), { own: true })],
    ['a promise of another realm', () => runInNewContext('Promise.resolve(1)') as Promise<number>],
  ])('%s', async (_kind, fn) => {
    const profiler = make();
    const profiled = profiler.profile('a:f', fn);
    for (const _round of rounds) expect(await profiled()).toBe(1);
    expect(await counts(profiler)).toEqual({ 'a:f': 3 });
  });

  test.each<[string, (error: Error) => Promise<unknown>]>([
    [
      'an async function',
      async (error) => {
        throw error;
      },
    ],
    ['a function that returns a promise', (error) => Promise.reject(error)],
    ['a subclass', (error) => new (class Sub extends Promise<number> {})((_resolve, reject) => reject(error))],
    ['own properties', (error) => Object.assign(Promise.reject(error), { own: true })],
  ])('rejections too: %s', async (_kind, fn) => {
    const profiler = make();
    const error = new Error('no');
    const profiled = profiler.profile('a:f', fn);
    for (const _round of rounds) await expect(profiled(error)).rejects.toBe(error);
    await turn();
    expect(await counts(profiler)).toEqual({ 'a:f !': 3 });
  });

  test('not before', async () => {
    const profiler = make();
    const gate = deferred();
    const running = profiler.profile('a:f', () => gate.promise)();
    expect(await counts(profiler)).toEqual({});
    gate.resolve();
    await running;
    expect(await counts(profiler)).toEqual({ 'a:f': 1 });
  });
});
