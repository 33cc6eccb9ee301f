import { Counter, Enum, Gauge, Histogram, Info, Summary } from 'phanos';
import { describe, expect, test } from 'vitest';
import { measured, samplesOf, troublesOf, untyped } from './measured.js';

describe('series of a metric', () => {
  test('beyond the limit known series go on, and new label sets count together', async () => {
    const { profiler, samples, records, troubles } = measured({ limits: { seriesPerMetric: 2 } });
    const sold = new Counter({ name: 'sold', labelNames: ['kind'], labels: { shop: 'a' }, profiler });
    for (const kind of ['a', 'b', 'c', 'd', 'c', 'a']) sold.inc({ kind });
    sold.labels({ kind: 'e' }).inc(10);
    expect(await samples()).toEqual({
      'sold_total{kind="a",shop="a"}': 2,
      'sold_total{kind="b",shop="a"}': 1,
      'sold_total{phanos_overflow="true"}': 13,
    });
    sold.inc({ kind: 'b' });
    sold.inc({ kind: 'f' });
    expect(await samples()).toMatchObject({ 'sold_total{kind="b",shop="a"}': 2, 'sold_total{phanos_overflow="true"}': 14 });
    expect(troubles('series_limit')).toEqual({ sold: 6 });
    expect((await records()).map(([, , , labels]) => labels.kind)).toEqual('abcdcaebf'.split(''));
  });

  test('histograms and summaries fold as well, so totals stay right', async () => {
    const { profiler, samples } = measured({ limits: { seriesPerMetric: 1 } });
    const size = new Histogram({ name: 'size', buckets: [1], labelNames: ['kind'], profiler });
    const wait = new Summary({ name: 'wait', labelNames: ['kind'], profiler });
    for (const [i, kind] of ['a', 'b', 'c', 'a'].entries()) {
      size.observe({ kind }, i);
      wait.observe({ kind }, i);
    }
    expect(await samples()).toEqual({
      'size_bucket{kind="a",le="1"}': 1,
      'size_bucket{kind="a",le="+Inf"}': 2,
      'size_sum{kind="a"}': 3,
      'size_count{kind="a"}': 2,
      'size_bucket{phanos_overflow="true",le="1"}': 1,
      'size_bucket{phanos_overflow="true",le="+Inf"}': 2,
      'size_sum{phanos_overflow="true"}': 3,
      'size_count{phanos_overflow="true"}': 2,
      'wait_sum{kind="a"}': 3,
      'wait_count{kind="a"}': 2,
      'wait_sum{phanos_overflow="true"}': 3,
      'wait_count{phanos_overflow="true"}': 2,
    });
  });

  test('gauges, infos and enums refuse new label sets', async () => {
    const { profiler, samples, records, troubles } = measured({ limits: { seriesPerMetric: 1 } });
    const level = new Gauge({ name: 'level', labelNames: ['kind'], profiler });
    const mode = new Enum({ name: 'mode', states: ['on', 'off'], labelNames: ['kind'], profiler });
    const build = new Info({ name: 'build', labelNames: ['kind'], profiler });
    for (const kind of ['a', 'b', 'a']) {
      level.inc({ kind });
      mode.state('off', { kind });
      build.info({ v: kind }, { kind });
    }
    level.labels({ kind: 'c' }).set(5);
    mode.labels({ kind: 'c' }).state('off');
    build.labels({ kind: 'c' }).info({});
    expect(await samples()).toEqual({
      'level{kind="a"}': 2,
      'mode{kind="a",mode="on"}': 0,
      'mode{kind="a",mode="off"}': 1,
      'build_info{kind="a",v="a"}': 1,
    });
    expect(troubles('series_limit')).toEqual({ level: 2, mode: 2, build: 2 });
    expect(await records()).toHaveLength(6);
  });

  test('a removed series makes room', async () => {
    const { profiler, samples } = measured({ limits: { seriesPerMetric: 1 } });
    const level = new Gauge({ name: 'level', labelNames: ['kind'], profiler });
    const held = level.labels({ kind: 'a' });
    held.set(1);
    level.remove({ kind: 'a' });
    level.set({ kind: 'b' }, 2);
    held.set(3);
    expect(await samples()).toEqual({ 'level{kind="b"}': 2 });
    level.remove({ kind: 'b' });
    held.set(4);
    expect(await samples()).toEqual({ 'level{kind="a"}': 4 });
  });

  test('reset takes the overflow away too', async () => {
    const { profiler, samples } = measured({ limits: { seriesPerMetric: 1 } });
    const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
    sold.inc({ kind: 'a' });
    sold.inc({ kind: 'b' });
    const overflowing = sold.labels({ kind: 'c' });
    await samples();
    sold.reset();
    expect(await samples()).toEqual({});
    sold.inc({ kind: 'b' });
    overflowing.inc();
    expect(await samples()).toEqual({ 'sold_total{kind="b"}': 1, 'sold_total{phanos_overflow="true"}': 1 });
  });

  test('a limit that is raised later holds at once, for the collector too', async () => {
    const { profiler, samples } = measured({ limits: { seriesPerMetric: 2 } });
    const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
    for (const kind of ['a', 'b', 'c']) sold.inc({ kind });
    await samples();
    profiler.config({ limits: { seriesPerMetric: 4 }, timeProfile: false, responseSizeProfile: false, logger: silent });
    for (const kind of ['c', 'd', 'e']) sold.inc({ kind });
    expect(await samples()).toEqual({
      'sold_total{kind="a"}': 1,
      'sold_total{kind="b"}': 1,
      'sold_total{kind="c"}': 1,
      'sold_total{kind="d"}': 1,
      'sold_total{phanos_overflow="true"}': 2,
    });
  });

  test('is told once a minute and metric, with the number of times', async () => {
    const { profiler, logged, pass } = measured({ limits: { seriesPerMetric: 1 } });
    const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
    const level = new Gauge({ name: 'level', labelNames: ['kind'], profiler });
    const use = (): void => {
      for (const kind of ['a', 'b', 'c']) {
        sold.inc({ kind });
        level.set({ kind }, 1);
      }
    };
    use();
    use();
    expect(logged.map(({ level: severity, fields, message }) => [severity, fields, message])).toEqual([
      [
        'warn',
        { metric: 'sold', limit: 1 },
        'metric \'sold\' has reached its limit of series; new label sets count as {phanos_overflow="true"}. Use labels with fewer values, or raise limits.seriesPerMetric',
      ],
      [
        'warn',
        { metric: 'level', limit: 1 },
        "metric 'level' has reached its limit of series; new label sets are refused. Use labels with fewer values, or raise limits.seriesPerMetric",
      ],
    ]);
    pass(59_999);
    use();
    expect(logged).toHaveLength(2);
    pass(1);
    use();
    expect(logged.slice(2).map(({ fields }) => fields)).toEqual([
      { metric: 'sold', limit: 1, suppressed: 5 },
      { metric: 'level', limit: 1, suppressed: 5 },
    ]);
    expect(logged[2]?.message).toMatch(/ \(5 more like this since the last report\)$/);
  });

  test('are 10 000 unless told otherwise', async () => {
    const { profiler } = measured({ withoutHandler: true });
    const sold = new Counter({ name: 'sold', labelNames: ['id'], profiler });
    for (let id = 0; id < 10_002; id++) sold.inc({ id });
    const samples = await samplesOf(profiler);
    expect(Object.keys(samples)).toHaveLength(10_001);
    expect(samples['sold_total{phanos_overflow="true"}']).toBe(2);
    expect(troublesOf(profiler, 'series_limit')).toEqual({ sold: 2 });
  });

  test('of the default metrics fold too', async () => {
    const { profiler, samples } = measured({ timeProfile: true, limits: { seriesPerMetric: 2 } });
    for (const name of ['a', 'b', 'c', 'd']) profiler.profile(`shop:${name}`, () => 1)();
    expect(Object.entries(await samples()).filter(([name]) => name.includes('_count'))).toEqual([
      ['phanos_time_profiler_seconds_count{method="shop:a",function="shop.a",error_raised="false"}', 1],
      ['phanos_time_profiler_seconds_count{method="shop:b",function="shop.b",error_raised="false"}', 1],
      ['phanos_time_profiler_seconds_count{phanos_overflow="true"}', 2],
    ]);
  });
});

