import { Histogram } from 'phanos';
import { expect, test } from 'vitest';
import { measured, untyped } from './measured.js';

test('sorts what it observes into buckets, bounds included', async () => {
  const { profiler, records } = measured();
  const size = new Histogram({ name: 'size', help: 'Sizes.', buckets: [1, 2.5, 10], profiler });
  for (const value of [0.5, 1, 1.5, 2.5, 2.500001, 10, 11]) size.observe(value);
  expect(await profiler.metrics()).toBe(`# HELP size Sizes.
# TYPE size histogram
size_bucket{le="1"} 2
size_bucket{le="2.5"} 4
size_bucket{le="10"} 6
size_bucket{le="+Inf"} 7
size_sum 29.000001
size_count 7
`);
  const seen = await records();
  expect(seen.map(([metric, operation, value]) => [metric, operation, value]).slice(0, 2)).toEqual([
    ['size', 'observe', 0.5],
    ['size', 'observe', 1],
  ]);
  expect(seen).toHaveLength(7);
});

test('exists with all its buckets at 0 from creation', async () => {
  const { profiler, samples } = measured();
  new Histogram({ name: 'size', buckets: [1], profiler });
  const kinds = new Histogram({ name: 'kinds', buckets: [1], labelNames: ['kind'], profiler });
  expect(await samples()).toEqual({ 'size_bucket{le="1"}': 0, 'size_bucket{le="+Inf"}': 0, size_sum: 0, size_count: 0 });
  kinds.labels({ kind: 'a' });
  expect(await samples()).toMatchObject({ 'kinds_bucket{kind="a",le="1"}': 0, 'kinds_count{kind="a"}': 0 });
});

test('has the default buckets of other Prometheus clients', async () => {
  const { profiler, lines } = measured();
  new Histogram({ name: 'latency', units: 's', profiler });
  const bounds = (await lines()).flatMap((line) => /^latency_seconds_bucket\{le="(.*)"\}/.exec(line)?.[1] ?? []);
  expect(bounds).toEqual(['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf']);
});

test('takes labels before and after the value, and by handle', async () => {
  const { profiler, samples, records } = measured({ errorRaisedLabel: false });
  const size = new Histogram({ name: 'size', buckets: [1], labelNames: ['kind'], profiler });
  size.observe(0.5, { kind: 'a' });
  size.observe({ kind: 'a' }, 4);
  size.labels({ kind: 'a' }).observe(8);
  size.observe({ kind: 'b' }, 16);
  expect(await samples()).toEqual({
    'size_bucket{kind="a",le="1"}': 1,
    'size_bucket{kind="a",le="+Inf"}': 3,
    'size_sum{kind="a"}': 12.5,
    'size_count{kind="a"}': 3,
    'size_bucket{kind="b",le="1"}': 0,
    'size_bucket{kind="b",le="+Inf"}': 1,
    'size_sum{kind="b"}': 16,
    'size_count{kind="b"}': 1,
  });
  expect(size.value({ kind: 'a' })).toEqual({ count: 3, sum: 12.5 });
  expect(size.value({ kind: 'c' })).toEqual({ count: 0, sum: 0 });
  expect((await records()).map(([, , value, labels]) => [value, labels])).toEqual([
    [0.5, { kind: 'a' }],
    [4, { kind: 'a' }],
    [8, { kind: 'a' }],
    [16, { kind: 'b' }],
  ]);
});

test('counts on after a scrape', async () => {
  const { profiler, samples } = measured();
  const size = new Histogram({ name: 'size', buckets: [1], profiler });
  size.observe(0.5);
  await samples();
  size.observe(3);
  expect(size.value()).toEqual({ count: 2, sum: 3.5 });
  expect(await samples()).toEqual({ 'size_bucket{le="1"}': 1, 'size_bucket{le="+Inf"}': 2, size_sum: 3.5, size_count: 2 });
});

test('infinities and negative numbers go into the outer buckets', async () => {
  const { profiler, samples } = measured();
  const size = new Histogram({ name: 'size', buckets: [-1, 1], profiler });
  size.observe(Number.POSITIVE_INFINITY);
  expect(await samples()).toEqual({
    'size_bucket{le="-1"}': 0,
    'size_bucket{le="1"}': 0,
    'size_bucket{le="+Inf"}': 1,
    size_sum: Number.POSITIVE_INFINITY,
    size_count: 1,
  });
  size.observe(Number.NEGATIVE_INFINITY);
  size.observe(-7);
  expect(await samples()).toEqual({
    'size_bucket{le="-1"}': 2,
    'size_bucket{le="1"}': 2,
    'size_bucket{le="+Inf"}': 3,
    size_sum: Number.NaN,
    size_count: 3,
  });
});

test.each([
  ['NaN', Number.NaN, 'NaN'],
  ['null', untyped(null), 'null'],
  ['a text', untyped('1'), "'1'"],
  ['a bigint', untyped(5n), '5n'],
  ['nothing', untyped(undefined), 'undefined'],
])('refuses %s', async (_what, value, shown) => {
  const { profiler, samples, records, troubles, logged } = measured();
  const size = new Histogram({ name: 'size', buckets: [1], labelNames: ['kind'], profiler });
  size.labels({ kind: 'a' }).observe(value);
  size.observe({ kind: 'a' }, value);
  size.observe(value, { kind: 'a' });
  expect(await samples()).toMatchObject({ 'size_count{kind="a"}': 0, 'size_sum{kind="a"}': 0 });
  expect(await records()).toEqual([]);
  expect((troubles('value').size ?? 0) + (troubles('labels').size ?? 0)).toBe(3);
  expect(logged[0]?.message).toBe(`histogram 'size': takes numbers other than NaN, got ${shown}; nothing was recorded`);
});
