import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Profiler } from '../../src/client.js';
import { counting, counts, deferred, recording, turn } from './watched.js';

/** Ways to have work done after a synchronous call has returned. */
const ways: [string, (work: () => void) => void][] = [
  ['setTimeout', (work) => void setTimeout(work, 0)],
  [
    'setInterval',
    (work) => {
      const interval = setInterval(() => {
        clearInterval(interval);
        work();
      }, 1);
    },
  ],
  ['setImmediate', (work) => void setImmediate(work)],
  ['process.nextTick', (work) => process.nextTick(work)],
  ['queueMicrotask', (work) => queueMicrotask(work)],
  ['a promise that nobody returns', (work) => void Promise.resolve().then(work)],
  [
    'an async function that nobody awaits',
    (work) => {
      void (async () => {
        await turn();
        work();
      })();
    },
  ],
  ['a callback', (work) => readFile(new URL(import.meta.url), () => work())],
  [
    'an emitter that rings later',
    (work) => {
      const bell = new EventEmitter().on('ring', work);
      setImmediate(() => bell.emit('ring'));
    },
  ],
];

interface Program {
  readonly profiler: Profiler;
  /** Call path at each piece of deferred work. */
  readonly paths: string[];
  /** Starts work that calls the profiled `leaf` later. */
  start(): void;
  /** Resolves when all that was started is done. */
  settled(): Promise<void>;
}

function programOf(profiler: Profiler, defer: (work: () => void) => void, context: 'auto' | 'exact' = 'auto'): Program {
  const paths: string[] = [];
  const pending: Promise<void>[] = [];
  const leaf = profiler.profile('m:leaf', () => void paths.push(profiler.currentNode.context));
  const start = profiler.profile({ name: 'm:start', context }, () => {
    const { promise, resolve } = deferred();
    pending.push(promise);
    defer(() => {
      leaf();
      resolve();
    });
  });
  return { profiler, paths, start, settled: async () => void (await Promise.all(pending)) };
}

const lanes: [string, () => Profiler][] = [
  ['counting', () => counting()],
  ['recording', () => recording().profiler],
];

describe.each(lanes)('%s', (_lane, make) => {
  describe.each(ways)('%s, started in a synchronous call', (_way, defer) => {
    test('that has no ancestor: a root, at its first call as at all later ones', async () => {
      const { profiler, paths, start, settled } = programOf(make(), defer);
      for (let round = 0; round < 3; round++) {
        start();
        await settled();
      }
      expect(paths).toEqual(['m:leaf', 'm:leaf', 'm:leaf']);
      expect(await counts(profiler)).toEqual({ 'm:start': 3, 'm:leaf': 3 });
    });

    test('below an asynchronous one: a child of that', async () => {
      const { profiler, paths, start, settled } = programOf(make(), defer);
      const between = profiler.profile('m:between', () => start());
      const root = profiler.profile('m:root', async () => {
        between();
        await settled();
        between();
        await settled();
      });
      for (let round = 0; round < 2; round++) await root();
      expect(paths).toEqual(Array(4).fill('m:root.leaf'));
      expect(await counts(profiler)).toEqual({ 'm:root': 2, 'm:root.between': 4, 'm:root.between.start': 4, 'm:root.leaf': 4 });
    });

    test('below an asynchronous one that has ended: still a child of that, never of what runs meanwhile', async () => {
      const gate = deferred();
      const { profiler, paths, start, settled } = programOf(make(), (work) => void gate.promise.then(() => defer(work)));
      const root = profiler.profile('m:root', async () => start());
      await root();
      await root();
      const other = profiler.profile('m:other', async () => {
        gate.resolve();
        await settled();
      });
      await other();
      expect(paths).toEqual(['m:root.leaf', 'm:root.leaf']);
    });

    test("with context: 'exact': a child of the call that started it", async () => {
      const { profiler, paths, start, settled } = programOf(make(), defer, 'exact');
      const between = profiler.profile('m:between', () => start());
      for (let round = 0; round < 3; round++) {
        between();
        await settled();
      }
      expect(paths).toEqual(Array(3).fill('m:between.start.leaf'));
      expect(await counts(profiler)).toEqual({ 'm:between': 3, 'm:between.start': 3, 'm:between.start.leaf': 3 });
    });
  });

  test('a listener that a profiled call rings belongs to that call, wherever it was registered', async () => {
    const profiler = make();
    const { profile } = profiler;
    const bell = new EventEmitter();
    const leaf = profile('m:leaf', () => 1);
    const register = profile('m:register', () => void bell.on('ring', () => leaf()));
    const ring = profile('m:ring', () => void bell.emit('ring'));
    register();
    await profile('m:root', async () => {
      await turn();
      ring();
    })();
    ring();
    expect(await counts(profiler)).toEqual({
      'm:register': 1,
      'm:root': 1,
      'm:root.ring': 1,
      'm:root.ring.leaf': 1,
      'm:ring': 1,
      'm:ring.leaf': 1,
    });
  });

  test('a function whose first call throws counts as synchronous, and leaves no place behind', async () => {
    const profiler = make();
    const paths: string[] = [];
    const finished = deferred();
    const leaf = profiler.profile('m:leaf', () => void paths.push(profiler.currentNode.context));
    const start = profiler.profile('m:start', () => {
      setImmediate(() => {
        leaf();
        finished.resolve();
      });
      throw new Error('at once');
    });
    expect(start).toThrow('at once');
    await finished.promise;
    expect(paths).toEqual(['m:leaf']);
  });
});

test('records of deferred work come on their own, and never in the records of another root', async () => {
  for (const [, defer] of ways) {
    const { profiler, kept } = recording();
    const { start, settled } = programOf(profiler, defer);
    for (let round = 0; round < 2; round++) {
      start();
      const other = profiler.profile('m:other', async () => settled());
      await other();
    }
    const deliveries = kept.times().map((paths) => paths.join());
    expect(deliveries.sort()).toEqual(['m:leaf', 'm:leaf', 'm:other', 'm:other', 'm:start', 'm:start']);
  }
});

test("a sync generator's work follows the same rule", async () => {
  const profiler = counting();
  const paths: string[] = [];
  const finished = deferred();
  const leaf = profiler.profile('m:leaf', () => void paths.push(profiler.currentNode.context));
  const make = (context: 'auto' | 'exact') =>
    profiler.profile({ name: 'm:items', context }, function* () {
      yield 1;
      setImmediate(leaf);
    });
  expect([...make('auto')()]).toEqual([1]);
  expect([...make('exact')()]).toEqual([1]);
  setImmediate(finished.resolve);
  await finished.promise;
  expect(paths).toEqual(['m:leaf', 'm:items.leaf']);
});
