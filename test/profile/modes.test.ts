import { describe, expect, test } from 'vitest';
import { Counter, Profiler } from '../../src/client.js';
import { counting, counts, Keeper, recording, silent, turn } from './watched.js';

describe('where nobody listens, calls just go through', () => {
  const idle: [string, () => Profiler][] = [
    ['not configured', () => new Profiler()],
    ["collector 'off' without handlers", () => new Profiler().config({ collector: 'off', logger: silent })],
    [
      "collector 'off' and handleRecords off",
      () => new Profiler().config({ collector: 'off', logger: silent, handlers: [new Keeper()], handleRecords: false }),
    ],
    ['without any metric', () => counting({ timeProfile: false, responseSizeProfile: false })],
    [
      'all metrics deleted',
      () => {
        const { profiler } = recording();
        profiler.deleteMetrics(true, true);
        return profiler;
      },
    ],
    [
      'closed',
      () => {
        const profiler = counting();
        void profiler.close();
        return profiler;
      },
    ],
  ];

  test.each(idle)('%s', async (_mode, make) => {
    const profiler = make();
    await turn();
    let hooks = 0;
    profiler.beforeFunc = () => void hooks++;
    profiler.afterRootFunc = () => void hooks++;
    const promise = Promise.resolve(1);
    const error = new Error('mine');
    const { profile } = profiler;
    const contexts: string[] = [];
    expect(profile('m:promise', () => promise)()).toBe(promise);
    expect(profile('m:f', () => contexts.push(profiler.currentNode.context))()).toBe(1);
    expect(
      profile('m:throws', () => {
        throw error;
      }),
    ).toThrow(error);
    const items = profile('m:items', function* () {
      yield 1;
    })();
    expect(Object.getOwnPropertyNames(items)).toEqual([]);
    expect([...items]).toEqual([1]);
    expect(contexts).toEqual(['']);
    expect(hooks).toBe(0);
  });

  test('PHANOS_DISABLED=1 turns a profiler off whatever is configured', async () => {
    process.env.PHANOS_DISABLED = '1';
    try {
      const { profiler, kept } = recording();
      const promise = Promise.resolve(1);
      expect(profiler.profile('m:promise', () => promise)()).toBe(promise);
      await turn();
      expect(kept.deliveries).toEqual([]);
    } finally {
      delete process.env.PHANOS_DISABLED;
    }
  });
});

describe('each lane needs only its own listener', () => {
  test("collector 'off' with a handler: records, no series", async () => {
    const { profiler, kept } = recording({ collector: 'off' });
    profiler.profile('m:f', () => 1)();
    await profiler.profile('m:g', async () => 1)();
    expect(kept.paths()).toEqual(['m:f', 'm:g']);
    await expect(profiler.metrics()).rejects.toMatchObject({ code: 'COLLECTOR_UNAVAILABLE' });
  });

  test('handleRecords off: series, no records', async () => {
    const { profiler, kept } = recording({ handleRecords: false });
    profiler.profile('m:f', () => 1)();
    await profiler.profile('m:g', async () => 1)();
    expect(kept.deliveries).toEqual([]);
    expect(await counts(profiler)).toEqual({ 'm:f': 1, 'm:g': 1 });
  });

  test('timeProfile off: response sizes and custom metrics alone', async () => {
    const { profiler, kept } = recording({ timeProfile: false });
    const sold = new Counter({ name: 'sold', profiler });
    profiler.profile('m:f', () => {
      sold.inc();
      return 'four';
    })();
    expect(kept.deliveries.map(({ metric, records }) => [metric, records[0]?.method, records[0]?.value])).toEqual([
      ['response_size', 'm:f', ['observe', 4]],
      ['sold', 'm:f', ['inc', 1]],
    ]);
  });
});

describe('clear() while calls run', () => {
  test('forgets the records that wait, and no call', async () => {
    const { profiler, kept } = recording();
    const leaf = profiler.profile('m:leaf', () => 1);
    const root = profiler.profile('m:root', () => {
      leaf();
      profiler.clear();
      leaf();
    });
    root();
    expect(kept.paths()).toEqual(['m:root.leaf', 'm:root']);
    root();
    expect(kept.paths()).toEqual(['m:root.leaf', 'm:root']);
    expect(await counts(profiler)).toEqual({ 'm:root': 2, 'm:root.leaf': 4 });
  });
});

test('records of many calls below one root are handed over before it ends, 100 at a time', async () => {
  const { profiler, kept } = recording({ responseSizeProfile: false });
  const leaf = profiler.profile('m:leaf', () => 1);
  profiler.profile('m:root', () => {
    for (let at = 0; at < 250; at++) leaf();
  })();
  expect(kept.times().map((paths) => paths.length)).toEqual([100, 100, 51]);
  const { profiler: small, kept: few } = recording({ recordLimit: 3 });
  const work = small.profile('m:work', async () => turn());
  await small.profile('m:root', async () => void (await Promise.all([work(), work(), work(), work()])))();
  expect(few.times().map((paths) => paths.length)).toEqual([3, 2]);
});
