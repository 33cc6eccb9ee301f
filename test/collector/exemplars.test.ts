import { expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import type { ExemplarDelta, FamilyDelta } from '../../src/record/batch.js';
import { aDelta } from './a-batch.js';
import { AProducer } from './a-producer.js';
import { aHistogram } from './observed.js';

const anExemplar = (value: number, trace = 't', parts: Partial<ExemplarDelta> = {}): ExemplarDelta => ({
  labelValues: [],
  labels: [['trace_id', trace]],
  value,
  timestamp: 1000,
  ...parts,
});

const withExemplars = (delta: FamilyDelta, ...exemplars: readonly unknown[]): FamilyDelta => ({ ...delta, exemplars }) as FamilyDelta;

/** `value trace` of each bucket's exemplar. */
function shown(collector: Collector): unknown {
  const [family] = collector.families;
  return Array.from(family!.series, ({ exemplars }) => exemplars?.map((one) => one && `${one.value} ${one.labels[0]![1]}`));
}

test('the newest of each bucket, wherever its value says that it belongs', () => {
  const collector = new Collector({ clock: () => 0 });
  const producer = new AProducer();
  const delta = aHistogram({ values: [0.5, 5, 500] });
  collector.apply(producer.batch([withExemplars(delta, anExemplar(1, 'a'), anExemplar(500, 'b'), anExemplar(0.5, 'c'))]));
  expect(shown(collector)).toEqual([['0.5 c', undefined, undefined, '500 b']]);
  collector.apply(producer.batch([withExemplars(delta, anExemplar(Number.POSITIVE_INFINITY, 'd'), anExemplar(1.5, 'e'))]));
  expect(shown(collector)).toEqual([['0.5 c', '1.5 e', undefined, 'Infinity d']]);
  expect([...[...collector.families][0]!.series][0]!.exemplars![0]).toEqual({ labels: [['trace_id', 'c']], value: 0.5, timestamp: 1000 });
});

test('a counter has one', () => {
  const collector = new Collector({ clock: () => 0 });
  const delta = aDelta('counter', { name: 'c' }, [{ labelValues: [], add: 3 }]);
  collector.apply(new AProducer().batch([withExemplars(delta, anExemplar(1, 'a'), anExemplar(2, 'b'))]));
  expect(shown(collector)).toEqual([['2 b']]);
});

test('other bounds and scales take over: each goes where its value belongs', () => {
  const collector = new Collector({ clock: () => 0 });
  const [old, young] = [new AProducer({ boot: 'a' }), new AProducer({ boot: 'b' })];
  collector.apply(
    old.batch([withExemplars(aHistogram({ values: [0.5, 5] }), anExemplar(0.5, 'a'), anExemplar(5, 'b'), anExemplar(500, 'c'))]),
  );
  collector.end({ boot: 'a' });
  collector.apply(young.batch([withExemplars(aHistogram({ values: [2], divisor: 1000, bounds: [600, 6000] }), anExemplar(100_000, 'd'))]));
  expect(shown(collector)).toEqual([['500 a', '5000 b', '100000 d']]);
});

test('those of series that there are not, or that were removed, leave nothing behind', () => {
  const collector = new Collector({ clock: () => 0, limits: { exemplars: 1 } });
  const producer = new AProducer();
  const delta = aDelta('counter', { name: 'c', labelNames: ['a'] }, [{ labelValues: ['x'], add: 3 }]);
  for (let i = 0; i < 5; i++) {
    const both = withExemplars(delta, anExemplar(1, 'other', { labelValues: ['y'] }), anExemplar(1, `${i}`, { labelValues: ['x'] }));
    collector.apply(producer.batch([both]));
    expect(shown(collector)).toEqual([[`1 ${i}`]]);
    collector.apply(producer.batch([{ ...delta, rows: [], removed: [['x']] }]));
  }
  expect(collector.adjusted.total).toBe(0);
});

test('[limits.exemplars] beyond it new ones are left out, and known ones go on', () => {
  const collector = new Collector({ clock: () => 0, limits: { exemplars: 2 } });
  const producer = new AProducer();
  const delta = aHistogram({ values: [0.5, 5, 500] });
  for (const trace of ['a', 'b'])
    collector.apply(producer.batch([withExemplars(delta, anExemplar(0.5, trace), anExemplar(5, trace), anExemplar(500, trace))]));
  expect(shown(collector)).toEqual([['0.5 b', '5 b', undefined, undefined]]);
  expect(collector.adjusted.of('exemplar_limit', 'h')).toBe(2);
});

test.each([
  ['nothing', null],
  ['a text', 'x'],
  ['no labels', anExemplar(1, 't', { labels: undefined as never })],
  ['labels that are no pairs', anExemplar(1, 't', { labels: ['trace_id'] as never })],
  ['a name that Prometheus does not understand', anExemplar(1, 't', { labels: [['trace id', 'x']] })],
  [
    'a name twice',
    anExemplar(1, 't', {
      labels: [
        ['a', 'x'],
        ['a', 'y'],
      ],
    }),
  ],
  ['too many characters', anExemplar(1, 'x'.repeat(121))],
  ['no number', anExemplar(Number.NaN)],
  ['no time', anExemplar(1, 't', { timestamp: Number.NaN })],
  ['label values of no series', anExemplar(1, 't', { labelValues: ['a', 'b'] })],
])('%s is no exemplar', (_what, exemplar) => {
  const collector = new Collector({ clock: () => 0 });
  collector.apply(new AProducer().batch([withExemplars(aHistogram({ values: [1] }), exemplar, anExemplar(1))]));
  expect(shown(collector)).toEqual([['1 t', undefined, undefined, undefined]]);
  expect(collector.refused.of('exemplar_invalid', 'h')).toBe(1);
});

test('summaries have none', () => {
  const collector = new Collector({ clock: () => 0 });
  const delta = aDelta('summary', { name: 's' }, [{ labelValues: [], count: 1, sum: 3 }]);
  collector.apply(new AProducer().batch([withExemplars(delta, anExemplar(1))]));
  expect([shown(collector), collector.refused.of('exemplar_invalid', 's')]).toEqual([[undefined], 1]);
});
