import {
  Counter,
  profiler as defaultProfiler,
  Enum,
  Gauge,
  Histogram,
  Info,
  PhanosError,
  Profiler,
  RESPONSE_SIZE,
  Summary,
  TIME_PROFILER,
  TimeProfiler,
} from 'phanos';
import { describe, expect, test } from 'vitest';
import { measured, untyped } from './measured.js';

/** The PhanosError that something throws. */
function conflictOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof PhanosError && error.code === 'METRIC_CONFLICT') return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the same definition twice', () => {
  test('is a second handle on the same series', async () => {
    const { profiler, samples, records, logged } = measured();
    const options = { name: 'sold', units: 'B', labelNames: ['kind'], labels: { shop: 'a' }, profiler } as const;
    const first = new Counter({ help: 'First.', ...options });
    first.inc({ kind: 'a' });
    const second = new Counter({ help: 'Second.', ...options });
    second.inc({ kind: 'a' });
    expect([first.value({ kind: 'a' }), second.value({ kind: 'a' }), second.help]).toEqual([2, 2, 'First.']);
    expect(await samples()).toEqual({ 'sold_bytes_total{kind="a",shop="a"}': 2 });
    expect(await records()).toHaveLength(2);
    expect(profiler.registeredMetrics.size).toBe(1);
    expect(logged).toEqual([]);
  });

  test.each([
    ['gauge', (profiler: Profiler) => new Gauge({ name: 'm', profiler }).inc(), { m: 2 }],
    [
      'histogram',
      (profiler: Profiler) => new Histogram({ name: 'm', buckets: [1], profiler }).observe(1),
      { m_count: 2, 'm_bucket{le="1"}': 2 },
    ],
    ['summary', (profiler: Profiler) => new Summary({ name: 'm', profiler }).observe(1), { m_count: 2, m_sum: 2 }],
    ['info', (profiler: Profiler) => new Info({ name: 'm', profiler }).info({ v: '1' }), { 'm_info{v="1"}': 1 }],
    ['enum', (profiler: Profiler) => new Enum({ name: 'm', states: ['a', 'b'], profiler }).state('b'), { 'm{m="b"}': 1 }],
  ])('%s as well', async (_kind, makeAndUse, expected) => {
    const { profiler, samples } = measured();
    makeAndUse(profiler);
    makeAndUse(profiler);
    expect(await samples()).toMatchObject(expected);
  });

  test('the newer collect of a gauge is the one that is asked', async () => {
    const { profiler, samples } = measured();
    new Gauge({ name: 'level', collect: (gauge) => gauge.set(1), profiler });
    new Gauge({ name: 'level', collect: (gauge) => gauge.set(2), profiler });
    expect(await samples()).toEqual({ level: 2 });
  });
});

test('without an option profiler, metrics belong to the default profiler', async () => {
  const sold = new Counter({ name: 'sold_by_default' });
  try {
    expect(defaultProfiler.getMetric('sold_by_default')).toBe(sold);
    sold.inc();
    expect(await defaultProfiler.metrics()).toContain('sold_by_default_total 1\n');
  } finally {
    defaultProfiler.deleteMetric('sold_by_default');
  }
});

describe('another definition under the same name', () => {
  const base = { name: 'sold', units: 'B', labelNames: ['kind'], labels: { shop: 'a' } } as const;
  test.each([
    ['kind', (profiler: Profiler) => new Gauge({ ...base, profiler }), 'kind (counter, now gauge)'],
    ['units', (profiler: Profiler) => new Counter({ ...base, units: 's', profiler }), 'units (B, now s)'],
    ['labels', (profiler: Profiler) => new Counter({ ...base, labelNames: ['kind', 'town'], profiler }), 'labels (kind; now kind, town)'],
    ['no labels', (profiler: Profiler) => new Counter({ ...base, labelNames: [], profiler }), 'labels (kind; now )'],
    ['constant labels', (profiler: Profiler) => new Counter({ ...base, labels: { shop: 'b' }, profiler }), 'constant labels'],
    ['the call path', (profiler: Profiler) => new Counter({ ...base, method: true, profiler }), 'call path labels'],
    ['job', (profiler: Profiler) => new Counter({ ...base, job: 'other', profiler }), 'job'],
  ])('%s: METRIC_CONFLICT names the difference', async (_what, make, difference) => {
    const { profiler, samples } = measured();
    const sold = new Counter({ ...base, profiler });
    expect(conflictOf(() => make(profiler))).toBe(
      `metric 'sold' exists with other ${difference}; use another name, the same definition, or delete the first one with profiler.deleteMetric('sold')`,
    );
    sold.inc({ kind: 'a' });
    expect(await samples()).toEqual({ 'sold_bytes_total{kind="a",shop="a"}': 1 });
  });

  test('buckets and states are part of it', () => {
    const { profiler } = measured();
    new Histogram({ name: 'size', buckets: [1, 2], profiler });
    new Enum({ name: 'mode', states: ['on', 'off'], profiler });
    expect(conflictOf(() => new Histogram({ name: 'size', buckets: [1, 3], profiler }))).toContain('exists with other buckets;');
    expect(conflictOf(() => new Enum({ name: 'mode', states: ['off', 'on'], profiler }))).toContain('exists with other states;');
  });

  test('the default metrics are not there to be defined again', () => {
    const { profiler } = measured({ timeProfile: true, responseSizeProfile: true });
    expect(conflictOf(() => new TimeProfiler({ name: TIME_PROFILER, profiler }))).toContain("metric 'time_profiler' exists with other");
    expect(conflictOf(() => new Gauge({ name: RESPONSE_SIZE, profiler }))).toContain("metric 'response_size' exists with other kind");
  });
});

