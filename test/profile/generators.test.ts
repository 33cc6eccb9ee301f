import { describe, expect, test } from 'vitest';
import { Profiler } from '../../src/client.js';
import { seen } from './seen.js';
import { counting, counts, Keeper, recording, silent, turn } from './watched.js';

describe('generators', () => {
  test('generators: their body runs in their context wherever the steps are made, the loop body does not', async () => {
    const found = await seen(({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const items = profile('m:items', function* () {
        leaf();
        yield 1;
        leaf();
        yield 2;
      });
      const outer = profile('m:outer', function* () {
        yield* items();
        leaf();
      });
      const root = profile('m:root', () => {
        for (const _ of outer()) leaf();
        const [first] = items();
        expect(first).toBe(1);
      });
      for (let round = 0; round < 2; round++) root();
      // Made in one call, driven in another: it belongs to where it was made.
      let made: Iterable<number> = [];
      profile('m:maker', () => {
        made = items();
      })();
      profile('m:driver', () => expect([...made]).toEqual([1, 2]))();
    });
    expect(found).toEqual({
      'm:root': 2,
      'm:root.leaf': 4,
      'm:root.outer': 2,
      'm:root.outer.leaf': 2,
      'm:root.outer.items': 2,
      'm:root.outer.items.leaf': 4,
      'm:root.items': 2,
      'm:root.items.leaf': 2,
      'm:maker': 1,
      'm:driver': 1,
      'm:maker.items': 1,
      'm:maker.items.leaf': 2,
    });
  });

  test('async generators and for await', async () => {
    const found = await seen(async ({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const load = profile('m:load', async () => {
        await turn();
        leaf();
      });
      const pages = profile('m:pages', async function* () {
        for (let page = 0; page < 2; page++) {
          await load();
          yield page;
        }
      });
      const root = profile('m:root', async () => {
        for await (const _ of pages()) {
          await turn();
          leaf();
        }
      });
      await Promise.all([root(), root()]);
    });
    expect(found).toEqual({ 'm:root': 2, 'm:root.leaf': 4, 'm:root.pages': 2, 'm:root.pages.load': 4, 'm:root.pages.load.leaf': 4 });
  });

  test('generators that end early, throw, or are thrown into', async () => {
    const found = await seen(async ({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const items = profile('m:items', function* () {
        try {
          yield 1;
          yield 2;
        } finally {
          leaf();
        }
      });
      for (const _ of items()) break;
      const thrower = items();
      thrower.next();
      expect(() => thrower.throw(new Error('into'))).toThrow('into');
      expect(thrower.next()).toEqual({ done: true, value: undefined });
      const failing = profile('m:failing', async function* () {
        yield 1;
        throw new Error('later');
      });
      await expect(
        (async () => {
          for await (const _ of failing()) leaf();
        })(),
      ).rejects.toThrow('later');
    });
    expect(found).toEqual({ 'm:items': 1, 'm:items !': 1, 'm:items.leaf': 2, 'm:failing !': 1, 'm:leaf': 1 });
  });
});

/** A profiler with a clock that the program moves, and the milliseconds of the records of a function. */
function clocked() {
  let now = 0;
  const kept = new Keeper();
  const profiler = new Profiler({ clock: () => now }).config({ logger: silent, collector: 'local', handlers: [kept] });
  const pass = (milliseconds: number): void => {
    now += milliseconds;
  };
  const times = (): unknown[] =>
    kept.deliveries
      .filter(({ metric }) => metric === 'time_profiler')
      .flatMap(({ records }) => records.map(({ method, value }) => [method, value[1]]));
  return { profiler, pass, times };
}

describe('are timed over the time in which their body runs', () => {
  test('not while the loop around them does', () => {
    const { profiler, pass, times } = clocked();
    const items = profiler.profile('m:items', function* () {
      for (let at = 0; at < 3; at++) {
        pass(10);
        yield at;
      }
      pass(5);
    });
    const made = items();
    pass(1000);
    for (const _ of made) pass(100);
    expect(times()).toEqual([['m:items', 35]]);
  });

  test('async ones with what they await', async () => {
    const { profiler, pass, times } = clocked();
    const pages = profiler.profile('m:pages', async function* () {
      for (let at = 0; at < 2; at++) {
        await turn().then(() => pass(10));
        yield at;
      }
    });
    for await (const _ of pages()) {
      await turn();
      pass(100);
    }
    expect(times()).toEqual([['m:pages', 20]]);
  });

  test('async ones whose steps are asked for all at once, each moment once', async () => {
    let now = 0;
    const profiler = new Profiler({ clock: () => now });
    const kept = new Keeper();
    profiler.config({ logger: silent, handlers: [kept], responseSizeProfile: false });
    const steps = profiler.profile('m:steps', async function* () {
      for (let i = 0; i < 3; i++) {
        await turn();
        now += 10;
        yield i;
      }
    })();
    const all = [steps.next(), steps.next()];
    await Promise.all(all);
    now += 1000;
    await Promise.all([steps.next(), steps.next(), steps.next()]);
    await profiler.flush();
    expect(kept.deliveries.flatMap(({ records }) => records.map(({ value }) => value))).toEqual([['observe', 30]]);
  });

  test('and counted when they end: those that nobody finishes never are', async () => {
    const profiler = counting();
    const items = profiler.profile('m:items', function* () {
      yield 1;
      yield 2;
    });
    items();
    const begun = items();
    begun.next();
    expect(await counts(profiler)).toEqual({});
    expect(begun.return(5 as never)).toEqual({ done: true, value: 5 });
    expect(begun.next()).toEqual({ done: true, value: undefined });
    expect(await counts(profiler)).toEqual({ 'm:items': 1 });
  });
});

describe('stay what they are', () => {
  test('values sent in, returned and delegated come through', () => {
    const { profile } = recording().profiler;
    const inner = profile('m:inner', function* (): Generator<string, string, string> {
      const sent = yield 'first';
      return `inner ${sent}`;
    });
    const outer = profile('m:outer', function* (this: { readonly name: string }, greeting: string): Generator<string, string, string> {
      return `${greeting} ${this.name}: ${yield* inner()}`;
    });
    const items = outer.call({ name: 'me' }, 'hello');
    expect(items.next()).toEqual({ done: false, value: 'first' });
    expect(items.next('sent')).toEqual({ done: true, value: 'hello me: inner sent' });
    expect(Object.keys(items)).toEqual([]);
    expect(items[Symbol.iterator]()).toBe(items);
    expect(Object.prototype.toString.call(items)).toBe('[object Generator]');
  });

  test('steps asked for all at once', async () => {
    const { profiler, kept } = recording();
    const pages = profiler.profile('m:pages', async function* () {
      yield 1;
      await turn();
      yield 2;
    });
    const made = pages();
    expect(await Promise.all([made.next(), made.next(), made.next(), made.next()])).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(kept.paths()).toEqual(['m:pages']);
  });

  test('one that asks itself for its next step', async () => {
    const { profiler, kept } = recording();
    const made: Generator<string> = profiler.profile('m:items', function* (): Generator<string> {
      try {
        made.next();
      } catch (error) {
        yield String(error);
      }
      yield 'last';
    })();
    expect([...made]).toEqual(['TypeError: Generator is already running', 'last']);
    expect(kept.paths()).toEqual(['m:items']);
    expect(profiler.currentNode.context).toBe('');
  });

  test('for helpers of iterators and destructuring', () => {
    const { profiler, kept } = recording();
    const items = profiler.profile('m:items', function* () {
      yield 1;
      yield 2;
      yield 3;
    });
    const [first] = items();
    expect([first, Math.max(...items()), Array.from(items(), (one) => one * 2)]).toEqual([1, 3, [2, 4, 6]]);
    expect(kept.paths()).toEqual(['m:items', 'm:items', 'm:items']);
  });
});
