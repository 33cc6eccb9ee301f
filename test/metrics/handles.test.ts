import { Counter, Enum, Gauge, Histogram, Info, Summary } from 'phanos';
import { expect, test } from 'vitest';
import { measured } from './measured.js';

/** Labels that count each time somebody looks at them. */
function watched(kind: string): { labels: { kind: string }; looks(): number } {
  let looks = 0;
  const look =
    <A extends unknown[], R>(task: (...args: A) => R) =>
    (...args: A): R => {
      looks++;
      return task(...args);
    };
  const labels = new Proxy<{ kind: string }>(
    { kind },
    {
      get: look(Reflect.get),
      has: look(Reflect.has),
      ownKeys: look(Reflect.ownKeys),
      getOwnPropertyDescriptor: look(Reflect.getOwnPropertyDescriptor),
    },
  );
  return { labels, looks: () => looks };
}

test('a handle looks nothing up: its labels are read when it is made, and never again', async () => {
  const { profiler, samples } = measured();
  const { labels, looks } = watched('a');
  const shared = { labelNames: ['kind'], profiler } as const;
  const counter = new Counter({ name: 'counter', ...shared }).labels(labels);
  const gauge = new Gauge({ name: 'gauge', ...shared }).labels(labels);
  const histogram = new Histogram({ name: 'histogram', buckets: [1], ...shared }).labels(labels);
  const summary = new Summary({ name: 'summary', ...shared }).labels(labels);
  const mode = new Enum({ name: 'mode', states: ['on', 'off'], ...shared }).labels(labels);
  const info = new Info({ name: 'build', ...shared }).labels(labels);
  const before = looks();
  expect(before).toBeGreaterThan(0);
  counter.inc(2);
  gauge.set(3);
  gauge.inc();
  gauge.dec();
  histogram.observe(1);
  histogram.startTimer();
  summary.observe(1);
  mode.state('off');
  info.info({ version: '1' });
  await samples();
  counter.inc();
  await profiler.flush();
  expect(looks()).toBe(before);
  expect(await samples()).toMatchObject({
    'counter_total{kind="a"}': 3,
    'gauge{kind="a"}': 3,
    'histogram_count{kind="a"}': 1,
    'summary_count{kind="a"}': 1,
    'mode{kind="a",mode="off"}': 1,
    'build_info{kind="a",version="1"}': 1,
  });
});

test('the handle for the same labels is the same series', async () => {
  const { profiler, samples } = measured();
  const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
  const one = sold.labels({ kind: 'a' });
  one.inc();
  sold.labels({ kind: 'a' }).inc();
  sold.inc({ kind: 'a' });
  expect(await samples()).toEqual({ 'sold_total{kind="a"}': 3 });
});

test('unlabelled metrics and handles exist at 0 from creation, in all kinds but info', async () => {
  const { profiler, samples } = measured();
  const shared = { profiler } as const;
  new Counter({ name: 'counter', ...shared });
  new Gauge({ name: 'gauge', ...shared });
  new Histogram({ name: 'histogram', buckets: [1], ...shared });
  new Summary({ name: 'summary', ...shared });
  new Enum({ name: 'mode', states: ['on', 'off'], ...shared });
  new Info({ name: 'build', ...shared });
  expect(await samples()).toEqual({
    counter_total: 0,
    gauge: 0,
    'histogram_bucket{le="1"}': 0,
    'histogram_bucket{le="+Inf"}': 0,
    histogram_sum: 0,
    histogram_count: 0,
    summary_sum: 0,
    summary_count: 0,
    'mode{mode="on"}': 1,
    'mode{mode="off"}': 0,
  });
});

test('metrics with labels have no series before the first use', async () => {
  const { profiler, lines } = measured();
  new Counter({ name: 'sold', labelNames: ['kind'], profiler });
  expect(await lines()).toEqual([]);
});

test('metrics work inside and outside of profiled calls, with the same series', async () => {
  const { profiler, samples, calls } = measured();
  const sold = new Counter({ name: 'sold', profiler });
  sold.inc();
  profiler.profile('shop:sell', () => sold.inc())();
  await profiler.flush();
  expect(await samples()).toEqual({ sold_total: 2 });
  expect(calls.flatMap(({ records }) => records.map(({ item, method }) => [item, method]))).toEqual([
    ['shop', 'shop:sell'],
    ['', ''],
  ]);
});