describe('names that meet on /metrics', () => {
  test.each([
    [
      'a counter foo and a gauge foo_total',
      'foo',
      (p: Profiler) => new Counter({ name: 'foo_total', profiler: p }),
      (p: Profiler) => new Gauge({ name: 'foo', profiler: p }),
    ],
    [
      'two counters',
      'foo',
      (p: Profiler) => new Counter({ name: 'foo', profiler: p }),
      (p: Profiler) => new Counter({ name: 'foo_total', profiler: p }),
    ],
    [
      'by units',
      'foo_seconds',
      (p: Profiler) => new Gauge({ name: 'foo', units: 'mS', profiler: p }),
      (p: Profiler) => new Gauge({ name: 'foo_seconds', profiler: p }),
    ],
    [
      'an info and an enum',
      'foo',
      (p: Profiler) => new Info({ name: 'foo_info', profiler: p }),
      (p: Profiler) => new Enum({ name: 'foo', states: ['a'], profiler: p }),
    ],
    [
      'histograms',
      'foo_bytes',
      (p: Profiler) => new Histogram({ name: 'foo', units: 'B', profiler: p }),
      (p: Profiler) => new Summary({ name: 'foo_bytes', profiler: p }),
    ],
  ])('%s: METRIC_CONFLICT names both', async (_what, family, make, clash) => {
    const { profiler, lines } = measured();
    const first = make(profiler);
    const message = conflictOf(() => clash(profiler));
    expect(message).toMatch(
      new RegExp(`^metric '\\w+' would be exposed as ${family}, just as metric '${first.name}' is; choose another name$`),
    );
    expect([...profiler.registeredMetrics.keys()]).toEqual([first.name]);
    await lines();
    profiler.deleteMetric(first.name);
    expect(clash(profiler).name).not.toBe(first.name);
  });

  test('the exposed names of the default metrics belong to phanos, whether it measures or not', () => {
    const { profiler } = measured();
    for (const name of ['phanos_time_profiler', 'phanos_response_size'] as const) {
      const units = name === 'phanos_time_profiler' ? 's' : 'B';
      const message = conflictOf(() => new Histogram({ name, units, profiler }));
      expect(message).toMatch(
        /^metric 'phanos_\w+' would be exposed as phanos_\w+, just as a metric of phanos itself is; choose another name$/,
      );
    }
  });

  test('names that only look alike are two metrics', async () => {
    const { profiler, samples } = measured();
    new Gauge({ name: 'foo', profiler });
    new Gauge({ name: 'foo_bar', profiler });
    new Counter({ name: 'fo', profiler });
    expect(await samples()).toEqual({ foo: 0, foo_bar: 0, fo_total: 0 });
  });
});

