import { expect, test } from 'vitest';
import { Collector } from '../../../src/collector/collector.js';
import type { Batch } from '../../../src/record/batch.js';
import { aDelta, aSchema } from '../a-batch.js';
import { AProducer } from '../a-producer.js';

/** States of one producer, whose batches come in any order; `removed` are applied before `values`. */
interface Told {
  readonly values?: Readonly<Record<string, number>>;
  readonly removed?: readonly string[];
  readonly whole?: true;
  readonly wholeFrom?: number;
}

const SCHEMA = aSchema({ name: 'g', labelNames: ['a'] });

/** What is shown after the batches came in this order, by number. */
function shownAfter(told: readonly Told[], order: readonly number[]): Record<string, number> {
  const collector = new Collector({ clock: () => 0 });
  const producer = new AProducer();
  const batches = told.map(({ values = {}, removed = [], ...parts }): Batch => {
    const rows = Object.entries(values).map(([label, value]) => ({ labelValues: [label], value }));
    return producer.batch(
      [
        aDelta(
          'gauge',
          SCHEMA,
          rows,
          removed.map((label) => [label]),
        ),
      ],
      { oldest: 1, ...parts },
    );
  });
  for (const number of order) expect(collector.apply(batches[number - 1]!)).toBe('new');
  return Object.fromEntries(Array.from(collector.text().matchAll(/^g\{a="(.*)"\} (.*)$/gm), ([, label, value]) => [label, Number(value)]));
}

const ORDERS = [
  [1, 2, 3],
  [1, 3, 2],
  [2, 1, 3],
  [2, 3, 1],
  [3, 1, 2],
  [3, 2, 1],
];

test.each(ORDERS)('older never overwrites newer (%i %i %i)', (...order) => {
  expect(shownAfter([{ values: { x: 1, y: 1 } }, { values: { x: 2 } }, { values: { x: 3 } }], order)).toEqual({ x: 3, y: 1 });
});

test.each(ORDERS)('what was removed does not come back with an older batch (%i %i %i)', (...order) => {
  expect(shownAfter([{ values: { x: 1, y: 1 } }, { values: { x: 2 } }, { removed: ['x'] }], order)).toEqual({ y: 1 });
});

test.each(ORDERS)('what was removed and told again is there (%i %i %i)', (...order) => {
  expect(shownAfter([{ values: { x: 1 } }, { removed: ['x', 'y'] }, { values: { x: 3 } }], order)).toEqual({ x: 3 });
  expect(shownAfter([{ values: { x: 1 } }, { removed: ['x'], values: { x: 2 } }, { values: { y: 3 } }], order)).toEqual({ x: 2, y: 3 });
});

test.each(ORDERS)('what a whole state does not mention is gone (%i %i %i)', (...order) => {
  expect(shownAfter([{ values: { x: 1, y: 1 } }, { values: { y: 2 }, whole: true }, { values: { z: 3 } }], order)).toEqual({ y: 2, z: 3 });
  expect(shownAfter([{ values: { x: 1, y: 1 } }, { values: { z: 2 } }, { values: { y: 3 }, whole: true }], order)).toEqual({ y: 3 });
});

test.each(ORDERS)('a whole state in several batches is whole once all of them are there (%i %i %i)', (...order) => {
  expect(shownAfter([{ values: { x: 1, y: 1 } }, { values: { y: 2 } }, { values: { z: 3 }, whole: true, wholeFrom: 2 }], order)).toEqual({
    y: 2,
    z: 3,
  });
});

test('before a whole state is complete, nothing is gone', () => {
  const told: Told[] = [{ values: { x: 1, y: 1 } }, { values: { y: 2 } }, { values: { z: 3 }, whole: true, wholeFrom: 2 }];
  expect(shownAfter(told, [1, 3])).toEqual({ x: 1, y: 1, z: 3 });
});

test('a whole state becomes complete when its producer gives up what is missing', () => {
  const collector = new Collector({ clock: () => 0 });
  const producer = new AProducer();
  const tell = (values: Record<string, number>, parts: Partial<Batch> = {}): Batch =>
    producer.batch(
      [
        aDelta(
          'gauge',
          SCHEMA,
          Object.entries(values).map(([label, value]) => ({ labelValues: [label], value })),
        ),
      ],
      { oldest: 1, ...parts },
    );
  collector.apply(tell({ x: 1 }));
  tell({ x: 2 });
  collector.apply(tell({ y: 3 }, { whole: true }));
  expect(collector.text()).toContain('g{a="x"} 1\n');
  collector.apply(producer.beat());
  expect(collector.text()).toBe('# HELP g Help.\n# TYPE g gauge\ng{a="y"} 3\n');
});

