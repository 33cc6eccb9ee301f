import { expect, test } from 'vitest';
import { type DecodedBatch, decodeBatch } from '../../src/record/batch-decoder.js';
import { encodeBatch } from '../../src/record/batch-encoder.js';
import type { BatchLimits } from '../../src/record/batch-limits.js';
import { sample, sampleDocument } from './batch-samples.js';

const decoded = (families: readonly unknown[], limits?: Partial<BatchLimits>): DecodedBatch =>
  decodeBatch(Buffer.from(JSON.stringify({ ...sampleDocument(), families })), limits);

const kinds = {
  counter: { kind: 'counter', schema: { name: 'c', help: '', labelNames: ['of'] } },
  gauge: { kind: 'gauge', schema: { name: 'g', help: '', labelNames: ['of'] } },
  histogram: { kind: 'histogram', schema: { name: 'h', help: '', labelNames: ['of'], bounds: [1, 2, 3] } },
  summary: { kind: 'summary', schema: { name: 's', help: '', labelNames: [] } },
  info: { kind: 'info', schema: { name: 'i', help: '', labelNames: ['of'] } },
  enum: { kind: 'enum', schema: { name: 'e', help: '', labelNames: ['of'], states: ['on', 'off'] } },
} as const;

const good = {
  counter: [0, 1],
  gauge: [0, 'NaN'],
  histogram: [0, 2.5, 1, -2, 1],
  summary: [1, 2.5],
  info: [0, 5, 6],
  enum: [0, 1],
} as const;

test.each([
  ['counter', 'labels_invalid', [[8, 1], [-2, 1], [0.5, 1], ['NaN', 1], [1e300, 1], []]],
  ['counter', 'malformed', [[0], [0, 1, 2], [-1], [-1, 0, 1], null, 5, {}, 'row', [[0], 1], [0, '1'], [0, null], [0, true], [0, 'inf']]],
  [
    'counter',
    'value_invalid',
    [
      [0, -1],
      [0, 'NaN'],
      [0, '+Inf'],
      [0, '-Inf'],
    ],
  ],
  ['gauge', 'malformed', [[0], [0, 1, 1], [0, '+inf'], [0, 'NaN '], [0, '']]],
  [
    'histogram',
    'value_invalid',
    [
      [0, 1, 1, 1, 1],
      [0, 1, 1, 1, 1, 1, 1],
      [0, 1, -5],
      [0, 1, -3],
      [0, 1, -1e9],
      [0, 1, 'NaN', -3],
      [0, 1, '-Inf'],
      [0, 1, 0.5, -3],
      [0, 1, 2 ** 53, -3],
      [0, 1],
    ],
  ],
  ['histogram', 'malformed', [[0], [-1]]],
  ['histogram', 'labels_invalid', [[], [8, 1, -4]]],
  ['summary', 'malformed', [[], [1], [1, 1, 1], [-1, 1, 1]]],
  [
    'summary',
    'value_invalid',
    [
      [-1, 1],
      [0.5, 1],
      ['NaN', 1],
      ['+Inf', 1],
      [2 ** 53, 1],
    ],
  ],
  [
    'info',
    'malformed',
    [
      [0, 1],
      [0, 1, 2, 3],
    ],
  ],
  ['info', 'labels_invalid', [[], [0, 8, 0], [0, 1, 8], [0, -1, 0], [0, 0.5, 0]]],
  ['info', 'name_invalid', [[0, 5, 6, 5, 6]]],
  [
    'enum',
    'state_unknown',
    [
      [0, 2],
      [0, -1],
      [0, 0.5],
      [0, 'NaN'],
      [0, 1e300],
    ],
  ],
] as const)('%s: %s', (kind, reason, bad) => {
  const between = [...bad.flatMap((row) => [good[kind], row]), good[kind]];
  const { families, refused } = decoded([
    { ...kinds[kind], rows: between },
    { ...kinds.gauge, rows: [good.gauge] },
  ]);
  expect(refused).toEqual([{ family: kinds[kind].schema.name, reason, rows: bad.length, path: 'families[0].rows[1]' }]);
  expect(families.map(({ rows }) => rows.length)).toEqual([bad.length + 1, 1]);
});

test('a pair can not set the prototype', () => {
  const document = {
    ...sampleDocument(),
    strings: ['POST', '__proto__', 'constructor'],
    families: [
      {
        ...kinds.info,
        rows: [
          [0, 1, 0],
          [0, 2, 0],
        ],
      },
    ],
  };
  const { families, refused } = decodeBatch(Buffer.from(JSON.stringify(document)));
  expect(refused).toEqual([{ family: 'i', reason: 'name_invalid', rows: 1, path: 'families[0].rows[0]' }]);
  expect(families[0]?.rows).toEqual([{ labelValues: ['POST'], pairs: { constructor: 'POST' } }]);
});

