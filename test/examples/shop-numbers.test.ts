import { expect, test } from 'vitest';
import { addBuckets, fromCumulative, quantile } from '../../examples/shop/watch/buckets.js';
import { amountText, bytesText, countOrBlank, countText, durationText, rateText } from '../../examples/shop/watch/number-text.js';

const infinity = Number.POSITIVE_INFINITY;

test('quantiles are those that histogram_quantile of Prometheus gives', () => {
  // 10 up to 1, 30 up to 2, none up to 4, 10 beyond.
  const buckets = fromCumulative(
    new Map([
      [4, 40],
      [1, 10],
      [infinity, 50],
      [2, 40],
    ]),
  );
  expect([...buckets]).toEqual([
    [1, 10],
    [2, 30],
    [4, 0],
    [infinity, 10],
  ]);
  expect(quantile(0.1, buckets)).toBeCloseTo(0.5);
  expect(quantile(0.2, buckets)).toBeCloseTo(1);
  expect(quantile(0.5, buckets)).toBeCloseTo(1.5);
  expect(quantile(0.8, buckets)).toBeCloseTo(2);
  expect(quantile(0.81, buckets)).toBe(infinity);
  expect(
    quantile(
      0.5,
      new Map([
        [1, 0],
        [infinity, 0],
      ]),
    ),
  ).toBeUndefined();
});

test('buckets are added and taken away by bound', () => {
  const sum = addBuckets(
    new Map([
      [1, 2],
      [5, 3],
    ]),
    new Map([
      [5, 1],
      [9, 4],
    ]),
  );
  expect([...sum]).toEqual([
    [1, 2],
    [5, 4],
    [9, 4],
  ]);
  expect([
    ...addBuckets(
      sum,
      new Map([
        [5, 1],
        [9, 4],
      ]),
      -1,
    ),
  ]).toEqual([
    [1, 2],
    [5, 3],
    [9, 0],
  ]);
});

test.each([
  [0.000_000_4, '0.40 µs'],
  [0.000_051_8, '51.8 µs'],
  [0.000_999_4, '999 µs'],
  [0.000_999_6, '1.00 ms'],
  [0.009_994, '9.99 ms'],
  [0.009_996, '10.0 ms'],
  [0.099_96, '100 ms'],
  [0.999_6, '1.00 s'],
  [12.34, '12.3 s'],
  [infinity, '> 10 s'],
  [undefined, ''],
])('%d s is written %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1234, '1.23 kB'],
  [999_600, '1.00 MB'],
  [12_345_678, '12.3 MB'],
  [4_200_000_000, '4.20 GB'],
])('%d bytes are written %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test('counts, rates and amounts', () => {
  expect(countText(1_234_567)).toBe('1,234,567');
  expect(countOrBlank(0)).toBe('');
  expect(countOrBlank(3)).toBe('3');
  expect([0, 0.25, 9.94, 12.6, 1500].map(rateText)).toEqual(['0', '0.3', '9.9', '13', '1,500']);
  expect([0, 1, 2].map((count) => amountText(count, 'request'))).toEqual(['0 requests', '1 request', '2 requests']);
});
