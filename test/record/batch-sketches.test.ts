import { expect, test } from 'vitest';
import type { ExemplarDelta, FamilyDelta } from '../../src/record/batch.js';
import { type DecodedBatch, decodeBatch } from '../../src/record/batch-decoder.js';
import { encodeBatch } from '../../src/record/batch-encoder.js';
import { splitBatch } from '../../src/record/batch-splitter.js';
import type { SketchView } from '../../src/sketch/sketch-view.js';
import { sample, sampleDocument } from './batch-samples.js';

const sketch: SketchView = {
  scale: 5,
  zeroThreshold: 2 ** -128,
  zeroCount: 1,
  positive: { offset: -7, counts: [2, 0, 0, 1] },
  negative: { offset: 3, counts: [4] },
};
const schema = {
  help: '',
  unit: '',
  divisor: 1,
  labelNames: ['of'],
  bounds: [1],
  states: [],
  sketch: { maxBuckets: 160, zeroThreshold: 2 ** -128 },
};
const histogram: FamilyDelta = {
  kind: 'histogram',
  schema: { ...schema, name: 'h' },
  rows: [
    { labelValues: ['a'], counts: [7, 1], sum: 2.5, sketch },
    { labelValues: ['b'], counts: [0, 0], sum: 0 },
    { labelValues: ['c'], counts: [0, 2], sum: 1, sketch: { ...sketch, negative: { offset: 0, counts: [], infinite: 2 } } },
  ],
  removed: [],
  exemplars: [{ labelValues: ['a'], labels: [['trace_id', 'x']], value: 0.5, timestamp: 1_700_000_000_000 }],
};

const written = (
  ...families: readonly FamilyDelta[]
): { readonly strings: unknown; readonly families: readonly Record<string, unknown>[] } =>
  JSON.parse(encodeBatch({ ...sample, families }).toString()) as never;
const decoded = (families: readonly unknown[]): DecodedBatch =>
  decodeBatch(
    Buffer.from(
      JSON.stringify({ ...sampleDocument(), strings: ['a', 'trace_id', 'bad name', 'x'.repeat(130), 'b', '😀'.repeat(64)], families }),
    ),
  );

test('a row goes on with scale, zeros, then each side; exemplars are a list of their own', () => {
  const { strings, families } = written(histogram);
  expect(strings).toEqual(['a', 'b', 'c', 'trace_id', 'x']);
  expect(families).toEqual([
    {
      kind: 'histogram',
      schema: { name: 'h', help: '', labelNames: ['of'], bounds: [1], sketch: { maxBuckets: 160, zeroThreshold: 2 ** -128 } },
      rows: [
        [0, 2.5, 7, 1, 5, 1, 4, -7, 2, -2, 1, 1, 3, 4],
        [1, 0, -2, 0, 0, 0, 0],
        [2, 1, 0, 2, 5, 1, 4, -7, 2, -2, 1, 0, 0, 2],
      ],
      exemplars: [[0, 0.5, 1_700_000_000_000, 3, 4]],
    },
  ]);
});

test('a summary says which quantiles of what time it shows', () => {
  const parts = { ...schema, name: 's', bounds: [], quantiles: [0.5, 0.99], window: { duration: 600_000, slices: 5 } };
  const summary: FamilyDelta = { kind: 'summary', schema: parts, rows: [{ labelValues: ['a'], count: 8, sum: 3, sketch }], removed: [] };
  const [family] = written(summary).families;
  expect(family).toMatchObject({ schema: { quantiles: [0.5, 0.99], window: { duration: 600_000, slices: 5 } } });
  expect(decodeBatch(encodeBatch({ ...sample, families: [summary] })).families).toEqual([summary]);
});

test('bodies that know nothing of all this read as before', () => {
  const { families, refused } = decodeBatch(Buffer.from(JSON.stringify(sampleDocument())));
  expect(refused).toEqual([]);
  expect(Object.keys(families[0]!)).toEqual(['kind', 'schema', 'rows', 'removed']);
  expect(Object.keys(families[0]!.schema)).toEqual(['name', 'help', 'unit', 'divisor', 'labelNames', 'bounds', 'states']);
});

const WRITTEN = { name: 'h', help: '', labelNames: ['of'], bounds: [1], sketch: { maxBuckets: 160, zeroThreshold: 0 } };
const row = (...numbers: readonly unknown[]): unknown[] => [0, 2.5, 7, 1, ...numbers];