test('removed label sets that make no sense are counted one by one', () => {
  const { families, refused } = decoded([{ ...kinds.counter, removed: [[0], [0, 1], [], [8], [-1], 'x', [1]] }]);
  expect(families[0]?.removed).toEqual([['POST'], [], ['/cart']]);
  expect(refused).toEqual([
    { family: 'c', reason: 'labels_invalid', rows: 3, path: 'families[0].removed[1]' },
    { family: 'c', reason: 'malformed', rows: 1, path: 'families[0].removed[5]' },
  ]);
});

const rows = [
  [0, 1],
  [1, 1],
];

test.each([
  ['no object', 7, '', 'malformed', 1],
  ['no kind', { schema: kinds.counter.schema, rows }, 'c', 'malformed', 2],
  ['an unknown kind', { ...kinds.counter, kind: 'sketch', rows }, 'c', 'malformed', 2],
  ['a kind that is a name of the prototype', { ...kinds.counter, kind: 'constructor', rows }, 'c', 'malformed', 2],
  ['rows before the schema', { rows, ...kinds.counter }, 'c', 'malformed', 2],
  ['rows that are no list', { ...kinds.counter, rows: { 0: [0, 1] } }, 'c', 'malformed', 1],
  ['removed that is no list', { ...kinds.counter, rows, removed: 1 }, 'c', 'malformed', 2],
  ['no schema', { kind: 'counter', rows }, '', 'malformed', 2],
  ['a schema that is no object', { kind: 'counter', schema: [], rows }, '', 'malformed', 2],
  ['no name', { kind: 'counter', schema: { help: '', labelNames: ['of'] }, rows }, '', 'malformed', 2],
  ['a name that is no string', { kind: 'counter', schema: { ...kinds.counter.schema, name: 7 }, rows }, '', 'malformed', 2],
  ['a name that is too long', { kind: 'counter', schema: { ...kinds.counter.schema, name: 'n'.repeat(4097) }, rows }, '', 'malformed', 2],
  ['no help', { kind: 'counter', schema: { name: 'c', labelNames: ['of'] }, rows }, '', 'malformed', 2],
  ['no labels', { kind: 'counter', schema: { name: 'c', help: '' }, rows }, '', 'malformed', 2],
  ['a label that is no string', { kind: 'counter', schema: { ...kinds.counter.schema, labelNames: [1] }, rows }, '', 'malformed', 2],
  ['labels that are no list', { kind: 'counter', schema: { ...kinds.counter.schema, labelNames: 'of' }, rows }, '', 'malformed', 2],
  [
    'too many labels',
    { kind: 'counter', schema: { ...kinds.counter.schema, labelNames: Array(65).fill('l') }, rows },
    '',
    'labels_limit',
    2,
  ],
  ['a divisor of 0', { kind: 'counter', schema: { ...kinds.counter.schema, divisor: 0 }, rows }, '', 'malformed', 2],
  ['a negative divisor', { kind: 'counter', schema: { ...kinds.counter.schema, divisor: -1 }, rows }, '', 'malformed', 2],
  ['a divisor that is no number', { kind: 'counter', schema: { ...kinds.counter.schema, divisor: '1' }, rows }, '', 'malformed', 2],
  ['a unit that is no string', { kind: 'counter', schema: { ...kinds.counter.schema, unit: null }, rows }, '', 'malformed', 2],
  ['bounds that fall', { kind: 'histogram', schema: { ...kinds.histogram.schema, bounds: [2, 1] }, rows }, '', 'bounds_invalid', 2],
  ['equal bounds', { kind: 'histogram', schema: { ...kinds.histogram.schema, bounds: [1, 1] }, rows }, '', 'bounds_invalid', 2],
  ['a bound of infinity', { kind: 'histogram', schema: { ...kinds.histogram.schema, bounds: [1, '+Inf'] }, rows }, '', 'bounds_invalid', 2],
  [
    'a bound beyond all numbers',
    { kind: 'histogram', schema: { ...kinds.histogram.schema, bounds: ['NaN'] }, rows },
    '',
    'bounds_invalid',
    2,
  ],
  [
    'bounds that are no numbers',
    { kind: 'histogram', schema: { ...kinds.histogram.schema, bounds: ['1'] }, rows },
    '',
    'bounds_invalid',
    2,
  ],
  [
    'too many bounds',
    { kind: 'histogram', schema: { ...kinds.histogram.schema, bounds: Array.from({ length: 1001 }, (_, i) => i) }, rows },
    '',
    'bounds_invalid',
    2,
  ],
  ['too many states', { kind: 'enum', schema: { ...kinds.enum.schema, states: Array(1001).fill('s') }, rows }, '', 'malformed', 2],
  ['an unknown merge', { ...kinds.gauge, schema: { ...kinds.gauge.schema, merge: 'median' }, rows }, '', 'malformed', 2],
  ['the merge of another kind', { ...kinds.gauge, schema: { ...kinds.gauge.schema, merge: 'state' }, rows }, 'g', 'malformed', 2],
  [
    'a merge where nothing is merged so',
    { ...kinds.counter, schema: { ...kinds.counter.schema, merge: 'sum' }, rows },
    'c',
    'malformed',
    2,
  ],
] as const)('a family with %s is left out, and the others are not', (_, family, name, reason, count) => {
  const { families, refused } = decoded([{ ...kinds.counter, rows }, family, { ...kinds.gauge, rows }]);
  expect(refused).toEqual([{ family: name, reason, rows: count, path: 'families[1]' }]);
  expect(families.map(({ kind }) => kind)).toEqual(['counter', 'gauge']);
});

