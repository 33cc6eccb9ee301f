import { AsyncResource } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { seen } from './seen.js';
import { recording, turn } from './watched.js';

describe('everything awaited or synchronous belongs to its caller', () => {
  test('nested synchronous calls', async () => {
    const found = await seen(({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const middle = profile('m:middle', () => leaf() + leaf());
      const root = profile('m:root', () => middle() + leaf());
      for (let round = 0; round < 2; round++) expect(root()).toBe(3);
      leaf();
    });
    expect(found).toEqual({ 'm:root.middle.leaf': 4, 'm:root.middle': 2, 'm:root.leaf': 2, 'm:root': 2, 'm:leaf': 1 });
  });

  test('deep awaits', async () => {
    const found = await seen(async ({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const plain = async (depth: number): Promise<number> => {
        await Promise.resolve();
        if (depth > 0) return plain(depth - 1);
        await turn();
        return leaf();
      };
      const step = profile('m:step', async (depth: number): Promise<number> => {
        await plain(5);
        if (depth > 0) await step(depth - 1);
        return leaf();
      });
      for (let round = 0; round < 2; round++) await step(2);
    });
    expect(found).toEqual({
      'm:step': 2,
      'm:step.step': 2,
      'm:step.step.step': 2,
      'm:step.leaf': 4,
      'm:step.step.leaf': 4,
      'm:step.step.step.leaf': 4,
    });
  });

  test.each(['all', 'allSettled', 'any', 'race'] as const)('Promise.%s', async (combine) => {
    const found = await seen(async ({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const make = (name: string, turns: number) =>
        profile(`m:${name}`, async () => {
          for (let at = 0; at < turns; at++) await turn();
          return leaf();
        });
      const [fast, slow, slower] = [make('fast', 0), make('slow', 2), make('slower', 4)];
      const root = profile('m:root', async () => {
        const promises = [slower(), slow(), fast()];
        await (Promise[combine] as (promises: Promise<number>[]) => Promise<unknown>).call(Promise, promises);
        leaf();
        // What is left of a race goes on below the same call.
        await Promise.all(promises);
        leaf();
      });
      await Promise.all([root(), root()]);
    });
    expect(found).toEqual({
      'm:root': 2,
      'm:root.leaf': 4,
      'm:root.fast': 2,
      'm:root.slow': 2,
      'm:root.slower': 2,
      'm:root.fast.leaf': 2,
      'm:root.slow.leaf': 2,
      'm:root.slower.leaf': 2,
    });
  });

  test('concurrent roots never mix, whatever the order in which they go on', async () => {
    const found = await seen(async ({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const branch = profile('m:branch', async (turns: number) => {
        for (let at = 0; at < turns; at++) {
          await turn();
          leaf();
        }
      });
      const roots = ['a', 'b', 'c'].map((name, at) =>
        profile(`m:${name}`, async () => {
          leaf();
          await Promise.all([branch(3 - at), branch(at + 1)]);
          leaf();
        }),
      );
      await Promise.all(roots.flatMap((root) => [root(), root()]));
    });
    expect(found).toEqual({
      'm:a': 2,
      'm:a.leaf': 4,
      'm:a.branch': 4,
      'm:a.branch.leaf': 8,
      'm:b': 2,
      'm:b.leaf': 4,
      'm:b.branch': 4,
      'm:b.branch.leaf': 8,
      'm:c': 2,
      'm:c.leaf': 4,
      'm:c.branch': 4,
      'm:c.branch.leaf': 8,
    });
  });

  test('throws and rejections leave the place as it was', async () => {
    const found = await seen(async ({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const fail = profile('m:fail', (): never => {
        leaf();
        throw new Error('sync');
      });
      const reject = profile('m:reject', async (): Promise<never> => {
        await turn();
        leaf();
        return fail();
      });
      const early = profile('m:early', async (): Promise<never> => fail());
      const root = profile('m:root', async () => {
        expect(() => fail()).toThrow('sync');
        leaf();
        await expect(early()).rejects.toThrow('sync');
        await expect(Promise.all([reject(), reject()])).rejects.toThrow('sync');
        await turn();
        leaf();
        throw new Error('root');
      });
      for (let round = 0; round < 2; round++) await expect(root()).rejects.toThrow('root');
      leaf();
    });
    expect(found).toEqual({
      'm:leaf': 1,
      'm:root !': 2,
      'm:root.leaf': 4,
      'm:root.fail !': 2,
      'm:root.fail.leaf': 2,
      'm:root.early !': 2,
      'm:root.early.fail !': 2,
      'm:root.early.fail.leaf': 2,
      'm:root.reject !': 4,
      'm:root.reject.leaf': 4,
      'm:root.reject.fail !': 4,
      'm:root.reject.fail.leaf': 4,
    });
  });

  test('functions that return promises without being async, from the first call on', async () => {
    for (let calls = 1; calls <= 3; calls++) {
      const found = await seen(async ({ profile }) => {
        const leaf = profile('m:leaf', () => 1);
        const query = profile('m:query', () =>
          turn()
            .then(() => leaf())
            .then(async () => {
              await turn();
              leaf();
            }),
        );
        const root = profile('m:root', () => Promise.all([query(), query()]).then(() => leaf()));
        await Promise.all(Array.from({ length: calls }, () => root()));
      });
      expect(found).toEqual({ 'm:root': calls, 'm:root.leaf': calls, 'm:root.query': 2 * calls, 'm:root.query.leaf': 4 * calls });
    }
  });

  test('a function that returned a value before it first returns a promise', async () => {
    const { profiler, kept } = recording();
    const leaf = profiler.profile('m:leaf', () => 1);
    const cached = new Map<string, number>([['known', 1]]);
    const get = profiler.profile('m:get', (key: string): number | Promise<number> => {
      const known = cached.get(key);
      if (known !== undefined) return known + leaf();
      leaf();
      return turn().then(() => leaf());
    });
    const root = profiler.profile('m:root', async (key: string) => get(key));
    await root('known');
    expect(kept.paths()).toEqual(['m:root.get.leaf', 'm:root.get', 'm:root']);
    // The first promise shows too late that the call should have had a frame: its later work belongs to the nearest async ancestor.
    await root('unknown');
    expect(kept.paths()).toEqual(['m:root.get.leaf', 'm:root.leaf', 'm:root.get', 'm:root']);
    for (let round = 0; round < 2; round++) {
      await root('unknown');
      expect(kept.paths()).toEqual(['m:root.get.leaf', 'm:root.get.leaf', 'm:root.get', 'm:root']);
    }
    await root('known');
    expect(kept.paths()).toEqual(['m:root.get.leaf', 'm:root.get', 'm:root']);
  });

  test('callbacks by util.promisify', async () => {
    const found = await seen(async ({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const read = promisify(readFile);
      const root = profile('m:root', async () => {
        const text = await read(new URL(import.meta.url), 'utf8');
        leaf();
        return text.length;
      });
      await Promise.all([root(), root()]);
    });
    expect(found).toEqual({ 'm:root': 2, 'm:root.leaf': 2 });
  });

  test('streams and pipeline', async () => {
    const found = await seen(async ({ profile }) => {
      const parse = profile('m:parse', (chunk: string) => chunk.toUpperCase());
      const drain = profile('m:drain', async (source: AsyncIterable<string>) => {
        let text = '';
        for await (const chunk of source) text += parse(chunk);
        return text;
      });
      const root = profile('m:root', async (name: string) => {
        const upper = new Transform({
          objectMode: true,
          transform(chunk: string, _encoding, done) {
            setImmediate(() => done(null, parse(chunk)));
          },
        });
        return pipeline(Readable.from([name, 'b', 'c']), upper, new PassThrough({ objectMode: true }), drain);
      });
      expect(await Promise.all([root('x'), root('y')])).toEqual(['XBC', 'YBC']);
    });
    expect(found).toEqual({ 'm:root': 2, 'm:root.parse': 6, 'm:root.drain': 2, 'm:root.drain.parse': 6 });
  });

  test('events.once and timers/promises', async () => {
    const found = await seen(async ({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const bell = new EventEmitter();
      const root = profile('m:root', async () => {
        await once(bell, 'ring');
        leaf();
        await sleep(0);
        leaf();
      });
      const waiting = Promise.all([root(), root()]);
      profile('m:ringer', () => bell.emit('ring'))();
      await waiting;
    });
    expect(found).toEqual({ 'm:root': 2, 'm:root.leaf': 4, 'm:ringer': 1 });
  });

  test('a pool of workers that keeps the context of its callers by AsyncResource', async () => {
    const found = await seen(async ({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const wake = new EventEmitter();
      const queue: (() => void)[] = [];
      const worker = profile('m:worker', async (rounds: number) => {
        for (let round = 0; round < rounds; round++) {
          while (queue.length === 0) await once(wake, 'job');
          queue.shift()?.();
          leaf();
        }
      });
      const running = worker(4);
      const submit = (): Promise<void> =>
        new Promise((resolve) => {
          queue.push(
            AsyncResource.bind(() => {
              leaf();
              resolve();
            }),
          );
          wake.emit('job');
        });
      const client = (name: string) =>
        profile(`m:${name}`, async () => {
          await submit();
          leaf();
          await submit();
        });
      await Promise.all([client('a')(), client('b')()]);
      await running;
    });
    expect(found).toEqual({ 'm:worker': 1, 'm:worker.leaf': 4, 'm:a': 1, 'm:a.leaf': 3, 'm:b': 1, 'm:b.leaf': 3 });
  });

  test('synchronous callbacks: sort, replace, forEach, an emitter of the call itself', async () => {
    const found = await seen(({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const bell = new EventEmitter().on('ring', () => leaf());
      const root = profile('m:root', () => {
        [2, 1].sort(() => leaf());
        'ab'.replace(/./g, () => String(leaf()));
        bell.emit('ring');
        for (const fn of [leaf, leaf]) fn();
      });
      root();
      root();
      bell.emit('ring');
    });
    expect(found).toEqual({ 'm:root': 2, 'm:root.leaf': 12, 'm:leaf': 1 });
  });
});
