import { Histogram, TimeProfiler } from 'phanos';
import { expect, test } from 'vitest';
import { measured, untyped } from './measured.js';
import { protobufOf, protoMetricOf } from './scraped.js';

/** Observations in the buckets of one side. */
function total(deltas: readonly number[] = []): number {
  let count = 0;
  let sum = 0;
  for (const delta of deltas) {
    count += delta;
    sum += count;
  }
  return sum;
}

test('[native] a histogram counts in exponential buckets too, in exposed units, over many scrapes', async () => {
  const { profiler, samples } = measured();
  const took = new Histogram({ name: 'took', units: 'mS', buckets: [1, 10], native: true, profiler });
  for (const value of [1000, 2000, 2000, 0, -4000]) took.observe(value);
  expect((await protoMetricOf(profiler, 'took_seconds')).histogram).toMatchObject({
    sampleCount: 5,
    sampleSum: 1,
    schema: 5,
    zeroThreshold: 2 ** -128,
    zeroCount: 1,
    positiveSpan: [
      { offset: 0, length: 1 },
      { offset: 31, length: 1 },
    ],
    positiveDelta: [1, 1],
    negativeSpan: [{ offset: 64, length: 1 }],
    negativeDelta: [1],
  });
  for (let i = 1; i <= 1000; i++) took.observe(i);
  const { histogram } = await protoMetricOf(profiler, 'took_seconds');
  expect([histogram!.sampleCount, total(histogram!.positiveDelta), histogram!.schema]).toEqual([1005, 1003, 3]);
  expect(await samples()).toMatchObject({ 'took_seconds_bucket{le="+Inf"}': 1005, took_seconds_count: 1005 });
});

test('without it there is none, and the text format shows none', async () => {
  const { profiler, lines } = measured();
  new Histogram({ name: 'plain', profiler }).observe(1);
  const text = await lines();
  new Histogram({ name: 'sketched', native: { maxBuckets: 20, zeroThreshold: 0.5 }, profiler }).observe(0.25);
  const [plain, sketched] = await protobufOf(profiler);
  expect(plain!.metric![0]!.histogram).not.toHaveProperty('schema');
  expect(sketched!.metric![0]!.histogram).toMatchObject({ zeroCount: 1, zeroThreshold: 0.5 });
  expect((await lines()).filter((line) => line.startsWith('plain'))).toEqual(text);
});

test('handles, removed and reset series, and time profilers have them too', async () => {
  const { profiler } = measured();
  const took = new TimeProfiler({ name: 'took', labelNames: ['a'], native: true, profiler });
  const child = took.labels({ a: 'x' });
  child.observe(5);
  took.observe({ a: 'x' }, 7);
  expect((await protoMetricOf(profiler, 'took_seconds')).histogram).toMatchObject({ sampleCount: 2, positiveDelta: [1, 0] });
  took.remove({ a: 'x' });
  child.observe(5);
  expect((await protoMetricOf(profiler, 'took_seconds')).histogram).toMatchObject({ sampleCount: 1, positiveDelta: [1] });
  took.reset();
  took.observe({ a: 'x' }, 3);
  took.observe({ a: 'x' }, 3);
  expect((await protoMetricOf(profiler, 'took_seconds')).histogram).toMatchObject({ sampleCount: 2, positiveDelta: [2] });
});

test('[config: nativeHistograms] the default metrics', async () => {
  const { profiler } = measured({ timeProfile: true, responseSizeProfile: true, nativeHistograms: true });
  profiler.profile('shop:work', () => 'result')();
  const families = await protobufOf(profiler);
  for (const name of ['phanos_time_profiler_seconds', 'phanos_response_size_bytes']) {
    const metric = families.find((family) => family.name === name)!.metric![0]!;
    expect(metric.histogram).toMatchObject({ sampleCount: 1, schema: 5 });
  }
});

test('it is part of the definition', () => {
  const { profiler } = measured();
  new Histogram({ name: 'took', native: true, profiler });
  new Histogram({ name: 'took', native: {}, profiler });
  expect(() => new Histogram({ name: 'took', profiler })).toThrow("metric 'took' exists with other native buckets");
  expect(() => new Histogram({ name: 'took', native: { maxBuckets: 20 }, profiler })).toThrow('native buckets');
});

test.each([
  ['a text', 'yes', 'native'],
  ['no buckets', { maxBuckets: 0 }, "histogram 'h': native.maxBuckets must be at least 8, got 0"],
  ['too many buckets', { maxBuckets: 5000 }, "histogram 'h': native.maxBuckets must be 1000 at most, got 5000"],
  ['a threshold below 0', { zeroThreshold: -1 }, "histogram 'h': native.zeroThreshold must be a finite number of 0 or more, got -1"],
  ['another option', { scale: 5 }, "histogram 'h': native: unknown option 'scale'"],
])('[native] refuses %s', (_what, native, message) => {
  expect(() => new Histogram({ name: 'h', native: untyped(native), profiler: null })).toThrow(message);
});