describe('the length of label values', () => {
  test('is 256 characters; longer ones count together, so that totals stay right, and make no record', async () => {
    const { profiler, samples, records, troubles, logged } = measured();
    const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
    const longest = 'x'.repeat(256);
    sold.inc({ kind: longest });
    sold.inc({ kind: `${longest}x` });
    sold.labels({ kind: 'x'.repeat(100_000) }).inc(5);
    expect(sold.value({ kind: `${longest}x` })).toBe(0);
    expect(sold.remove({ kind: `${longest}x` })).toBe(false);
    expect(await samples()).toEqual({ [`sold_total{kind="${longest}"}`]: 1, 'sold_total{phanos_overflow="true"}': 6 });
    expect(await records()).toHaveLength(1);
    expect(troubles('label_too_long')).toEqual({ sold: 3 });
    expect(logged.map(({ message }) => message)).toEqual([
      "counter 'sold': the value of label 'kind' has 257 characters, 256 are allowed; it counts as {phanos_overflow=\"true\"}, without a record",
    ]);
  });

  test('gauges, infos and enums refuse longer ones; so does a handler that listens alone', async () => {
    const long = 'x'.repeat(257);
    const { profiler, samples, records, troubles } = measured();
    const level = new Gauge({ name: 'level', labelNames: ['kind'], profiler });
    const mode = new Enum({ name: 'mode', states: ['on'], labelNames: ['kind'], profiler });
    const build = new Info({ name: 'build', labelNames: ['kind'], profiler });
    level.set(1, { kind: long });
    level.labels({ kind: long }).set(1);
    mode.state('on', { kind: long });
    build.info({ v: '1' }, { kind: long });
    expect([await samples(), await records(), troubles('label_too_long')]).toEqual([{}, [], { level: 2, mode: 1, build: 1 }]);

    const recording = measured({ collector: 'off' });
    const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler: recording.profiler });
    sold.inc({ kind: long });
    expect([await recording.records(), recording.troubles('label_too_long')]).toEqual([[], { sold: 1 }]);
    expect(recording.logged.map(({ message }) => message)).toEqual([
      "counter 'sold': the value of label 'kind' has 257 characters, 256 are allowed; nothing was recorded",
    ]);
  });

  test('can be set, and holds for facts of an info; the collector goes along', async () => {
    const { profiler, samples, troubles } = measured({ limits: { labelValueLength: 300 } });
    const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
    const build = new Info({ name: 'build', profiler });
    const long = 'x'.repeat(300);
    sold.inc({ kind: long });
    sold.inc({ kind: `${long}x` });
    build.info({ v: long });
    build.info({ v: `${long}x` });
    expect(await samples()).toEqual({
      [`sold_total{kind="${long}"}`]: 1,
      'sold_total{phanos_overflow="true"}': 1,
      [`build_info{v="${long}"}`]: 1,
    });
    expect([troubles('label_too_long'), troubles('value')]).toEqual([{ sold: 1 }, { build: 1 }]);
  });
});

