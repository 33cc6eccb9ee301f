import { expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import type { CollectorLimits } from '../../src/collector/limits.js';
import type { ExposedSeries } from '../../src/exposition/exposed-family.js';
import type { FamilyDelta } from '../../src/record/batch.js';
import { countOf } from '../../src/sketch/quantile.js';
import { contents, sketchOf } from '../sketch/a-sketch.js';
import { AProducer } from './a-producer.js';
import { aHistogram, SKETCH, withoutSketch } from './observed.js';

const collect = (limits: Partial<CollectorLimits> = {}): Collector => new Collector({ clock: () => 0, limits });

function seriesOf(collector: Collector, labels = ''): ExposedSeries {
  for (const { series } of collector.families) for (const each of series) if (each.labels === labels) return each;
  throw new Error(`there is no series ${labels}`);
}

/** What the classic buckets and the sketch hold. */
function counts(collector: Collector, labels = ''): unknown {
  const { cells, offset, sketch } = seriesOf(collector, labels);
  const classic = cells[offset]! + cells[offset + 1]! + cells[offset + 2]! + cells[offset + 3]!;
  return [classic, sketch && countOf(sketch)];
}

test('sketches of all producers add up, whatever their scales, signs and units', () => {
  const collector = collect();
  const [a, b] = [new AProducer({ boot: 'a' }), new AProducer({ boot: 'b' })];
  const values = [
    [0.5, 2, 3],
    [-7, -1000, 0],
    [1e-6, 1e6, Number.POSITIVE_INFINITY, 5],
  ] as const;
  collector.apply(a.batch([aHistogram({ values: values[0] })]));
  collector.apply(
    b.batch([aHistogram({ values: values[1].map((value) => value * 1000), divisor: 1000, bounds: [1000, 10_000, 100_000] })]),
  );
  collector.apply(a.batch([aHistogram({ values: values[2] })]));
  expect(counts(collector)).toEqual([10, 10]);
  expect(contents(seriesOf(collector).sketch!)).toEqual(contents(sketchOf(values.flat())));
});

test('a histogram without sketches has none, and one that begins to have them takes up what it counted before', () => {
  const collector = collect();
  const [old, young] = [new AProducer({ boot: 'a' }), new AProducer({ boot: 'b' })];
  collector.apply(old.batch([withoutSketch(aHistogram({ values: [0.5, 50, 5000] }))]));
  expect(counts(collector)).toEqual([3, undefined]);
  collector.apply(young.batch([aHistogram({ values: [3] })]));
  expect(counts(collector)).toEqual([4, 4]);
  expect(contents(seriesOf(collector).sketch!)).toEqual(contents(sketchOf([1, 100, 100, 3])));
  expect(collector.adjusted.of('sketch_missing')).toBe(0);
});

test('rows of producers without sketches stand at the upper bounds of their buckets, and are counted', () => {
  const collector = collect();
  const [plain, sketched] = [new AProducer({ boot: 'a' }), new AProducer({ boot: 'b' })];
  collector.apply(sketched.batch([aHistogram({ values: [3] })]));
  collector.apply(plain.batch([withoutSketch(aHistogram({ values: [0.5, 7, 1e9] }))]));
  expect(contents(seriesOf(collector).sketch!)).toEqual(contents(sketchOf([3, 1, 10, 100])));
  expect(collector.adjusted.of('sketch_missing', 'h')).toBe(1);
});

test('sketches end when living producers have none any more, and stay when nobody lives', () => {
  const collector = collect();
  const [plain, sketched] = [new AProducer({ boot: 'a' }), new AProducer({ boot: 'b' })];
  collector.apply(sketched.batch([aHistogram({ values: [3] })]));
  collector.end({ boot: 'b' });
  expect(counts(collector)).toEqual([1, 1]);
  collector.apply(plain.batch([withoutSketch(aHistogram({ values: [7] }))]));
  expect(counts(collector)).toEqual([2, undefined]);
  const again = new AProducer({ boot: 'c' });
  collector.apply(again.batch([aHistogram({ values: [7] })]));
  expect(counts(collector)).toEqual([3, 3]);
  collector.end({ boot: 'c' });
  expect(counts(collector)).toEqual([3, undefined]);
});

test('other bounds take over, and the sketch stays', () => {
  const collector = collect();
  const [old, young] = [new AProducer({ boot: 'a' }), new AProducer({ boot: 'b' })];
  collector.apply(old.batch([aHistogram({ values: [0.5, 7, 70] })]));
  collector.end({ boot: 'a' });
  collector.apply(young.batch([aHistogram({ values: [2000], bounds: [5, 50, 500] })]));
  expect(counts(collector)).toEqual([4, 4]);
  expect(contents(seriesOf(collector).sketch!)).toEqual(contents(sketchOf([0.5, 7, 70, 2000])));
});

test('a removed series gives its sketch back, and begins anew', () => {
  const collector = collect();
  const producer = new AProducer();
  const schema = { labelNames: ['a'], labelValues: ['x'] };
  const first = aHistogram({ values: [1, 2, 3], ...schema });
  collector.apply(producer.batch([first]));
  collector.apply(producer.batch([{ ...first, rows: [], removed: [['x']] }]));
  collector.apply(producer.batch([aHistogram({ values: [9], ...schema })]));
  expect(counts(collector, 'a="x"')).toEqual([1, 1]);
});

test('label sets beyond the limit fold with their sketches', () => {
  const collector = collect({ seriesPerFamily: 1 });
  const producer = new AProducer();
  for (const label of ['x', 'y', 'z'])
    collector.apply(producer.batch([aHistogram({ values: [1, 2], labelNames: ['a'], labelValues: [label] })]));
  expect(counts(collector, 'phanos_overflow="true"')).toEqual([4, 4]);
});

test('[limits.sketchBuckets] buckets of a sketch become wider beyond the limit', () => {
  const collector = collect({ sketchBuckets: 20 });
  collector.apply(new AProducer().batch([aHistogram({ values: [0.001, 1, 1000], sketch: { maxBuckets: 5000, zeroThreshold: 0 } })]));
  expect(seriesOf(collector).sketch!.positive.counts.length).toBeLessThanOrEqual(20);
  expect(counts(collector)).toEqual([3, 3]);
});

const good = sketchOf([1, 2]).take();

test.each([
  ['nothing', null],
  ['a text', 'sketch'],
  ['no sides', { ...good, positive: undefined }],
  ['another number of values', { ...good, zeroCount: 1 }],
  ['a scale that there is not', { ...good, scale: 9 }],
  ['an index that there is not', { ...good, positive: { offset: 1e9, counts: [2] } }],
  ['a fraction of an index', { ...good, positive: { offset: 0.5, counts: [2] } }],
  ['counts that are none', { ...good, positive: { offset: 0, counts: [3, -1] } }],
  ['fractions of counts', { ...good, positive: { offset: 0, counts: [1.5, 0.5] } }],
  ['endless counts', { ...good, positive: { offset: 0, counts: { length: 1e9 } } }],
  ['a threshold below 0', { ...good, zeroThreshold: -1 }],
  ['a threshold without end', { ...good, zeroThreshold: Number.POSITIVE_INFINITY }],
  ['infinities that are none', { ...good, negative: { offset: 0, counts: [], infinite: Number.NaN } }],
])('a row whose sketch has %s is refused', (_what, sketch) => {
  const collector = collect();
  const delta = aHistogram({ values: [1, 2] });
  collector.apply(new AProducer().batch([{ ...delta, rows: [{ ...delta.rows[0], sketch }, ...delta.rows] } as unknown as FamilyDelta]));
  expect([counts(collector), collector.refused.of('value_invalid', 'h')]).toEqual([[2, 2], 1]);
});

test.each([
  ['is none', { sketch: true as never }],
  ['has no buckets', { sketch: { ...SKETCH, maxBuckets: 0 } }],
  ['has half a bucket', { sketch: { ...SKETCH, maxBuckets: 1.5 } }],
  ['has a threshold below 0', { sketch: { ...SKETCH, zeroThreshold: -1 } }],
  ['has quantiles of a histogram', { sketch: SKETCH, quantiles: [0.5], window: { duration: 1, slices: 1 } }],
])('a schema whose sketch %s is refused', (_what, parts) => {
  const collector = collect();
  const { schema } = aHistogram({ values: [] });
  const delta = {
    kind: 'histogram',
    schema: { ...schema, ...parts },
    rows: [{ labelValues: [], counts: [1, 0, 0, 0], sum: 1 }],
    removed: [],
  };
  collector.apply(new AProducer().batch([delta as unknown as FamilyDelta]));
  expect([collector.refused.of('sketch_invalid', 'h'), [...collector.families]]).toEqual([1, []]);
});
