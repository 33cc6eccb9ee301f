import { describe, expect, test } from 'vitest';
import { Counter, Gauge, type Handler, Profiler } from '../../src/client.js';
import { counting, counts, deferred, Keeper, recording, silent, turn } from './watched.js';

type Hook = 'afterFunc' | 'afterRootFunc' | 'beforeFunc' | 'beforeRootFunc';
const hookNames: readonly Hook[] = ['beforeRootFunc', 'beforeFunc', 'afterFunc', 'afterRootFunc'];

/** What a callback of the user may do that must not be profiled. */
interface Work {
  sync(): void;
  async(): Promise<void>;
  nested(): void;
}

function workOf({ profile }: Profiler): Work {
  const inner = profile('w:inner', (): void => {});
  return {
    sync: profile('w:sync', (): void => {}),
    async: profile('w:async', async (): Promise<void> => {
      await turn();
      inner();
    }),
    nested: profile('w:nested', (): void => inner()),
  };
}

/** Work that was done; a callback that is profiled after all would call itself for ever. */
const done = new WeakMap<Work, number>();

async function all(work: Work): Promise<void> {
  const times = (done.get(work) ?? 0) + 1;
  done.set(work, times);
  if (times > 50) return;
  work.sync();
  work.nested();
  await work.async();
}

const lanes: [string, () => Profiler][] = [
  ['counting', () => counting()],
  ['recording', () => recording().profiler],
];

test('a handler or hook whose timer calls something profiled feeds nobody, however synchronous the program is', async () => {
  for (const kind of ['handler', 'hook', 'cleanup']) {
    const profiler = new Profiler().config({ job: 'test', logger: silent, collector: 'local' });
    const ended = deferred();
    let sent = 0;
    const send = profiler.profile('audit:send', () => void sent++);
    let isWaiting = false;
    const later = (): void => {
      if (isWaiting) return;
      isWaiting = true;
      setTimeout(() => {
        isWaiting = false;
        send();
        ended.resolve();
      }, 1);
    };
    if (kind === 'handler') profiler.addHandler({ handlerName: 'batching', handle: later });
    else if (kind === 'hook') profiler.afterRootFunc = later;
    else
      profiler.addMetric(
        new (class extends Counter {
          override cleanup = later;
        })({ name: 'sold', profiler: null }),
      );
    profiler.profile('a:root', () => 1)();
    await ended.promise;
    expect([kind, sent, await counts(profiler)]).toEqual([kind, 1, { 'a:root': 1 }]);
    await profiler.close();
  }
});