test('a family whose fields come twice is left out', () => {
  const body = JSON.stringify({ ...sampleDocument(), families: [{ ...kinds.counter, rows }] });
  const refusedIn = (text: string) => decodeBatch(Buffer.from(text)).refused;
  expect(refusedIn(body.replace('"rows":', '"rows":[],"rows":'))).toEqual([
    { family: 'c', reason: 'malformed', rows: 1, path: 'families[0]' },
  ]);
  expect(refusedIn(body.replace('"kind":', '"kind":"gauge","kind":'))).toEqual([
    { family: 'c', reason: 'malformed', rows: 2, path: 'families[0]' },
  ]);
  expect(refusedIn(body.replace('"name":', '"name":"d","name":'))).toEqual([
    { family: '', reason: 'malformed', rows: 2, path: 'families[0]' },
  ]);
});

test('limits of strings and pairs refuse rows, a long help is cut', () => {
  const { families, refused } = decoded(
    [
      {
        ...kinds.counter,
        rows: [
          [0, 1],
          [5, 1],
          [9, 1],
        ],
      },
      {
        kind: 'info',
        schema: { name: 'i', help: 'helping', labelNames: [] },
        rows: [
          [3, 4],
          [3, 4, 0, 4],
          [3, 4, 0, 4, 2, 4],
          [3, 5],
          [5, 3],
        ],
      },
    ],
    { stringLength: 5, labels: 2 },
  );
  expect(refused).toEqual([
    { family: 'c', reason: 'label_value_limit', rows: 1, path: 'families[0].rows[1]' },
    { family: 'c', reason: 'labels_invalid', rows: 1, path: 'families[0].rows[2]' },
    { family: 'i', reason: 'labels_limit', rows: 1, path: 'families[1].rows[2]' },
    { family: 'i', reason: 'label_value_limit', rows: 2, path: 'families[1].rows[3]' },
  ]);
  expect(families[1]?.schema.help).toBe('helpi');
});

test('reasons stay few, whatever a batch holds', () => {
  const { refused } = decoded(
    Array.from({ length: 5000 }, (_, i) => ({
      kind: 'counter',
      schema: { name: `n${i}`, help: '', labelNames: [] },
      rows: [[-1], [1, 2]],
    })),
  );
  expect(refused).toHaveLength(102);
  expect(refused.reduce((sum, { rows: count }) => sum + count, 0)).toBe(10_000);
  expect(refused.slice(-2)).toEqual([
    { family: '', reason: 'value_invalid', rows: 4950, path: 'families[50].rows[0]' },
    { family: '', reason: 'malformed', rows: 4950, path: 'families[50].rows[1]' },
  ]);
});

test('rows that should never have been made are written all the same, and refused by the reader', () => {
  const bad = [
    {
      kind: 'counter',
      schema: { ...sample.families[0]!.schema, name: 'c', bounds: [] },
      rows: [
        { labelValues: ['a'], add: 1 },
        { labelValues: ['a', 'b'], add: Number.NaN },
      ],
      removed: [['a']],
    },
    {
      kind: 'histogram',
      schema: sample.families[0]!.schema,
      rows: [
        { labelValues: ['a', 'b'], counts: [1, -1, 0, 0, 0], sum: 1 },
        { labelValues: ['a', 'b', 'c'], counts: [0, 0, 0, 0], sum: 1 },
      ],
      removed: [],
    },
    { kind: 'enum', schema: sample.families[5]!.schema, rows: [{ labelValues: [], state: 'gone' }], removed: [] },
  ];
  const { families, refused } = decodeBatch(encodeBatch({ ...sample, families: bad as never }));
  expect(families.map((family) => [...family.rows, ...family.removed])).toEqual([[], [], []]);
  expect(refused.map(({ reason, rows: count, path }) => `${path} ${reason} ${count}`)).toEqual([
    'families[0].removed[0] malformed 2',
    'families[0].rows[1] value_invalid 1',
    'families[1].rows[0] value_invalid 1',
    'families[1].rows[1] malformed 1',
    'families[2].rows[0] state_unknown 1',
  ]);
});