describe('addMetric', () => {
  test('registers a metric that belongs nowhere yet; until then it records nothing', async () => {
    const { profiler, samples, records } = measured();
    const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler: null });
    const handle = sold.labels({ kind: 'a' });
    sold.inc({ kind: 'a' });
    handle.inc();
    sold.inc(untyped({ wrong: 1 }));
    expect([sold.value({ kind: 'a' }), profiler.getMetric('sold')]).toEqual([0, undefined]);
    profiler.addMetric(sold);
    expect(profiler.getMetric('sold')).toBe(sold);
    handle.inc();
    sold.inc({ kind: 'b' });
    expect(await samples()).toEqual({ 'sold_total{kind="a"}': 1, 'sold_total{kind="b"}': 1 });
    expect(await records()).toHaveLength(2);
  });

  test('replaces one of the same name, with a warning: its series go, and it records nothing any more', async () => {
    const { profiler, samples, records, logged } = measured();
    const first = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
    const held = first.labels({ kind: 'a' });
    held.inc(5);
    await samples();
    const second = new Counter({ name: 'sold', labelNames: ['kind'], profiler: null });
    profiler.addMetric(second);
    expect(logged.map(({ level, fields, message }) => [level, fields, message])).toEqual([
      ['warn', { metric: 'sold' }, "metric 'sold' existed and was replaced"],
    ]);
    await records();
    held.inc();
    first.inc({ kind: 'a' });
    second.inc({ kind: 'b' });
    expect(await samples()).toEqual({ 'sold_total{kind="b"}': 1 });
    expect(await records()).toHaveLength(1);
    profiler.addMetric(second);
    expect(logged).toHaveLength(1);
  });

  test('replaces by another kind', async () => {
    const { profiler, samples } = measured();
    new Counter({ name: 'sold', profiler }).inc(5);
    await samples();
    const gauge = new Gauge({ name: 'sold', profiler: null });
    profiler.addMetric(gauge);
    gauge.set(7);
    expect(await samples()).toEqual({ sold: 7 });
  });

  test('replaces by other buckets', async () => {
    const { profiler, samples } = measured();
    new Histogram({ name: 'size', buckets: [1], profiler }).observe(1);
    await samples();
    const finer = new Histogram({ name: 'size', buckets: [0.5, 1], profiler: null });
    profiler.addMetric(finer);
    finer.observe(0.1);
    expect(await samples()).toEqual({
      'size_bucket{le="0.5"}': 1,
      'size_bucket{le="1"}': 1,
      'size_bucket{le="+Inf"}': 1,
      size_sum: 0.1,
      size_count: 1,
    });
  });

  test('refuses what is no metric, and a metric of another profiler', () => {
    const one = measured().profiler;
    const two = new Profiler();
    expect(() => one.addMetric(untyped({ name: 'sold' }))).toThrow(TypeError);
    const sold = new Counter({ name: 'sold', profiler: one });
    expect(conflictOf(() => two.addMetric(untyped(sold)))).toBe(
      "metric 'sold' belongs to another profiler; call its deleteMetric('sold') first, or make a second metric",
    );
    one.deleteMetric('sold');
    two.addMetric(untyped(sold));
    expect(two.getMetric('sold')).toBe(sold);
  });

  test('two profilers have their own metrics of one name', async () => {
    const one = measured();
    const two = measured();
    new Counter({ name: 'sold', profiler: one.profiler }).inc(1);
    new Gauge({ name: 'sold', profiler: two.profiler }).set(2);
    expect([await one.samples(), await two.samples()]).toEqual([{ sold_total: 1 }, { sold: 2 }]);
  });
});