test('constant labels and states are no longer than other label values, whoever registers the metric', () => {
  const { profiler } = measured({ limits: { labelValueLength: 10 } });
  const message = (culprit: string) =>
    `metric 'm': ${culprit} has 11 characters, 10 are allowed; shorten it, or raise limits.labelValueLength before`;
  const long = 'x'.repeat(11);
  expect(() => new Counter({ name: 'm', labels: { zone: long }, profiler })).toThrow(message("label 'zone'"));
  expect(() => new Enum({ name: 'm', states: ['a', long], profiler })).toThrow(message('a state'));
  expect(() => profiler.addMetric(new Counter({ name: 'm', labels: { zone: long }, profiler: null }))).toThrow(RangeError);
  expect(profiler.registeredMetrics.size).toBe(0);
  new Counter({ name: 'm', labels: { zone: long.slice(1) }, profiler }).inc();
  expect(profiler.getMetric('m')).toBeDefined();
});

test('refusals are told once a minute and cause, however they differ', () => {
  const { profiler, logged, troubles, pass } = measured();
  const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
  for (let i = 0; i < 1000; i++) {
    sold.inc({ kind: 'a' }, -i - 1);
    sold.inc(untyped({ [`wrong${i}`]: 1 }));
  }
  expect(logged.map(({ fields }) => fields)).toEqual([
    { metric: 'sold', reason: 'value' },
    { metric: 'sold', reason: 'labels' },
  ]);
  expect([troubles('value'), troubles('labels')]).toEqual([{ sold: 1000 }, { sold: 1000 }]);
  pass(60_000);
  sold.inc({ kind: 'a' }, -1);
  expect(logged[2]).toMatchObject({ fields: { metric: 'sold', reason: 'value', suppressed: 999 } });
});

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
