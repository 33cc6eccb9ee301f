import { expect, test } from 'vitest';
import { Collector } from '../../../src/collector/collector.js';
import type { ExposedSeries } from '../../../src/exposition/exposed-family.js';
import type { FamilyDelta } from '../../../src/record/batch.js';
import { aDelta, type SchemaParts } from '../a-batch.js';
import { AProducer } from '../a-producer.js';

const counter = (parts: Partial<SchemaParts> = {}) => aDelta('counter', { name: 'n', ...parts }, [{ labelValues: [], add: 1 }]);
const gauge = (parts: Partial<SchemaParts> = {}) => aDelta('gauge', { name: 'n', ...parts }, [{ labelValues: [], value: 5 }]);
const phase = (merge?: 'state' | 'count') =>
  aDelta('enum', { name: 'n', states: ['on'], ...(merge !== undefined && { merge }) }, [{ labelValues: [], state: 'on' }]);

test.each<[string, FamilyDelta, FamilyDelta, string, string]>([
  ['kind', counter(), gauge(), 'kind_conflict', 'n 5'],
  ['kind of another sort', gauge({ merge: 'livemax' }), counter(), 'kind_conflict', 'n_total 1'],
  ['unit', counter({ unit: 'bytes' }), counter(), 'unit_conflict', 'n_total 1'],
  ['way to show an enum', phase(), phase('count'), 'merge_conflict', 'n{n="on"} 1'],
  ['name that stands in the first', counter(), gauge({ name: 'n_total' }), 'name_conflict', 'n_total 5'],
])('another %s is refused until the last living producer of the first is gone', (_what, first, second, reason, shown) => {
  const collector = new Collector({ clock: () => 0 });
  const [old, older, young] = ['a', 'b', 'c'].map((boot) => new AProducer({ boot }));
  collector.apply(old!.batch([first]));
  collector.apply(older!.batch([first]));
  collector.apply(young!.batch([second]));
  const before = collector.text();
  collector.end(old!.identity);
  collector.apply(young!.batch([second]));
  expect([collector.text(), collector.refused.of(reason as never, second.schema.name)]).toEqual([before, 2]);
  collector.end(older!.identity);
  expect(collector.text()).toBe(first.kind === 'counter' ? before : before.split('\n').slice(0, 2).join('\n').concat('\n'));
  collector.apply(young!.batch([second]));
  expect(collector.text().split('\n').slice(2)).toEqual([shown, '']);
  // Now it is the other way round.
  collector.apply(new AProducer({ boot: 'd' }).batch([first]));
  expect(collector.refused.of(reason as never)).toBe(3);
});

test('who has never told of a family does not hold it', () => {
  const collector = new Collector({ clock: () => 0 });
  collector.apply(new AProducer({ boot: 'a' }).batch([counter()]));
  collector.end({});
  collector.apply(new AProducer({ boot: 'b' }).batch([counter({ name: 'm' })]));
  collector.apply(new AProducer({ boot: 'c' }).batch([gauge()]));
  expect(collector.text()).toContain('\nn 5\n');
});

test('a late batch of a dead producer takes no family over', () => {
  const collector = new Collector({ clock: () => 0 });
  const [first, second] = [new AProducer({ boot: 'a' }), new AProducer({ boot: 'b' })];
  collector.apply(first.batch([counter()]));
  collector.apply(second.batch([]));
  collector.end({});
  collector.apply(second.batch([gauge()]));
  expect([collector.text(), collector.refused.of('kind_conflict', 'n')]).toEqual([
    '# HELP n_total Help.\n# TYPE n_total counter\nn_total 1\n',
    1,
  ]);
});

/** `_bucket` lines of the histogram h as `le: count`, and its sum. */
function bucketsOf(collector: Collector): Record<string, number> {
  const text = collector.text();
  const lines = Array.from(text.matchAll(/^h_(?:bucket\{.*le="(.*)"\}|(sum)\S*) (.*)$/gm), ([, le, sum, value]) => [
    le ?? sum,
    Number(value),
  ]);
  return Object.fromEntries(lines) as Record<string, number>;
}