describe('deleteMetric', () => {
  test('takes a metric off /metrics; used later it records nothing and throws nothing', async () => {
    const { profiler, samples, lines, records, troubles } = measured();
    const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
    const plain = new Counter({ name: 'plain', profiler });
    const size = new Histogram({ name: 'size', buckets: [1], profiler });
    const held = sold.labels({ kind: 'a' });
    held.inc();
    plain.inc();
    await samples();
    await records();
    for (const name of ['sold', 'plain', 'size']) profiler.deleteMetric(name);
    held.inc();
    sold.inc({ kind: 'a' });
    sold.inc(untyped({ wrong: [] }));
    plain.inc(untyped('x'));
    size.observe(1);
    sold.labels({ kind: 'b' }).inc();
    sold.storeOperation({ operation: 'inc', value: 1, labelValues: { kind: 'a' } });
    expect(await lines()).toEqual([]);
    expect(await records()).toEqual([]);
    expect([sold.value({ kind: 'a' }), plain.value(), sold.remove({ kind: 'a' })]).toEqual([0, 0, false]);
    expect(troubles('labels')).toEqual({});
    expect(profiler.registeredMetrics.size).toBe(0);
  });

  test('a metric that is added again begins anew, handles from before included', async () => {
    const { profiler, samples } = measured();
    const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
    const plain = new Gauge({ name: 'plain', profiler });
    const held = sold.labels({ kind: 'a' });
    held.inc(5);
    plain.set(5);
    await samples();
    profiler.deleteMetrics();
    await samples();
    profiler.addMetric(sold);
    profiler.addMetric(plain);
    expect(await samples()).toEqual({ plain: 0 });
    held.inc();
    expect(await samples()).toEqual({ 'sold_total{kind="a"}': 1, plain: 0 });
  });

  test('its name is free for another definition, before and after a scrape', async () => {
    const { profiler, samples } = measured();
    new Counter({ name: 'sold', profiler }).inc();
    profiler.deleteMetric('sold');
    const labelled = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
    labelled.inc({ kind: 'a' });
    expect(await samples()).toEqual({ 'sold_total{kind="a"}': 1 });
    profiler.deleteMetric('sold');
    const gauge = new Gauge({ name: 'sold', profiler });
    gauge.set(3);
    expect(await samples()).toEqual({ sold: 3 });
  });

  test('an unknown name is only warned about', () => {
    const { profiler, logged } = measured();
    profiler.deleteMetric('nope');
    profiler.deleteMetric('nope');
    expect(logged.map(({ level, message }) => [level, message])).toEqual([['warn', "there is no metric 'nope' to delete"]]);
  });

  test('the default metrics go by their names, or all at once', async () => {
    const { profiler, samples, records } = measured({ timeProfile: true, responseSizeProfile: true });
    const fn = profiler.profile('shop:fn', () => 'four');
    fn();
    await records();
    profiler.deleteMetric(TIME_PROFILER);
    fn();
    expect((await records()).map(([metric]) => metric)).toEqual([RESPONSE_SIZE]);
    expect(Object.keys(await samples()).filter((name) => name.includes('_count'))).toEqual([
      'phanos_response_size_bytes_count{method="shop:fn",function="shop.fn",error_raised="false"}',
    ]);
    profiler.deleteMetric(RESPONSE_SIZE);
    fn();
    expect(await records()).toEqual([]);
    expect(await samples()).toEqual({});
  });

  test('deleteMetrics spares the default ones unless told otherwise', () => {
    const { profiler } = measured({ timeProfile: true, responseSizeProfile: true });
    const names = () => [...profiler.registeredMetrics.keys()];
    new Counter({ name: 'sold', profiler });
    profiler.deleteMetrics();
    expect(names()).toEqual([RESPONSE_SIZE, TIME_PROFILER]);
    profiler.deleteMetrics(true);
    expect(names()).toEqual([RESPONSE_SIZE]);
    profiler.deleteMetrics(false, true);
    expect(names()).toEqual([]);
  });

  test("a user's own metric of a default one's name measures what the user says, and calls go on", async () => {
    const { profiler, samples } = measured({ timeProfile: true, responseSizeProfile: true });
    profiler.deleteMetrics(true, true);
    const own = new Gauge({ name: TIME_PROFILER, labelNames: ['step'], profiler });
    const fn = profiler.profile('shop:fn', () => own.set(1, { step: 'a' }));
    fn();
    expect(await samples()).toEqual({ 'time_profiler{step="a"}': 1 });
  });
});

describe('a metric that moves to another profiler', () => {
  test('leaves the first one with its series, and begins anew in the second, whoever is looked at first', async () => {
    for (const secondFirst of [false, true]) {
      const [one, two] = [measured(), measured()];
      const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler: one.profiler });
      const books = sold.labels({ kind: 'book' });
      books.inc(2);
      sold.inc({ kind: 'pen' });
      expect(Object.keys(await one.samples())).toHaveLength(2);
      books.inc();
      one.profiler.deleteMetric('sold');
      two.profiler.addMetric(sold);
      books.inc(4);
      const looks = secondFirst ? [two, one] : [one, two];
      const seen = new Map<object, object>();
      for (const look of looks) seen.set(look, await look.samples());
      expect([seen.get(one), seen.get(two)]).toEqual([{}, { 'sold_total{kind="book"}': 4 }]);
      books.inc();
      expect([await one.samples(), await two.samples()]).toEqual([{}, { 'sold_total{kind="book"}': 5 }]);
    }
  });

  test('also without labels, and back again', async () => {
    const [one, two] = [measured(), measured()];
    const level = new Gauge({ name: 'level', profiler: one.profiler });
    level.set(1);
    expect(await one.samples()).toEqual({ level: 1 });
    one.profiler.deleteMetric('level');
    two.profiler.addMetric(level);
    level.set(2);
    expect([await two.samples(), await one.samples()]).toEqual([{ level: 2 }, {}]);
    two.profiler.deleteMetric('level');
    one.profiler.addMetric(level);
    level.set(3);
    expect([await two.samples(), await one.samples()]).toEqual([{}, { level: 3 }]);
  });
});
