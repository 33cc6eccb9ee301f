import { describe, expect, test } from 'vitest';
import { quantileOf, relativeError } from '../../src/sketch/quantile.js';
import type { SketchView } from '../../src/sketch/sketch-view.js';
import { merged, sketchOf } from './a-sketch.js';
import { DATASETS, dataset, SIZES } from './datasets.js';

const QUANTILES = [0, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1];

/** The largest error of a quantile, in shares of what is promised for the sketch's scale. */
function worstError(sketch: SketchView, values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const allowed = relativeError(sketch.scale) * (1 + 1e-9);
  const errors = QUANTILES.map((q) => {
    const exact = sorted[Math.max(1, Math.ceil(q * sorted.length - 1e-9)) - 1]!;
    const estimate = quantileOf(sketch, q);
    return Math.abs(exact) <= sketch.zeroThreshold ? Math.abs(estimate) : Math.abs(estimate - exact) / (Math.abs(exact) * allowed);
  });
  return Math.max(...errors);
}

describe.each(Object.keys(DATASETS))('%s', (name) => {
  test.each(SIZES)('%i values: every quantile within the error of the scale', (size) => {
    for (const seed of [1, 2, 3]) {
      const values = dataset(name, size, seed);
      expect(worstError(sketchOf(values), values)).toBeLessThanOrEqual(1);
      expect(worstError(sketchOf(values, { scale: 8, maxBuckets: 1000 }), values)).toBeLessThanOrEqual(1);
    }
  });

  test('merged from many parts of other scales', () => {
    const parts = SIZES.map((size, i) => dataset(name, Math.min(size, 1000), i + 10));
    const sketch = merged(parts.map((part, i) => sketchOf(part, { scale: i % 9, maxBuckets: 40 + i * 20 })));
    expect(worstError(sketch, parts.flat())).toBeLessThanOrEqual(1);
  });
});

test('quantiles of signed data that was merged', () => {
  const positive = dataset('linear', 100);
  const sketch = merged([sketchOf(positive), sketchOf(positive.map((value) => -value))]);
  const error = relativeError(sketch.scale);
  expect(Math.abs(quantileOf(sketch, 0.25) - -51)).toBeLessThanOrEqual(51 * error);
  expect(Math.abs(quantileOf(sketch, 0.75) - 50)).toBeLessThanOrEqual(50 * error);
});

test('nothing, zeros and infinities', () => {
  expect(quantileOf(sketchOf([]), 0.5)).toBeNaN();
  expect(quantileOf(sketchOf([0, 0, 5]), 0.5)).toBe(0);
  const ends = sketchOf([Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY]);
  expect([0, 0.5, 1].map((q) => quantileOf(ends, q))).toEqual([Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY]);
});
