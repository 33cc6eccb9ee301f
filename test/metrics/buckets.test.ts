import { exponentialBuckets, Histogram, linearBuckets } from 'phanos';
import { expect, test } from 'vitest';
import { measured, untyped } from './measured.js';

test('linear buckets are a width apart', () => {
  expect(linearBuckets(0, 5, 4)).toEqual([0, 5, 10, 15]);
  expect(linearBuckets(-1, 0.5, 3)).toEqual([-1, -0.5, 0]);
  expect(linearBuckets(7, 1, 1)).toEqual([7]);
});

test('exponential buckets are a factor apart', () => {
  expect(exponentialBuckets(1, 2, 5)).toEqual([1, 2, 4, 8, 16]);
  expect(exponentialBuckets(64, 4, 10)).toEqual([64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216]);
});

test.each([
  ['a width of 0', () => linearBuckets(0, 0, 3), RangeError, 'linearBuckets: width must be positive, got 0'],
  ['a negative width', () => linearBuckets(0, -1, 3), RangeError, 'linearBuckets: width must be positive, got -1'],
  ['no buckets', () => linearBuckets(0, 1, 0), RangeError, 'linearBuckets: count must be a whole number from 1, got 0'],
  ['half a bucket', () => linearBuckets(0, 1, 1.5), RangeError, 'linearBuckets: count must be a whole number from 1, got 1.5'],
  ['a text', () => linearBuckets(untyped('0'), 1, 3), TypeError, "linearBuckets: start must be a finite number, got '0'"],
  ['NaN', () => linearBuckets(0, Number.NaN, 3), TypeError, 'linearBuckets: width must be a finite number, got NaN'],
  ['a start of 0', () => exponentialBuckets(0, 2, 3), RangeError, 'exponentialBuckets: start must be positive, got 0'],
  ['a factor of 1', () => exponentialBuckets(1, 1, 3), RangeError, 'exponentialBuckets: factor must be greater than 1, got 1'],
  ['Infinity', () => exponentialBuckets(1, Number.POSITIVE_INFINITY, 3), TypeError, 'factor must be a finite number, got Infinity'],
  ['no count', () => exponentialBuckets(1, 2, untyped(undefined)), RangeError, 'count must be a whole number from 1, got undefined'],
])('%s is refused', (_what, make, Class, message) => {
  expect(make).toThrow(Class);
  expect(make).toThrow(message);
});

test.each([
  ['unsorted', [1, 3, 2], RangeError, "histogram 'size': buckets must ascend, but 2 follows 3"],
  ['one twice', [1, 2, 2, 3], RangeError, "histogram 'size': bucket 2 is given twice"],
  ['0 and -0', [-0, 0], RangeError, "histogram 'size': bucket 0 is given twice"],
  ['empty', [], RangeError, "histogram 'size': give at least one bucket besides +Inf"],
  ['only +Inf', [Number.POSITIVE_INFINITY], RangeError, "histogram 'size': give at least one bucket besides +Inf"],
  [
    '+Inf twice',
    [1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    TypeError,
    "histogram 'size': bucket 1 is Infinity; give finite numbers",
  ],
  ['+Inf in the middle', [1, Number.POSITIVE_INFINITY, 2], TypeError, "histogram 'size': bucket 1 is Infinity; give finite numbers"],
  ['-Inf', [Number.NEGATIVE_INFINITY, 1], TypeError, "histogram 'size': bucket 0 is -Infinity; give finite numbers"],
  ['NaN', [1, Number.NaN], TypeError, "histogram 'size': bucket 1 is NaN; give finite numbers"],
  ['a text', [1, '2'], TypeError, "histogram 'size': bucket 1 is '2'; give finite numbers"],
  ['a hole', Object.assign([1], { 2: 3 }), TypeError, "histogram 'size': bucket 1 is undefined; give finite numbers"],
  ['no array', 5, TypeError, "histogram 'size': buckets must be an array of numbers, got 5"],
  ['null', null, TypeError, "histogram 'size': buckets must be an array of numbers, got null"],
])('%s buckets are refused', (_what, buckets, Class, message) => {
  const make = () => new Histogram({ name: 'size', buckets: untyped(buckets), profiler: null });
  expect(make).toThrow(Class);
  expect(make).toThrow(message);
});

test('+Inf at the end is what is there anyway', async () => {
  const { profiler, samples } = measured();
  const size = new Histogram({ name: 'size', buckets: [1, Number.POSITIVE_INFINITY], profiler });
  new Histogram({ name: 'size', buckets: [1], profiler }).observe(2);
  size.observe(3);
  expect(await samples()).toEqual({ 'size_bucket{le="1"}': 0, 'size_bucket{le="+Inf"}': 2, size_sum: 5, size_count: 2 });
});

test('-0 is the bucket 0', async () => {
  const { profiler, lines } = measured();
  new Histogram({ name: 'size', buckets: [-0], profiler }).observe(0);
  expect((await lines())[0]).toBe('size_bucket{le="0"} 1');
});

test('what the two functions make are buckets', async () => {
  const { profiler, lines } = measured();
  new Histogram({ name: 'linear', buckets: linearBuckets(0.1, 0.1, 3), profiler });
  new Histogram({ name: 'exponential', buckets: exponentialBuckets(0.001, 10, 3), profiler });
  expect((await lines()).filter((line) => line.includes('_bucket'))).toEqual([
    'linear_bucket{le="0.1"} 0',
    'linear_bucket{le="0.2"} 0',
    'linear_bucket{le="0.30000000000000004"} 0',
    'linear_bucket{le="+Inf"} 0',
    'exponential_bucket{le="0.001"} 0',
    'exponential_bucket{le="0.01"} 0',
    'exponential_bucket{le="0.1"} 0',
    'exponential_bucket{le="+Inf"} 0',
  ]);
});

test.each<[string, number, number, number]>([
  ['', 0.005, 10, 1],
  ['s', 0.005, 10, 1],
  ['seconds', 0.005, 10, 1],
  ['ms', 5, 10_000, 1000],
  ['mS', 5, 10_000, 1000],
  ['B', 64, 16_777_216, 1],
  ['bytes', 64, 16_777_216, 1],
  ['kg', 0.005, 10, 1],
])('the default buckets of a histogram in %j go from %d to %d', async (units, first, last, divisor) => {
  const { profiler, samples } = measured();
  const spread = new Histogram({ name: 'spread', units, profiler });
  spread.observe(first);
  spread.observe(last);
  const counts = Object.entries(await samples()).filter(([name]) => name.includes('_bucket'));
  const at = (bound: number) => counts.find(([name]) => name.endsWith(`{le="${bound / divisor}"}`))?.[1];
  expect([at(first), at(last), counts[0]?.[1], counts.at(-2)?.[1]]).toEqual([1, 2, 1, 2]);
});
