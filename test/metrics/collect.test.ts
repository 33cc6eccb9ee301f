import { Gauge } from 'phanos';
import { expect, test, vi } from 'vitest';
import { measured, samplesOf, untyped } from './measured.js';

test('a gauge is asked at each scrape and flush', async () => {
  const { profiler, samples } = measured();
  let asked = 0;
  const level = new Gauge({ name: 'level', collect: (gauge) => gauge.set(++asked), profiler });
  expect(level.value()).toBe(0);
  expect(await samples()).toEqual({ level: 1 });
  expect(await samples()).toEqual({ level: 2 });
  await profiler.flush();
  expect([asked, level.value()]).toEqual([3, 3]);
});

test('it may set many series, remove old ones, and be asynchronous', async () => {
  const { profiler, samples } = measured();
  let tanks = ['a', 'b'];
  new Gauge({
    name: 'level',
    labelNames: ['tank'],
    async collect(gauge) {
      await new Promise((resolve) => setImmediate(resolve));
      gauge.reset();
      for (const [i, tank] of tanks.entries()) gauge.set({ tank }, i + 1);
    },
    profiler,
  });
  expect(await samples()).toEqual({ 'level{tank="a"}': 1, 'level{tank="b"}': 2 });
  tanks = ['c'];
  expect(await samples()).toEqual({ 'level{tank="c"}': 1 });
});

test('one that never answers holds nothing up: others are there', { timeout: 5000 }, async () => {
  const { profiler, samples } = measured();
  new Gauge({ name: 'stuck', collect: () => new Promise<void>(() => {}), profiler }).set(7);
  new Gauge({
    name: 'slow',
    async collect(gauge) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      gauge.set(2);
    },
    profiler,
  });
  new Gauge({ name: 'quick', collect: (gauge) => gauge.set(3), profiler });
  expect(await samples()).toEqual({ stuck: 7, slow: 2, quick: 3 });
});

test('it is waited for 100 ms and no longer; what it sets later shows at the next scrape', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { profiler } = measured({ withoutHandler: true });
    let finish!: () => void;
    new Gauge({
      name: 'level',
      async collect(gauge) {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        gauge.set(5);
      },
      profiler,
    });
    // Loads the collector, so that the timers below are those of the gauges.
    const first = samplesOf(profiler);
    await untilTimersRun();
    vi.advanceTimersByTime(100);
    expect(await first).toEqual({ level: 0 });
    let isDone = false;
    const second = samplesOf(profiler).finally(() => {
      isDone = true;
    });
    await untilTimersRun();
    vi.advanceTimersByTime(99);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isDone).toBe(false);
    finish();
    expect(await second).toEqual({ level: 5 });
  } finally {
    vi.useRealTimers();
  }
});

/** Waits for a faked timer to be set; `vi.waitUntil` would let the fake time pass meanwhile. */
async function untilTimersRun(): Promise<void> {
  const deadline = performance.now() + 5000;
  while (vi.getTimerCount() === 0) {
    if (performance.now() > deadline) throw new Error('no timer was set');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test.each([
  [
    'throws',
    () => {
      throw new Error('no level');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no level'))],
  [
    'rejects later',
    async () => {
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error('no level');
    },
  ],
])('one that %s is isolated, counted and told once', async (_what, collect) => {
  const { profiler, samples, troubles, logged } = measured();
  new Gauge({ name: 'level', collect, profiler }).set(1);
  new Gauge({ name: 'other', collect: (gauge) => gauge.set(2), profiler });
  expect(await samples()).toEqual({ level: 1, other: 2 });
  expect(await samples()).toEqual({ level: 1, other: 2 });
  expect(troubles('collect_error')).toEqual({ level: 2 });
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatchObject({ level: 'error', fields: { metric: 'level', err: new Error('no level') } });
  expect(logged[0]?.message).toBe("collect of gauge 'level' threw Error: no level; the gauge shows what was set before");
});

test.each([
  [
    'at once',
    (inner: () => void) => (gauge: Gauge) => {
      inner();
      gauge.set(1);
    },
  ],
  [
    'later',
    (inner: () => void) => async (gauge: Gauge) => {
      await new Promise((resolve) => setImmediate(resolve));
      inner();
      gauge.set(1);
    },
  ],
])('what it calls %s is not profiled, and makes no records', async (_when, collectOf) => {
  const { profiler, samples, records } = measured({ timeProfile: true });
  const inner = profiler.profile('shop:inner', () => 1);
  new Gauge({ name: 'level', collect: collectOf(() => void inner()), profiler });
  expect(await samples()).toEqual({ level: 1 });
  expect(await samples()).toEqual({ level: 1 });
  expect(await records()).toEqual([]);
});

test('a deleted gauge is not asked any more', async () => {
  const { profiler, samples } = measured();
  let asked = 0;
  new Gauge({ name: 'level', collect: () => void asked++, profiler });
  await samples();
  profiler.deleteMetric('level');
  await samples();
  expect(asked).toBe(1);
});

test('what collect returns does not matter', async () => {
  const { profiler, samples, troubles } = measured();
  // biome-ignore lint/suspicious/noThenProperty: a thenable of a library, which would start its work when asked
  const thenable = { then: () => expect.unreachable('nobody asked for it') };
  const collect = (gauge: Gauge) => {
    gauge.set(1);
    return thenable;
  };
  new Gauge({ name: 'level', collect: untyped(collect), profiler });
  expect(await samples()).toEqual({ level: 1 });
  expect(troubles('collect_error')).toEqual({});
});

test('one that hangs is not asked again before it has answered; it is told, and asked again then', async () => {
  const { profiler, samples, logged, troubles } = measured();
  let asked = 0;
  let answer = (): void => undefined;
  const stuck = new Gauge({
    name: 'stuck',
    collect: () => {
      asked++;
      return new Promise<void>((resolve) => {
        answer = resolve;
      });
    },
    profiler,
  });
  await Promise.all([samples(), samples()]);
  await samples();
  expect([asked, troubles('collect_late')]).toEqual([1, { stuck: expect.any(Number) }]);
  expect(logged.map(({ message }) => message)).toEqual([
    "collect of gauge 'stuck' has not answered since it was last asked; it is asked again once it has, and the gauge shows what was set before",
  ]);
  stuck.set(5);
  answer();
  expect([await samples(), asked]).toEqual([{ stuck: 5 }, 2]);
  answer();
});
