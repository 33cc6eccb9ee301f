import { expect, test } from 'vitest';
import { SlidingSketch } from '../../src/sketch/sliding-sketch.js';
import { aShape, sketchOf } from './a-sketch.js';

const window = { duration: 10_000, slices: 5 };
const near = (value: number) => expect.closeTo(value, Math.round(-Math.log10(value * 0.012)) - 1);

test('what is older than the window is forgotten, slice by slice', () => {
  const sliding = new SlidingSketch(aShape(), window);
  expect(sliding.quantiles([0.5], 0)).toEqual([Number.NaN]);
  sliding.merge(sketchOf([1, 1, 1]), 0);
  sliding.merge(sketchOf([100]), 5000);
  expect(sliding.quantiles([0.5, 1], 9999)).toEqual([near(1), near(100)]);
  expect(sliding.quantiles([0, 1], 10_000)).toEqual([near(100), near(100)]);
  expect(sliding.quantiles([0, 1], 13_999)).toEqual([near(100), near(100)]);
  expect(sliding.quantiles([0, 1], 14_000)).toEqual([Number.NaN, Number.NaN]);
});

test('a slice is used again for what comes one window later', () => {
  const sliding = new SlidingSketch(aShape(), window);
  for (let now = 0; now < 60_000; now += 500) {
    sliding.merge(sketchOf([now + 1]), now);
    const [lowest, highest] = sliding.quantiles([0, 1], now);
    expect(Math.abs(highest! / (now + 1) - 1)).toBeLessThan(0.05);
    const oldest = Math.max(0, Math.floor(now / 2000) * 2000 - 8000) + 1;
    expect(Math.abs(lowest! / oldest - 1)).toBeLessThan(0.05);
  }
});

test('it goes on from a copy', () => {
  const sliding = new SlidingSketch(aShape(), window);
  sliding.merge(sketchOf([1]), 1000);
  sliding.merge(sketchOf([10, -2]), 4000);
  sliding.merge(sketchOf([100]), 9000);
  const later = new SlidingSketch(aShape(), window);
  for (const [age, view] of sliding.copy(9500)) later.restore(age, view, 1_009_500);
  for (const wait of [0, 500, 2000, 4000, 6000, 8000, 12_000]) {
    expect(later.quantiles([0, 0.5, 1], 1_009_500 + wait)).toEqual(sliding.quantiles([0, 0.5, 1], 9500 + wait));
  }
  expect(later.quantiles([0.5], 1_100_000)).toEqual([Number.NaN]);
});