describe.each(lanes)('%s: what callbacks call is not profiled', (_lane, make) => {
  test.each(hookNames)('%s, sync', async (name) => {
    const profiler = make();
    const work = workOf(profiler);
    const pending: Promise<void>[] = [];
    profiler[name] = () => void pending.push(all(work));
    const root = profiler.profile('a:root', (): void => {});
    for (let round = 0; round < 3; round++) root();
    await Promise.all(pending);
    expect(pending).toHaveLength(3);
    expect(await counts(profiler)).toEqual({ 'a:root': 3 });
  });

  test.each(hookNames)('%s, async: not after its awaits either', async (name) => {
    for (const kind of ['declared async', 'returns a promise'] as const) {
      const profiler = make();
      const work = workOf(profiler);
      // Frames are in use from the first asynchronous call on; a hook that is not declared async can't be known before.
      await profiler.profile('a:before', async () => undefined)();
      const pending: Promise<void>[] = [];
      const hook = async (): Promise<void> => {
        await turn();
        await all(work);
      };
      const keep = (): void => {
        const promise = hook();
        pending.push(promise);
        return promise as unknown as undefined;
      };
      profiler[name] = kind === 'declared async' ? async () => keep() : keep;
      const root = profiler.profile('a:root', (): void => {});
      const later = profiler.profile('a:later', async (): Promise<void> => {
        await turn();
      });
      for (let round = 0; round < 3; round++) {
        root();
        await later();
      }
      await Promise.all(pending);
      expect(pending).toHaveLength(6);
      expect(await counts(profiler)).toEqual({ 'a:before': 1, 'a:root': 3, 'a:later': 3 });
    }
  });

  test('an async hook of a profiler that has seen no asynchronous call yet', async () => {
    const profiler = make();
    const work = workOf(profiler);
    const finished = deferred();
    profiler.afterFunc = async () => {
      await turn();
      await all(work);
      finished.resolve();
    };
    profiler.profile('a:root', (): void => {})();
    await finished.promise;
    expect(await counts(profiler)).toEqual({ 'a:root': 1 });
  });

  test('a hook that turns out to return a promise, where nothing asynchronous was profiled: from its second call on', async () => {
    const profiler = make();
    const plain = profiler.profile('w:plain', (): void => {});
    const pending: Promise<void>[] = [];
    profiler.afterRootFunc = (): void => {
      const promise = turn().then(plain);
      if (pending.length < 20) pending.push(promise);
      return promise as unknown as undefined;
    };
    const root = profiler.profile('a:root', (): void => {});
    for (let round = 0; round < 3; round++) {
      root();
      while (pending.length > 0) await pending.shift();
    }
    const { 'w:plain': leaked = 0, ...rest } = await counts(profiler);
    expect(rest).toEqual({ 'a:root': 3 });
    expect(leaked).toBeLessThanOrEqual(1);
  });

  test('a collect that turns out to return a promise, likewise', async () => {
    const profiler = make();
    const plain = profiler.profile('w:plain', (): void => {});
    new Gauge({ name: 'depth', profiler, collect: () => turn().then(plain) });
    for (let round = 0; round < 3; round++) await profiler.metrics();
    const { 'w:plain': leaked = 0, ...rest } = await counts(profiler);
    expect(rest).toEqual({});
    expect(leaked).toBeLessThanOrEqual(1);
  });

  test.each(['sizeOf', 'errorIf'] as const)('%s', async (name) => {
    const profiler = make();
    const work = workOf(profiler);
    const pending: Promise<void>[] = [];
    const callback = (): never => {
      pending.push(all(work));
      return 0 as never;
    };
    const root = profiler.profile({ name: 'a:root', [name]: callback }, (): string => 'x');
    const later = profiler.profile({ name: 'a:later', [name]: callback }, async (): Promise<string> => 'x');
    for (let round = 0; round < 3; round++) {
      root();
      await later();
    }
    await Promise.all(pending);
    expect(pending).toHaveLength(6);
    expect(await counts(profiler)).toEqual({ 'a:root': 3, 'a:later': 3 });
  });

  test.each(['sizeOf', 'errorIf'] as const)("%s that throws does not disturb the call's place", async (name) => {
    const profiler = make();
    const failing = profiler.profile(
      {
        name: 'a:failing',
        [name]: () => {
          throw new Error('callback');
        },
      },
      (): string => 'x',
    );
    const child = profiler.profile('a:child', (): void => {});
    const root = profiler.profile('a:root', () => {
      failing();
      child();
    });
    for (let round = 0; round < 2; round++) {
      failing();
      root();
    }
    expect(await counts(profiler)).toEqual({ 'a:failing': 2, 'a:root': 2, 'a:root.failing': 2, 'a:root.child': 2 });
  });

  test.each(['sync', 'async'] as const)("a gauge's %s collect", async (kind) => {
    const profiler = make();
    const work = workOf(profiler);
    const pending: Promise<void>[] = [];
    const collect = (gauge: Gauge): void => {
      gauge.set(3);
      pending.push(all(work));
    };
    new Gauge({
      name: 'depth',
      profiler,
      collect:
        kind === 'sync'
          ? collect
          : async (gauge) => {
              await turn();
              collect(gauge);
            },
    });
    profiler.profile('a:root', (): void => {})();
    expect(await profiler.metrics()).toContain('\ndepth 3\n');
    await Promise.all(pending);
    expect(pending).toHaveLength(1);
    expect(await counts(profiler)).toEqual({ 'a:root': 1 });
  });

  test("a metric's cleanup", async () => {
    const profiler = make();
    const work = workOf(profiler);
    const pending: Promise<void>[] = [];
    class Tidy extends Counter {
      override cleanup(): void {
        pending.push(all(work));
      }
    }
    const tidy = new Tidy({ name: 'tidy', profiler });
    const root = profiler.profile('a:root', () => tidy.inc());
    for (let round = 0; round < 3; round++) root();
    await Promise.all(pending);
    expect(pending).toHaveLength(3);
    expect(await counts(profiler)).toEqual({ 'a:root': 3 });
  });
});

