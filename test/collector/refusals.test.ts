import { expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import type { FamilyDelta } from '../../src/record/batch.js';
import { parseText } from '../exposition/parse-text.js';
import { aBatch, aDelta, aSchema } from './a-batch.js';

const counter = (name: string, add: unknown = 1) => aDelta('counter', { name }, [{ labelValues: [], add: add as number }]);
const good = aDelta('gauge', { name: 'good' }, [{ labelValues: [], value: 1 }]);

test.each<[string, unknown, [family: string, reason: string]]>([
  ['a dash in the name', counter('a-b'), ['', 'name_invalid']],
  ['a colon in the name of an enum', aDelta('enum', { name: 'a:b', states: ['on'] }, []), ['a:b', 'name_invalid']],
  ['a reserved name', counter('__a'), ['', 'name_invalid']],
  ['a line end in the name', counter('a 1\nup'), ['', 'name_invalid']],
  ['a dash in a label name', aDelta('counter', { name: 'n', labelNames: ['a-b'] }, []), ['n', 'name_invalid']],
  ['a reserved label name', aDelta('counter', { name: 'n', labelNames: ['__name__'] }, []), ['n', 'name_invalid']],
  ['le as a label', aDelta('histogram', { name: 'n', labelNames: ['le'] }, []), ['n', 'name_invalid']],
  ['a label twice', aDelta('counter', { name: 'n', labelNames: ['a', 'a'] }, []), ['n', 'name_invalid']],
  ['an enum label named like the enum', aDelta('enum', { name: 'n', labelNames: ['n'], states: ['a'] }, []), ['n', 'name_invalid']],
  ['an enum whose label of the state would be the job', aDelta('enum', { name: 'job', states: ['a'] }, []), ['job', 'name_invalid']],
  [
    'an enum whose label of the state would be the instance',
    aDelta('enum', { name: 'instance', states: ['a'] }, []),
    ['instance', 'name_invalid'],
  ],
  ['33 labels', aDelta('counter', { name: 'n', labelNames: Array.from({ length: 33 }, (_, i) => `l${i}`) }, []), ['n', 'labels_limit']],
  ['bounds that do not ascend', aDelta('histogram', { name: 'n', bounds: [2, 1] }, []), ['n', 'bounds_invalid']],
  ['+Inf among the bounds', aDelta('histogram', { name: 'n', bounds: [1, Number.POSITIVE_INFINITY] }, []), ['n', 'bounds_invalid']],
  ['bounds that are equal once divided', aDelta('histogram', { name: 'n', bounds: [0, 5e-324], divisor: 10 }, []), ['n', 'bounds_invalid']],
  ['an enum without states', aDelta('enum', { name: 'n' }, []), ['n', 'state_unknown']],
  ['a divisor of 0', aDelta('counter', { name: 'n', divisor: 0 }, []), ['n', 'malformed']],
  ['an unknown kind', { ...counter('n'), kind: 'untyped' }, ['n', 'malformed']],
  ['a kind that every object has', { ...counter('n'), kind: 'constructor' }, ['n', 'malformed']],
  ['no schema', { kind: 'counter', rows: [], removed: [] }, ['', 'malformed']],
  ['no rows', { kind: 'counter', schema: aSchema({ name: 'n' }), removed: [] }, ['', 'malformed']],
  ['no family', null, ['', 'malformed']],
  ['a negative count', counter('n', -1), ['n', 'value_invalid']],
  ['a NaN count', counter('n', Number.NaN), ['n', 'value_invalid']],
  ['an infinite count', counter('n', Number.POSITIVE_INFINITY), ['n', 'value_invalid']],
  ['a count in text', counter('n', '1'), ['n', 'value_invalid']],
  ['a gauge in text', aDelta('gauge', { name: 'n' }, [{ labelValues: [], value: '1' as never }]), ['n', 'value_invalid']],
  ['no row', aDelta('counter', { name: 'n' }, [null as never]), ['n', 'malformed']],
  ['a bucket too few', aDelta('histogram', { name: 'n', bounds: [1] }, [{ labelValues: [], counts: [1], sum: 1 }]), ['n', 'value_invalid']],
  ['half an observation', aDelta('histogram', { name: 'n' }, [{ labelValues: [], counts: [0.5], sum: 1 }]), ['n', 'value_invalid']],
  ['observations below zero', aDelta('histogram', { name: 'n' }, [{ labelValues: [], counts: [-1], sum: 1 }]), ['n', 'value_invalid']],
  ['no counts', aDelta('histogram', { name: 'n' }, [{ labelValues: [], sum: 1 } as never]), ['n', 'value_invalid']],
  ['no sum', aDelta('summary', { name: 'n' }, [{ labelValues: [], count: 1 } as never]), ['n', 'value_invalid']],
  ['an unknown state', aDelta('enum', { name: 'n', states: ['a'] }, [{ labelValues: [], state: 'b' }]), ['n', 'state_unknown']],
  [
    'too few label values',
    aDelta('counter', { name: 'n', labelNames: ['a', 'b'] }, [{ labelValues: ['x'], add: 1 }]),
    ['n', 'labels_invalid'],
  ],
  [
    'a label value that is a number',
    aDelta('counter', { name: 'n', labelNames: ['a'] }, [{ labelValues: [1 as never], add: 1 }]),
    ['n', 'labels_invalid'],
  ],
  [
    'label values that are text',
    aDelta('counter', { name: 'n', labelNames: ['a'] }, [{ labelValues: 'x' as never, add: 1 }]),
    ['n', 'labels_invalid'],
  ],
  [
    'a long label value of a gauge',
    aDelta('gauge', { name: 'n', labelNames: ['a'] }, [{ labelValues: ['x'.repeat(257)], value: 1 }]),
    ['n', 'label_value_limit'],
  ],
  ['removed label values that do not fit', aDelta('counter', { name: 'n' }, [], [['x']]), ['n', 'labels_invalid']],
  ['info pairs with a bad name', aDelta('info', { name: 'n' }, [{ labelValues: [], pairs: { 'a-b': '1' } }]), ['n', 'name_invalid']],
  [
    'info pairs named like a label',
    aDelta('info', { name: 'n', labelNames: ['a'] }, [{ labelValues: ['1'], pairs: { a: '2' } }]),
    ['n', 'name_invalid'],
  ],
  ['info pairs that are numbers', aDelta('info', { name: 'n' }, [{ labelValues: [], pairs: { a: 1 as never } }]), ['n', 'labels_invalid']],
  ['long info pairs', aDelta('info', { name: 'n' }, [{ labelValues: [], pairs: { a: 'x'.repeat(257) } }]), ['n', 'label_value_limit']],
  ['no info pairs', aDelta('info', { name: 'n' }, [{ labelValues: [] } as never]), ['n', 'malformed']],
  [
    '33 info pairs',
    aDelta('info', { name: 'n' }, [{ labelValues: [], pairs: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`l${i}`, 'x'])) }]),
    ['n', 'labels_limit'],
  ],
])('%s is refused and counted, the rest of the batch applied', (_what, bad, [family, reason]) => {
  const collector = new Collector();
  collector.apply(aBatch(bad, good));
  expect([...collector.refused.entries()]).toEqual([[family, reason, 1]]);
  const families = parseText(collector.text());
  expect(families.at(-1)).toMatchObject({ name: 'good', samples: [{ value: 1 }] });
  expect(families.flatMap(({ samples }) => samples).length).toBe(1);
});