test('the newest bounds take over when no living producer announces those in use; what was counted moves up to bounds that hold it', () => {
  const collector = new Collector({ clock: () => 0 });
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((boot) => new AProducer({ boot }));
  const observed = (bounds: number[], counts: number[], divisor = 1) =>
    aDelta('histogram', { name: 'h', bounds, divisor }, [{ labelValues: [], counts, sum: 8 * divisor }]);
  collector.apply(a!.batch([observed([1, 5, 10], [1, 1, 1, 1])]));
  collector.apply(b!.batch([observed([5, 20], [1, 1, 1])]));
  collector.apply(c!.batch([observed([2000, 10_000], [1, 1, 1], 1000)]));
  collector.apply(d!.batch([]));
  expect(bucketsOf(collector)).toEqual({ 1: 1, 5: 4, 10: 6, '+Inf': 10, sum: 24 });
  expect(collector.adjusted.of('bounds_differ', 'h')).toBe(2);
  collector.end(a!.identity);
  expect(bucketsOf(collector)).toEqual({ 2: 1, 10: 6, '+Inf': 10, sum: 24 });
  expect(collector.adjusted.of('bounds_replaced', 'h')).toBe(1);
  // Those of the second are in other bounds still.
  collector.apply(b!.batch([observed([5, 20], [1, 1, 1])]));
  expect(bucketsOf(collector)).toEqual({ 2: 1, 10: 7, '+Inf': 13, sum: 32 });
  collector.end(c!.identity);
  expect(bucketsOf(collector)).toEqual({ 5: 1, 20: 7, '+Inf': 13, sum: 32 });
  // Nobody is left, until somebody comes who announces others.
  collector.end(b!.identity);
  expect(bucketsOf(collector)).toEqual({ 5: 1, 20: 7, '+Inf': 13, sum: 32 });
  collector.apply(d!.batch([observed([7], [1, 1])]));
  expect(bucketsOf(collector)).toEqual({ 7: 2, '+Inf': 15, sum: 40 });
});

function next(reader: Iterator<ExposedSeries>): ExposedSeries {
  const { value, done } = reader.next();
  if (done === true) throw new Error('the series end too early');
  return value;
}

test('whoever reads while bounds change reads the series as they were', () => {
  const collector = new Collector({ clock: () => 0 });
  const rows = (buckets: number) =>
    Array.from({ length: 3 }, (_, i) => ({ labelValues: [`${i}`], counts: Array.from({ length: buckets }, () => 1), sum: 1 }));
  const tell = (boot: string, bounds: number[]): void => {
    const schema = { name: 'h', labelNames: ['a'], bounds };
    collector.apply(new AProducer({ boot }).batch([aDelta('histogram', schema, rows(bounds.length + 1))]));
  };
  tell('a', [1, 2, 3]);
  const [family] = [...collector.families];
  const { bounds } = family!;
  const reader = family!.series[Symbol.iterator]();
  const read = [next(reader)];
  tell('b', [5]);
  collector.end({ boot: 'a' });
  expect(family!.bounds).toEqual([5]);
  read.push(next(reader), next(reader));
  expect(bounds).toEqual([1, 2, 3]);
  expect(read.map(({ labels, cells, offset }) => [labels, ...cells.subarray(offset, offset + 5)])).toEqual([
    ['a="0"', 1, 1, 1, 3, 2],
    ['a="1"', 1, 1, 1, 3, 2],
    ['a="2"', 1, 1, 1, 3, 2],
  ]);
});

test('bounds without end do not make the collector remember without end', () => {
  const collector = new Collector({ clock: () => 0 });
  const producer = new AProducer();
  for (let i = 1; i <= 500; i++) {
    collector.apply(producer.batch([aDelta('histogram', { name: 'h', bounds: [i] }, [{ labelValues: [], counts: [1, 0], sum: 1 }])]));
  }
  const [family] = collector.aggregate.families;
  expect(family!.copy(0).head.layouts.length).toBeLessThanOrEqual(65);
  expect(bucketsOf(collector)).toEqual({ 1: 1, '+Inf': 500, sum: 500 });
});