describe('what handlers call is not profiled', () => {
  test('sync', async () => {
    const profiler = new Profiler();
    const work = workOf(profiler);
    const pending: Promise<void>[] = [];
    const kept = new Keeper();
    const handler: Handler = { handlerName: 'busy', handle: () => void pending.push(all(work)) };
    profiler.config({ logger: silent, collector: 'local', handlers: [handler, kept] });
    const root = profiler.profile('a:root', (): void => {});
    for (let round = 0; round < 3; round++) root();
    await Promise.all(pending);
    expect(pending).toHaveLength(3);
    expect(await counts(profiler)).toEqual({ 'a:root': 3 });
    expect(kept.paths()).toEqual(['a:root', 'a:root', 'a:root']);
  });

  test.each([
    [
      'declared async',
      (run: () => Promise<void>): Handler['handle'] =>
        async () =>
          run(),
    ],
    [
      'returns a promise',
      (run: () => Promise<void>): Handler['handle'] =>
        () =>
          run(),
    ],
  ])('async, %s: not after its awaits either', async (kind, make) => {
    const profiler = new Profiler();
    const work = workOf(profiler);
    const kept = new Keeper();
    let handled = 0;
    const handle = make(async () => {
      await turn();
      await all(work);
      handled++;
    });
    profiler.config({ logger: silent, collector: 'local', handlers: [{ handlerName: 'busy', handle }, kept] });
    // A handler that is not declared async shows at its first call that it is.
    if (kind === 'returns a promise') await profiler.profile('a:before', async () => undefined)();
    const root = profiler.profile('a:root', (): void => {});
    for (let round = 0; round < 3; round++) root();
    await profiler.flush();
    expect(handled).toBeGreaterThanOrEqual(3);
    const { 'a:before': _before, ...rest } = await counts(profiler);
    expect(rest).toEqual({ 'a:root': 3 });
    expect(kept.paths().filter((path) => path !== 'a:before')).toEqual(['a:root', 'a:root', 'a:root']);
  });

  test('from the first call of an async handler on, when nothing asynchronous was profiled before', async () => {
    const profiler = new Profiler();
    const work = workOf(profiler);
    profiler.config({
      logger: silent,
      collector: 'local',
      handlers: [
        {
          handlerName: 'busy',
          async handle() {
            await turn();
            await all(work);
          },
        },
      ],
    });
    profiler.profile('a:root', (): void => {})();
    await profiler.flush();
    expect(await counts(profiler)).toEqual({ 'a:root': 1 });
  });

  test('flush and close of a handler', async () => {
    const profiler = new Profiler();
    const work = workOf(profiler);
    let called = 0;
    const run = async (): Promise<void> => {
      called++;
      await turn();
      await all(work);
    };
    profiler.config({
      logger: silent,
      collector: 'local',
      handlers: [{ handlerName: 'busy', handle: () => undefined, flush: run, close: run }],
    });
    profiler.profile('a:root', (): void => {})();
    await profiler.flush();
    profiler.deleteHandler('busy');
    await profiler.flush();
    expect(called).toBe(2);
    expect(await counts(profiler)).toEqual({ 'a:root': 1 });
  });
});

test("the program's own calls around a callback are profiled, before, within and after", async () => {
  const { profiler, kept } = recording();
  const work = workOf(profiler);
  for (const name of hookNames) profiler[name] = () => work.nested();
  const child = profiler.profile('a:child', (): void => {});
  const errorIf = (): boolean => work.sync() !== undefined;
  const sizeOf = (): number => Number(work.sync() === undefined);
  const root = profiler.profile({ name: 'a:root', errorIf, sizeOf }, async () => {
    child();
    await turn();
    child();
  });
  for (let round = 0; round < 2; round++) {
    child();
    await root();
    child();
  }
  const expected = ['a:child', 'a:root.child', 'a:root.child', 'a:root', 'a:child'];
  expect(kept.paths()).toEqual([...expected, ...expected]);
});

test('metrics may be recorded in hooks, and go with their call', async () => {
  const { profiler, kept } = recording();
  const seen = new Counter({ name: 'seen', labelNames: ['hook'], profiler });
  for (const name of hookNames) profiler[name] = () => seen.inc({ hook: name });
  profiler.profile('a:root', (): void => {})();
  const records = kept.deliveries.filter(({ metric }) => metric === 'seen').flatMap(({ records }) => records);
  expect(records.map(({ method, labels }) => [method, labels.hook])).toEqual(hookNames.map((name) => ['a:root', name]));
  expect(hookNames.map((hook) => seen.value({ hook }))).toEqual([1, 1, 1, 1]);
});

test('a handler that records with a metric counts it, and feeds itself no records', async () => {
  const profiler = new Profiler();
  const written = new Counter({ name: 'written', profiler });
  const calls: string[] = [];
  const handler: Handler = {
    handlerName: 'counting',
    handle: (records, metric) => {
      calls.push(metric);
      written.inc(records.length);
    },
  };
  profiler.config({ logger: silent, collector: 'local', handlers: [handler] });
  profiler.profile('a:root', (): void => {})();
  await profiler.flush();
  await profiler.flush();
  expect(calls).toEqual(['time_profiler']);
  expect(written.value()).toBe(1);
});
