import { expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import { normalizeCollectorLimits } from '../../src/collector/limits.js';
import type { RowOfKind } from '../../src/record/batch.js';
import type { MetricKind } from '../../src/record/recorded.js';
import { parseText } from '../exposition/parse-text.js';
import { aBatch, aDelta } from './a-batch.js';

/** A collector with room for two series, after one row for each of these label values. */
function crowded<K extends MetricKind>(kind: K, values: readonly string[], row: Omit<RowOfKind[K], 'labelValues'>): Collector {
  const collector = new Collector({ limits: { seriesPerFamily: 2 } });
  const rows = values.map((value) => ({ ...row, labelValues: [value] }) as unknown as RowOfKind[K]);
  collector.apply(aBatch(aDelta(kind, { name: 'n', labelNames: ['l'], states: kind === 'enum' ? ['on'] : [] }, rows)));
  return collector;
}

const samples = (collector: Collector) =>
  parseText(collector.text())[0]!.samples.map(({ name, labels, value }) => [name, labels.l ?? labels.phanos_overflow, value]);

test('additive kinds fold new label sets, so that totals stay right', () => {
  const counter = crowded('counter', ['a', 'b', 'c', 'd', 'a', 'c'], { add: 1 });
  expect(samples(counter)).toEqual([
    ['n_total', 'a', 2],
    ['n_total', 'b', 1],
    ['n_total', 'true', 3],
  ]);
  expect([...counter.adjusted.entries()]).toEqual([['n', 'series_limit', 3]]);
  expect(counter.refused.total).toBe(0);
  expect(samples(crowded('summary', ['a', 'b', 'c', 'd'], { count: 2, sum: 3 })).slice(4)).toEqual([
    ['n_sum', 'true', 6],
    ['n_count', 'true', 4],
  ]);
  expect(samples(crowded('histogram', ['a', 'b', 'c', 'd'], { counts: [2], sum: 3 })).slice(6)).toEqual([
    ['n_bucket', 'true', 4],
    ['n_sum', 'true', 6],
    ['n_count', 'true', 4],
  ]);
});

test('other kinds refuse new label sets and keep the old ones up to date', () => {
  for (const collector of [
    crowded('gauge', ['a', 'b', 'c', 'a'], { value: 1 }),
    crowded('enum', ['a', 'b', 'c', 'a'], { state: 'on' }),
    crowded('info', ['a', 'b', 'c', 'a'], { pairs: {} }),
  ]) {
    expect(samples(collector).map(([, label]) => label)).toEqual(['a', 'b']);
    expect([...collector.refused.entries()]).toEqual([['n', 'series_limit', 1]]);
  }
});

test('a removed series makes room for another; the overflow series takes none', () => {
  const collector = crowded('counter', ['a', 'b', 'c'], { add: 1 });
  collector.apply(aBatch(aDelta('counter', { name: 'n', labelNames: ['l'] }, [{ labelValues: ['d'], add: 5 }], [['a']])));
  expect(samples(collector)).toEqual([
    ['n_total', 'b', 1],
    ['n_total', 'true', 1],
    ['n_total', 'd', 5],
  ]);
});

test('no label values at all on a family with labels are what a producer has folded', () => {
  const collector = new Collector({ limits: { seriesPerFamily: 1 } });
  collector.apply(
    aBatch(
      aDelta('counter', { name: 'n', labelNames: ['l'] }, [
        { labelValues: ['a'], add: 1 },
        { labelValues: [], add: 5 },
      ]),
    ),
  );
  collector.apply(
    aBatch(
      aDelta('counter', { name: 'n', labelNames: ['l'] }, [
        { labelValues: ['b'], add: 2 },
        { labelValues: [], add: 1 },
      ]),
    ),
  );
  expect(collector.text()).toContain('n_total{l="a"} 1\nn_total{phanos_overflow="true"} 8\n');
  expect([...collector.adjusted.entries()]).toEqual([
    ['n', 'producer_limit', 2],
    ['n', 'series_limit', 1],
  ]);
});

test('what a producer has folded itself joins the overflow series', () => {
  const collector = crowded('counter', ['a', 'b', 'c'], { add: 1 });
  collector.apply(aBatch(aDelta('counter', { name: 'n', labelNames: ['phanos_overflow'] }, [{ labelValues: ['true'], add: 5 }])));
  expect(samples(collector).at(-1)).toEqual(['n_total', 'true', 6]);
});

test('values longer than the limit join it too', () => {
  for (const [kind, row] of [
    ['counter', { add: 1 }],
    ['summary', { count: 1, sum: 1 }],
    ['histogram', { counts: [1], sum: 1 }],
  ] as const) {
    const collector = crowded(kind, ['a', 'x'.repeat(257), 'y'.repeat(300)], row);
    expect(samples(collector).filter(([name]) => /total|count/.test(String(name)))).toEqual([
      [expect.any(String), 'a', 1],
      [expect.any(String), 'true', 2],
    ]);
    expect([[...collector.adjusted.entries()], collector.refused.total]).toEqual([[['n', 'label_value_limit', 2]], 0]);
  }
});

test('10 000 series fit by default', () => {
  const collector = new Collector();
  const rows = Array.from({ length: 10_001 }, (_, i) => ({ labelValues: [`${i}`], add: 1 }));
  collector.apply(aBatch(aDelta('counter', { name: 'n', labelNames: ['l'] }, rows)));
  expect(collector.adjusted.of('series_limit', 'n')).toBe(1);
  expect(samples(collector).length).toBe(10_001);
});

test('[limits.families] new families are refused beyond it, known ones go on, and one that leaves makes room', () => {
  const collector = new Collector({ limits: { families: 2 } });
  const counters = (seq: number, ...names: readonly string[]): void =>
    void collector.apply({
      ...aBatch(...names.map((name) => aDelta('counter', { name, labelNames: ['l'] }, [{ labelValues: ['a'], add: 1 }]))),
      ...{ seq, oldest: seq },
    });
  const shown = () => parseText(collector.text()).map(({ name, samples: [sample] }) => [name, sample?.value]);
  counters(1, 'a', 'b', 'c', 'a');
  expect(shown()).toEqual([
    ['a_total', 2],
    ['b_total', 1],
  ]);
  expect([...collector.refused.entries()]).toEqual([['c', 'family_limit', 1]]);
  const removal = aDelta('counter', { name: 'a', labelNames: ['l'] }, [], [['a']]);
  collector.apply({ ...aBatch(removal), seq: 2, oldest: 2 });
  counters(3, 'c');
  expect(shown()).toEqual([
    ['b_total', 1],
    ['c_total', 1],
  ]);
});

test('a family whose programs make up label names or states is bounded, and what it has goes on', () => {
  const collector = new Collector();
  const apply = (seq: number, delta: ReturnType<typeof aDelta>): void => void collector.apply({ ...aBatch(delta), seq, oldest: seq });
  for (let i = 0; i < 300; i++) apply(i + 1, aDelta('counter', { name: 'n', labelNames: [`l${i}`] }, [{ labelValues: ['a'], add: 1 }]));
  expect(parseText(collector.text())[0]!.samples.length).toBe(256);
  expect([...collector.refused.entries()]).toEqual([['n', 'labels_limit', 44]]);
  apply(301, aDelta('counter', { name: 'n', labelNames: ['l7'] }, [{ labelValues: ['a'], add: 1 }]));
  expect(parseText(collector.text())[0]!.samples[7]).toMatchObject({ labels: { l7: 'a' }, value: 2 });

  const states = (from: number) => Array.from({ length: 600 }, (_, i) => `s${from + i}`);
  for (const [i, from] of [0, 400, 500].entries()) {
    apply(302 + i, aDelta('enum', { name: 'e', states: states(from) }, [{ labelValues: [], state: `s${from}` }]));
  }
  expect(collector.refused.of('states_limit', 'e')).toBe(1);
  const { samples: shown } = parseText(collector.text()).find(({ name }) => name === 'e')!;
  expect([shown.length, shown.find(({ value }) => value === 1)?.labels.e]).toEqual([1000, 's400']);
});

test('32 labels and 256 characters fit by default', () => {
  const collector = new Collector();
  const labelNames = Array.from({ length: 32 }, (_, i) => `l${i}`);
  collector.apply(aBatch(aDelta('counter', { name: 'n', labelNames }, [{ labelValues: labelNames.map(() => 'x'.repeat(256)), add: 1 }])));
  expect(collector.refused.total).toBe(0);
  expect(parseText(collector.text())[0]!.samples.length).toBe(1);
});

test('[limits] wrong ones are refused by name', () => {
  expect(normalizeCollectorLimits({ labels: 5 })).toEqual({
    exemplars: 100_000,
    sketchBuckets: 320,
    seriesPerFamily: 10_000,
    seriesPerJob: 50_000,
    series: 200_000,
    families: 10_000,
    labels: 5,
    labelValueLength: 256,
    producers: 10_000,
  });
  expect(() => new Collector({ limits: { seriesPerFamily: 0 } })).toThrow(
    'limits.seriesPerFamily must be a whole number of 1 or more, got 0',
  );
  expect(() => new Collector({ limits: { labels: 1.5 } })).toThrow(RangeError);
  expect(() => new Collector({ limits: { rows: 1 } as never })).toThrow(
    'limits.rows is unknown; known limits are seriesPerFamily, seriesPerJob, series, families, labels, labelValueLength, producers',
  );
});
