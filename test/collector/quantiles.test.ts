import { expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import { mergedFamilies } from '../../src/collector/merged-families.js';
import { renderText } from '../../src/exposition/text.js';
import type { FamilyDelta } from '../../src/record/batch.js';
import { parseText } from '../exposition/parse-text.js';
import { AProducer } from './a-producer.js';
import { aSummary, withoutSketch } from './observed.js';

let now = 0;

function collect(): Collector {
  now = 0;
  return new Collector({ clock: () => now });
}

/** Samples of the summary: each quantile rounded to 3 digits, and its totals. */
function shown(collector: Collector): Record<string, number | string> {
  const samples = parseText(collector.text()).flatMap((family) => family.samples);
  return Object.fromEntries(
    samples.map(({ name, labels, value }) =>
      labels.quantile === undefined ? [name, value] : [labels.quantile, Number.isNaN(value) ? 'NaN' : Number(value.toPrecision(2))],
    ),
  );
}

test('quantiles of all producers together, of what came within the window', () => {
  const collector = collect();
  const [a, b] = [new AProducer({ boot: 'a' }), new AProducer({ boot: 'b' })];
  collector.apply(a.batch([aSummary({ values: [10, 10, 10, 10, 10] })]));
  now = 4000;
  collector.apply(b.batch([aSummary({ values: [100, 500] })]));
  expect(shown(collector)).toEqual({ 0: 10, 0.5: 10, 1: 500, s_sum: 650, s_count: 7 });
  now = 10_000;
  expect(shown(collector)).toEqual({ 0: 100, 0.5: 100, 1: 500, s_sum: 650, s_count: 7 });
  now = 14_000;
  expect(shown(collector)).toEqual({ 0: 'NaN', 0.5: 'NaN', 1: 'NaN', s_sum: 650, s_count: 7 });
});

test('a dead producer leaves the window as everybody does', () => {
  const collector = collect();
  const producer = new AProducer();
  collector.apply(producer.batch([aSummary({ values: [3] })]));
  collector.end({ boot: 'b' });
  expect(shown(collector)).toMatchObject({ 0.5: 3 });
  now = 10_000;
  expect(shown(collector)).toMatchObject({ 0.5: 'NaN', s_count: 1 });
});

test('they are shown in the exposed unit', () => {
  const collector = collect();
  collector.apply(new AProducer().batch([aSummary({ values: [1500], divisor: 1000, unit: 'seconds' })]));
  expect(shown(collector)).toEqual({ 0: 1.5, 0.5: 1.5, 1: 1.5, s_sum: 1.5, s_count: 1 });
});

test('NaN while nothing came, or nothing with a sketch', () => {
  const collector = collect();
  const producer = new AProducer();
  collector.apply(producer.batch([aSummary({ values: [] })]));
  expect(shown(collector)).toEqual({ 0: 'NaN', 0.5: 'NaN', 1: 'NaN', s_sum: 0, s_count: 0 });
  collector.apply(new AProducer({ boot: 'plain' }).batch([withoutSketch(aSummary({ values: [5] }))]));
  expect(shown(collector)).toEqual({ 0: 'NaN', 0.5: 'NaN', 1: 'NaN', s_sum: 5, s_count: 1 });
});

test('the newest schema says which quantiles of what time are shown', () => {
  const collector = collect();
  const [old, young] = [new AProducer({ boot: 'a' }), new AProducer({ boot: 'b' })];
  const first = aSummary({ values: [3] });
  collector.apply(old.batch([first]));
  collector.apply(young.batch([aSummary({ values: [9], quantiles: [0.25, 0.75] })]));
  collector.apply(old.batch([first]));
  expect(shown(collector)).toEqual({ 0.25: 3, 0.75: 9, s_sum: 15, s_count: 3 });
  collector.apply(young.batch([aSummary({ values: [9], quantiles: [0.5], window: { duration: 1000, slices: 2 } })]));
  expect(shown(collector)).toEqual({ 0.5: 9, s_sum: 24, s_count: 4 });
  now = 1000;
  expect(shown(collector)).toMatchObject({ 0.5: 'NaN' });
});

test('quantiles are gone when no living producer asks for them', () => {
  const collector = collect();
  collector.apply(new AProducer({ boot: 'a' }).batch([aSummary({ values: [1] })]));
  collector.end({ boot: 'a' });
  collector.apply(new AProducer({ boot: 'b' }).batch([withoutSketch(aSummary({ values: [5] }))]));
  expect(shown(collector)).toEqual({ s_sum: 6, s_count: 2 });
});

test.each([
  ['descend', { quantiles: [0.9, 0.5] }],
  ['repeat', { quantiles: [0.5, 0.5] }],
  ['are beyond 1', { quantiles: [1.5] }],
  ['are no numbers', { quantiles: ['0.5'] }],
  ['are no list', { quantiles: 0.5 }],
  ['are too many', { quantiles: Array.from({ length: 33 }, (_, i) => i / 40) }],
  ['have no window', { window: undefined }],
  ['have a window of no time', { window: { duration: 0, slices: 5 } }],
  ['have an endless window', { window: { duration: Number.POSITIVE_INFINITY, slices: 5 } }],
  ['have too many slices', { window: { duration: 1000, slices: 13 } }],
  ['have half a slice', { window: { duration: 1000, slices: 0.5 } }],
  ['have no sketch', { sketch: undefined }],
])('a schema whose quantiles %s is refused', (_what, parts) => {
  const collector = collect();
  const delta = aSummary({ values: [1] });
  collector.apply(new AProducer().batch([{ ...delta, schema: { ...delta.schema, ...parts } } as unknown as FamilyDelta]));
  expect([collector.refused.of('sketch_invalid', 's'), collector.text()]).toEqual([1, '']);
});

test('collectors whose summaries show other quantiles are shown as one: each value under its own quantile', () => {
  const [a, b] = [collect(), collect()];
  const labelNames = ['of'];
  a.apply(new AProducer().batch([aSummary({ values: [1, 2, 3000], labelNames, labelValues: ['a'], quantiles: [0.5, 1] })]));
  const other = { divisor: 1000, quantiles: [0.1, 0.5] };
  b.apply(new AProducer().batch([aSummary({ values: [4000, 7000, 9000], labelNames, labelValues: ['b'], ...other })]));
  const text = [...renderText(mergedFamilies([a.families, b.families]))].join('');
  const values = parseText(text).flatMap(({ samples }) =>
    samples.map(({ name, labels, value }) => [name, labels.of, labels.quantile, value]),
  );
  expect(values).toEqual([
    ['s', 'a', '0.5', expect.closeTo(2, 0)],
    ['s', 'a', '1', expect.closeTo(3000, -3)],
    ['s_sum', 'a', undefined, 3003],
    ['s_count', 'a', undefined, 3],
    ['s', 'b', '0.5', expect.closeTo(7, 0)],
    ['s', 'b', '1', Number.NaN],
    ['s_sum', 'b', undefined, 20],
    ['s_count', 'b', undefined, 3],
  ]);
});