test.each([
  ['no sketch at all', row()],
  ['an end before its time', row(5, 1, 4)],
  ['a scale beyond the finest', row(9, 0, 0, 0)],
  ['a scale beyond the coarsest', row(-5, 0, 0, 0)],
  ['half a scale', row(0.5, 0, 0, 0)],
  ['a scale that is no number', row('NaN', 0, 0, 0)],
  ['fewer zeros than none', row(5, -1, 0, 0)],
  ['half a zero', row(5, 0.5, 0, 0)],
  ['a million empty buckets', row(0, 0, 1e6, 0, -1e6, 0)],
  ['more buckets than there may be', row(8, 0, 1001, 0, -1001, 0)],
  ['more counts than buckets', row(5, 0, 2, 0, 1, 1, 1, 0)],
  ['fewer counts than buckets', row(5, 0, 2, 0, 1)],
  ['a run beyond the end', row(5, 0, 2, 0, 1, -2, 0)],
  ['half an observation', row(5, 0, 2, 0, 1, 0.5, 0)],
  ['an index beyond all doubles', row(0, 0, 1, 1024, 1, 0)],
  ['an index far beyond', row(0, 0, 1, 1e300, 1, 0)],
  ['an index below all doubles', row(0, 0, 1, -1076, 1, 0)],
  ['half an index', row(0, 0, 1, 0.5, 1, 0)],
  ['an infinite index', row(0, 0, 1, '+Inf', 1, 0)],
  ['infinities of one side', row(5, 0, 0, 0, 1)],
  ['infinities that are no number', row(5, 0, 0, 0, 1, 'NaN')],
  ['something behind the end', row(5, 0, 0, 0, 0, 1, 1)],
  ['buckets of a negative number', row(5, 0, -1, 0, 0)],
])('a sketch with %s is refused with its row', (_what, numbers) => {
  const { families, refused } = decoded([{ kind: 'histogram', schema: WRITTEN, rows: [numbers, row(5, 0, 0, 1, 3, 8)] }]);
  expect(families[0]!.rows).toHaveLength(1);
  expect(refused).toEqual([{ family: 'h', reason: 'value_invalid', rows: 1, path: 'families[0].rows[0]' }]);
});

test('the outermost buckets of all doubles are taken', () => {
  const numbers = [row(0, 0, 1, 1023, 1, 1, -1075, 1), row(-4, 0, 132, -68, -131, 1, 0), row(8, 0, 1, 262_143, 1, 0)];
  expect(decoded([{ kind: 'histogram', schema: WRITTEN, rows: numbers }]).refused).toEqual([]);
});

test.each([
  ['sketch', { ...WRITTEN, sketch: true }],
  ['sketch without its fields', { ...WRITTEN, sketch: {} }],
  ['sketch of texts', { ...WRITTEN, sketch: { maxBuckets: '160', zeroThreshold: 0 } }],
  ['quantiles', { ...WRITTEN, quantiles: ['0.5'] }],
  ['window', { ...WRITTEN, window: [600_000, 5] }],
  ['window without slices', { ...WRITTEN, window: { duration: 600_000 } }],
])('a schema with another kind of %s is left out', (_what, parts) => {
  expect(decoded([{ kind: 'histogram', schema: parts, rows: [row(5, 0, 0, 0)] }]).refused).toMatchObject([
    { reason: 'malformed', rows: 1 },
  ]);
});

test.each([
  ['labels of its series that are none', [9, 1, 1]],
  ['no time', [0, 1]],
  ['half a label', [0, 1, 1, 1]],
  ['a name that Prometheus does not understand', [0, 1, 1, 2, 0]],
  ['a name that comes twice', [0, 1, 1, 1, 0, 1, 0]],
  ['a string that is not there', [0, 1, 1, 1, 77]],
  ['too many characters', [0, 1, 1, 1, 3]],
  ['a value that is no number', [0, 'NaN', 1]],
  ['an endless time', [0, 1, '+Inf']],
  ['a time before all times', [0, 1, -1]],
])('an exemplar with %s is counted, and takes no row with it', (_what, exemplar) => {
  const good = [0, 1, 1, 1, 5];
  const { families, refused } = decoded([{ kind: 'counter', schema: WRITTEN, rows: [[0, 1]], exemplars: [exemplar, good] }]);
  expect(families).toMatchObject([{ rows: [{ add: 1 }], exemplars: [{ labels: [['trace_id', '😀'.repeat(64)]] }] }]);
  expect(refused).toMatchObject([{ family: 'h', reason: 'exemplar_invalid', rows: 1 }]);
});

test.each([
  ['a kind that has none', { kind: 'gauge', rows: [[0, 1]], exemplars: [[0, 1, 1]] }],
  ['no list', { kind: 'counter', rows: [[0, 1]], exemplars: 5 }],
])('exemplars: %s', (_what, parts) => {
  const { families, refused } = decoded([{ schema: WRITTEN, ...parts }]);
  expect(families[0]!.rows).toHaveLength(1);
  expect(families[0]).not.toHaveProperty('exemplars');
  expect(refused).toMatchObject([{ reason: 'exemplar_invalid', rows: 1 }]);
});

test('a document counts the buckets of sketches against its size, and splits before exemplars as before rows', () => {
  const wide: SketchView = { ...sketch, positive: { offset: 0, counts: Array.from({ length: 1000 }, (_, i) => i % 2) } };
  const rows = Array.from({ length: 9000 }, (_, i) => ({ labelValues: [`${i}`], counts: [0, 505], sum: 1, sketch: wide }));
  const exemplars = rows.map(({ labelValues }): ExemplarDelta => ({ labelValues, labels: [], value: 1, timestamp: 0 }));
  const family: FamilyDelta = { kind: 'histogram', schema: histogram.schema, rows, removed: [], exemplars };
  const parts = splitBatch({ ...sample, families: [family] }, { maxBytes: 1e9 });
  expect(parts).toHaveLength(3);
  const families = parts.flatMap(({ body }) => decodeBatch(body, { bytes: 1e9 }).families);
  expect(families.flatMap((each) => [...each.rows])).toHaveLength(9000);
  expect(families.flatMap((each) => each.exemplars ?? [])).toEqual(exemplars);
});
