import fc from 'fast-check';
import { expect, test } from 'vitest';
import { finestIndex, firstIndexAbove, lowerBound, shiftOf } from '../../src/sketch/bucket-index.js';

const SCALES = [-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8];
const indexAt = (value: number, scale: number): number => finestIndex(value) >> shiftOf(scale);

/** Bounds below are rounded themselves. */
const finite = fc.double({ min: 2 ** -1000, max: Number.MAX_VALUE, noNaN: true });

test('a value lies above the lower bound of its bucket and not above the upper one, at every scale', () => {
  fc.assert(
    fc.property(finite, fc.constantFrom(...SCALES), (value, scale) => {
      const index = indexAt(value, scale);
      expect(value).toBeGreaterThan(lowerBound(index, scale));
      expect(value).toBeLessThanOrEqual(lowerBound(index + 1, scale));
    }),
    { numRuns: 5000 },
  );
});

test('subnormal numbers have the buckets that they would have if they were larger', () => {
  fc.assert(
    fc.property(fc.double({ min: 5e-324, max: 2 ** -1000, noNaN: true }), fc.constantFrom(...SCALES), (value, scale) => {
      expect(finestIndex(value)).toBe(finestIndex(value * 2 ** 200) - 200 * 256);
      expect(indexAt(value, scale)).toBeLessThanOrEqual(indexAt(2 ** -1000, scale));
    }),
    { numRuns: 1000 },
  );
});

test('bounds belong to the bucket below them, and the next double to the one above', () => {
  for (const scale of SCALES) {
    for (let index = -300; index <= 300; index++) {
      const bound = lowerBound(index, scale);
      if (bound < 2 ** -1021 || bound > Number.MAX_VALUE) continue;
      expect(indexAt(bound, scale)).toBe(index - 1);
      expect(indexAt(nextDouble(bound), scale)).toBe(index);
    }
  }
});

test('exact powers of two, subnormal numbers and the largest double included', () => {
  for (let exponent = -1074; exponent <= 1023; exponent++) {
    expect(indexAt(2 ** exponent, 0)).toBe(exponent - 1);
    expect(indexAt(2 ** exponent, 3)).toBe(exponent * 8 - 1);
  }
  expect(indexAt(5e-324, 0)).toBe(-1075);
  expect(indexAt(1.5e-323, 0)).toBe(-1073);
  expect(indexAt(2 ** -1022 - 5e-324, 0)).toBe(-1023);
  expect(indexAt(Number.MAX_VALUE, 0)).toBe(1023);
  expect(indexAt(Number.MAX_VALUE, 8)).toBe(1024 * 256 - 1);
  expect(indexAt(Number.MAX_VALUE, -4)).toBe(63);
  for (const scale of SCALES) expect(indexAt(Number.POSITIVE_INFINITY, scale)).toBe(1024 * 2 ** scale);
});

test('bounds are the powers that they stand for', () => {
  expect([0, 1, 2, 8].map((i) => lowerBound(i, 2))).toEqual([1, 2 ** 0.25, 2 ** 0.5, 4]);
  expect([-1, 0, 1].map((i) => lowerBound(i, -4))).toEqual([2 ** -16, 1, 65_536]);
  expect(lowerBound(1024, 0)).toBe(Number.POSITIVE_INFINITY);
  expect(lowerBound(-1074, 0)).toBe(5e-324);
  for (let i = 0; i <= 256; i++) expect(Math.abs(lowerBound(i, 8) / Math.exp((i / 256) * Math.LN2) - 1)).toBeLessThan(1e-15);
});

test('a threshold on a bound takes the whole bucket below it', () => {
  expect(firstIndexAbove(0, 3)).toBe(Number.NEGATIVE_INFINITY);
  expect(firstIndexAbove(2 ** -128, 0)).toBe(-128);
  expect(firstIndexAbove(3, 0)).toBe(1);
  expect(firstIndexAbove(4, 0)).toBe(2);
});

function nextDouble(value: number): number {
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  return new Float64Array(BigInt64Array.of(bits[0]! + 1n).buffer)[0]!;
}