test('a bad row does not take its neighbours with it', () => {
  const collector = new Collector();
  const rows = [1, Number.NaN, 2, -1, 4].map((add) => ({ labelValues: [], add }));
  collector.apply(aBatch(aDelta('counter', { name: 'n' }, rows)));
  expect(collector.text()).toContain('\nn_total 7\n');
  expect(collector.refused.of('value_invalid', 'n')).toBe(2);
});

test('every row of a refused family is counted', () => {
  const collector = new Collector();
  collector.apply(
    aBatch(
      aDelta(
        'counter',
        { name: 'n', labelNames: ['le'] },
        [1, 2, 3].map((add) => ({ labelValues: ['x'], add })),
      ),
    ),
  );
  expect(collector.refused.of('name_invalid')).toBe(3);
  expect(collector.text()).toBe('');
});

test('the first kind and unit of a name stay', () => {
  const collector = new Collector();
  collector.apply(aBatch(counter('n')));
  collector.apply(aBatch(aDelta('gauge', { name: 'n' }, [{ labelValues: [], value: 5 }])));
  collector.apply(aBatch(aDelta('counter', { name: 'n', unit: 'bytes' }, [{ labelValues: [], add: 5 }])));
  collector.apply(aBatch(counter('n')));
  expect([...collector.refused.entries()]).toEqual([
    ['n', 'kind_conflict', 1],
    ['n', 'unit_conflict', 1],
  ]);
  expect(collector.text()).toBe('# HELP n_total Help.\n# TYPE n_total counter\nn_total 2\n');
});

test('a schema object that comes back with another kind is still a conflict', () => {
  const collector = new Collector();
  const schema = aSchema({ name: 'n' });
  collector.apply(aBatch(aDelta('counter', schema, [{ labelValues: [], add: 1 }])));
  collector.apply(aBatch(aDelta('gauge', schema, [{ labelValues: [], value: 5 }])));
  expect(collector.refused.of('kind_conflict', 'n')).toBe(1);
});

test.each<[FamilyDelta, FamilyDelta]>([
  [counter('a'), counter('a_total')],
  [counter('a'), aDelta('gauge', { name: 'a_total' }, [])],
  [aDelta('histogram', { name: 'h' }, []), aDelta('gauge', { name: 'h_count' }, [])],
  [aDelta('gauge', { name: 's_sum' }, []), aDelta('summary', { name: 's' }, [])],
  [aDelta('info', { name: 'i' }, []), aDelta('gauge', { name: 'i_info' }, [])],
])('a family whose samples would stand in another family is refused', (first, second) => {
  const collector = new Collector();
  collector.apply(aBatch(first, second));
  expect([...collector.refused.entries()]).toEqual([[second.schema.name, 'name_conflict', 1]]);
  expect(parseText(collector.text()).length).toBe(1);
});

test.each([undefined, null, 5, {}, { families: 'x' }])('%j is no batch, and no reason to throw', (batch) => {
  const collector = new Collector();
  collector.apply(batch as never);
  expect(collector.refused.total).toBe(0);
  expect(collector.self.batches).toEqual({ applied: 0, duplicate: 0, heartbeat: 0, later: 0, refused: 1 });
});

test('bad families without end can not make the tally grow without end', () => {
  const collector = new Collector();
  for (let i = 0; i < 1500; i++) collector.apply(aBatch(counter(`n${i}`, -1)));
  expect(collector.refused.of('value_invalid')).toBe(1500);
  expect(collector.refused.of('value_invalid', '')).toBe(500);
  expect([...collector.refused.entries()].length).toBe(1001);
});

test('what a reader left out of a batch counts among what is refused', () => {
  const collector = new Collector();
  collector.countRefused([
    { family: 'n', reason: 'labels_invalid', rows: 3 },
    { family: '', reason: 'malformed', rows: 1 },
  ]);
  expect([...collector.refused.entries()]).toEqual([
    ['n', 'labels_invalid', 3],
    ['', 'malformed', 1],
  ]);
});