test('a whole state speaks for its producer alone, and for what is counted not at all', () => {
  const collector = new Collector({ clock: () => 0 });
  const [a, b] = [new AProducer({ worker: '0' }), new AProducer({ worker: '1' })];
  const gauge = (label: string) => aDelta('gauge', SCHEMA, [{ labelValues: [label], value: 1 }]);
  collector.apply(a.batch([gauge('x'), aDelta('counter', { name: 'n' }, [{ labelValues: [], add: 1 }])]));
  collector.apply(b.batch([gauge('x'), gauge('y')]));
  collector.apply(a.batch([], { whole: true }));
  expect(collector.text()).toBe(
    '# HELP g Help.\n# TYPE g gauge\ng{a="x"} 1\ng{a="y"} 1\n# HELP n_total Help.\n# TYPE n_total counter\nn_total 1\n',
  );
});

test('removals are those of their producer; a series goes with its last holder', () => {
  const collector = new Collector({ clock: () => 0 });
  const [a, b] = [new AProducer({ worker: '0' }), new AProducer({ worker: '1' })];
  for (const producer of [a, b]) collector.apply(producer.batch([aDelta('gauge', SCHEMA, [{ labelValues: ['x'], value: 2 }])]));
  collector.apply(a.batch([aDelta('gauge', SCHEMA, [], [['x']])]));
  expect(collector.text()).toContain('\ng{a="x"} 2\n');
  collector.apply(b.batch([aDelta('gauge', SCHEMA, [], [['x']])]));
  expect(collector.text()).toBe('');
});

test('what is counted is removed only by the one producer that ever counted it, and not by a removal that was overtaken', () => {
  const collector = new Collector({ clock: () => 0 });
  const [a, b] = [new AProducer({ worker: '0' }), new AProducer({ worker: '1' })];
  const schema = aSchema({ name: 'n', labelNames: ['a'] });
  const counted = (...labels: string[]) =>
    aDelta(
      'counter',
      schema,
      labels.map((label) => ({ labelValues: [label], add: 1 })),
    );
  collector.apply(a.batch([counted('own', 'shared', 'late')]));
  collector.apply(b.batch([counted('shared')]));
  const removal = a.batch([aDelta('counter', schema, [], [['own'], ['shared'], ['none']])], { oldest: 2 });
  const overtaken = a.batch([aDelta('counter', schema, [], [['late']])], { oldest: 2 });
  const after = a.batch([counted('late')], { oldest: 2 });
  for (const batch of [removal, after, overtaken]) expect(collector.apply(batch)).toBe('new');
  expect(collector.text()).toContain('counter\nn_total{a="shared"} 2\nn_total{a="late"} 2\n');
  expect([...collector.adjusted.entries()]).toEqual([['n', 'removal_ignored', 2]]);
});

test('a family whose last series was removed leaves its name to another kind; what is known of the removal stays until it is settled', () => {
  const collector = new Collector({ clock: () => 0 });
  const producer = new AProducer();
  const gauge = (value: number) => aDelta('gauge', SCHEMA, [{ labelValues: ['x'], value }]);
  const [first, second, removal] = [
    producer.batch([gauge(1)], { oldest: 1 }),
    producer.batch([gauge(2)], { oldest: 1 }),
    producer.batch([aDelta('gauge', SCHEMA, [], [['x']])], { oldest: 1 }),
  ];
  for (const batch of [first, removal, second]) collector.apply(batch);
  expect(collector.text()).toBe('# HELP g Help.\n# TYPE g gauge\n');
  collector.apply(producer.batch([aDelta('gauge', SCHEMA, [], [['x']])]));
  collector.apply(producer.batch([aDelta('counter', { name: 'g' }, [{ labelValues: [], add: 1 }])]));
  expect([collector.text(), collector.refused.total]).toEqual(['# HELP g_total Help.\n# TYPE g_total counter\ng_total 1\n', 0]);
});
