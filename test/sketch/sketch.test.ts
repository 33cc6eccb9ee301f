import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CountArena } from '../../src/sketch/count-arena.js';
import { countOf, relativeError } from '../../src/sketch/quantile.js';
import type { SketchView } from '../../src/sketch/sketch-view.js';
import { contents, merged, sketchOf } from './a-sketch.js';
import { dataset, randomOf } from './datasets.js';

const anyValue = fc.oneof(
  fc.double({ noNaN: true }),
  fc.double({ min: -100, max: 100, noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, 2 ** -128, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_VALUE, 5e-324),
);
const values = fc.array(anyValue, { maxLength: 60 });

test('values stand in buckets, zeros and infinities apart, each side by itself', () => {
  const sketch = sketchOf([1, 2, 3, 3, 0, -0, 1e-300, -1.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  expect(contents(sketch)).toEqual({
    scale: 5,
    zeroThreshold: 2 ** -128,
    zeroCount: 3,
    positive: {
      filled: [
        [-1, 1],
        [31, 1],
        [50, 2],
      ],
      infinite: 1,
    },
    negative: { filled: [[18, 1]], infinite: 2 },
  });
});

test('buckets become wider when values need more than there may be, and no wider', () => {
  expect(sketchOf([1, 2 ** 4.9]).scale).toBe(5);
  expect(sketchOf([1, 2 ** 5.1]).scale).toBe(4);
  expect(sketchOf([1e-6, 1]).scale).toBe(3);
  expect(sketchOf([-1e-6, 1]).scale).toBe(5);
  expect(sketchOf([5e-324, Number.MAX_VALUE], { zeroThreshold: 0 }).scale).toBe(-4);
  expect(sketchOf([1, 1e6, 1e-6], { maxBuckets: 10 }).scale).toBe(-2);
  for (const name of ['latencies, log-normal', 'both signs', 'all doubles', 'heavy tail, Pareto']) {
    const { positive, negative } = sketchOf(dataset(name, 5000));
    expect(Math.max(positive.counts.length, negative.counts.length)).toBeLessThanOrEqual(160);
  }
});

test('at the coarsest scale the limit gives way, so that every double has its bucket', () => {
  const sketch = sketchOf([5e-324, 1, Number.MAX_VALUE], { maxBuckets: 10, zeroThreshold: 0 });
  expect([sketch.scale, countOf(sketch), sketch.positive.counts.length]).toEqual([-4, 3, 132]);
});

test('every value is counted once, in whatever order', () => {
  fc.assert(
    fc.property(values, fc.nat(), (list, seed) => {
      const sketch = sketchOf(list);
      expect(countOf(sketch)).toBe(list.length);
      const random = randomOf(seed);
      const shuffled = list.map((value) => ({ value, at: random() })).sort((a, b) => a.at - b.at);
      expect(contents(sketchOf(shuffled.map(({ value }) => value)))).toEqual(contents(sketch));
    }),
    { numRuns: 300 },
  );
});

test('merging is counting: commutative, associative, whatever the scales and signs', () => {
  fc.assert(
    fc.property(values, values, values, (a, b, c) => {
      const [x, y, z] = [sketchOf(a), sketchOf(b, { maxBuckets: 40 }), sketchOf(c, { scale: 8 })];
      const whole = contents(merged([x, y, z]));
      expect(contents(merged([z, x, y]))).toEqual(whole);
      expect(contents(merged([merged([x, y]), z]))).toEqual(whole);
      expect(contents(merged([x, merged([z, y])]))).toEqual(whole);
      expect(countOf(merged([x, y, z]))).toBe(a.length + b.length + c.length);
      const same = { maxBuckets: 160, scale: 5 };
      expect(contents(merged([sketchOf(a, same), sketchOf(b, same)]))).toEqual(contents(sketchOf([...a, ...b], same)));
    }),
    { numRuns: 300 },
  );
});

test('merging negatives into positives loses neither', () => {
  const sketch = merged([sketchOf(dataset('linear', 100)), sketchOf(dataset('linear', 100).map((value) => -value))]);
  expect(countOf(sketch)).toBe(200);
  expect(countOf({ ...plain(sketch), positive: { offset: 0, counts: [] } })).toBe(100);
});

const plain = ({ scale, zeroThreshold, zeroCount, positive, negative }: ReturnType<typeof sketchOf>) => ({
  scale,
  zeroThreshold,
  zeroCount,
  positive,
  negative,
});

test('the wider of two zero buckets takes in what the other one told apart', () => {
  const fine = sketchOf([1e-9, -1e-9, 1e-5, 2, -2, 0]);
  const coarse = sketchOf([1e-5, 0.5, -0.5, 7], { zeroThreshold: 0.001 });
  for (const sketch of [merged([fine, coarse]), merged([coarse, fine]), merged([coarse, fine], { zeroThreshold: 0.001 })]) {
    expect([countOf(sketch), sketch.zeroCount, sketch.zeroThreshold]).toEqual([10, 5, 0.001]);
  }
});

test('counts grow beyond one, two and four bytes', () => {
  const sketch = sketchOf([1, 1000]);
  sketch.addTimes(1, 65_534);
  sketch.add(1);
  sketch.add(1);
  expect(Array.from(sketch.positive.counts).filter((count) => count > 0)).toEqual([65_537, 1]);
  sketch.addTimes(1000, 2 ** 32 - 1);
  sketch.add(1000);
  expect(Array.from(sketch.positive.counts).filter((count) => count > 0)).toEqual([65_537, 2 ** 32 + 1]);
  sketch.addTimes(1e9, 2 ** 50);
  expect([countOf(sketch), sketch.scale]).toEqual([65_537 + 2 ** 32 + 1 + 2 ** 50, 2]);
  const two = merged([sketch, sketch]);
  expect(countOf(two)).toBe(2 * countOf(sketch));
});

const counted = ({ zeroCount, positive, negative }: SketchView) => [zeroCount, Array.from(positive.counts), Array.from(negative.counts)];

test('neighbours that lie in the same memory leave each other alone', () => {
  const shape = { arena: new CountArena() };
  const sketches = Array.from({ length: 50 }, () => sketchOf([], shape));
  const lists = sketches.map((_, i) => dataset(i % 2 === 0 ? 'both signs' : 'all doubles', 300, i));
  for (let j = 0; j < 300; j++) for (const [i, sketch] of sketches.entries()) sketch.add(lists[i]![j]!);
  for (const [i, sketch] of sketches.entries()) if (i % 3 === 0) sketch.clear();
  const more = Array.from({ length: 20 }, (_, i) => sketchOf(dataset('with zeros', 200, i), shape));
  for (const [i, sketch] of sketches.entries()) {
    expect(counted(sketch)).toEqual(counted(i % 3 === 0 ? sketchOf([]) : sketchOf(lists[i]!)));
  }
  for (const [i, sketch] of more.entries()) expect(contents(sketch)).toEqual(contents(sketchOf(dataset('with zeros', 200, i))));
});

test('what is taken is what was there, and the next values begin anew', () => {
  const sketch = sketchOf([1, 900, -3, 0, Number.POSITIVE_INFINITY]);
  const before = contents(sketch);
  const taken = sketch.take();
  sketch.add(7);
  expect(contents(taken)).toEqual(before);
  expect(countOf(sketch)).toBe(1);
  expect(sketch.scale).toBe(4);
  sketch.take();
  sketch.take();
  expect(sketch.scale).toBe(5);
});

test('the stated error halves with each finer scale', () => {
  expect([5, 4, 3, 2].map((scale) => `${(relativeError(scale) * 100).toFixed(1)} %`)).toEqual(['1.1 %', '2.2 %', '4.3 %', '8.6 %']);
});
