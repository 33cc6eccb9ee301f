import fc from 'fast-check';
import type { Batch, ExemplarDelta, FamilyDelta, FamilySchema, LabelValues, ProducerIdentity } from '../../src/record/batch.js';
import type { SketchBuckets, SketchView } from '../../src/sketch/sketch-view.js';

/** Batches of every shape that the types allow, and ways to compare them. */

/** The text as its bytes say it: half a surrogate pair has none of its own. */
export const asBytes = (text: string): string => Buffer.from(text).toString();

/** Texts that try to end a string, a list, a document, or that are no text at all. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom('"', '\\', '\\u0000', '\n', '\0', '\u2028', '{', '}]', ',', '__proto__', 'constructor', '✓', '"NaN"', '-1'),
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(''));

const count = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(100), fc.maxSafeNat());
const anyNumber = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 2 ** 31, -(2 ** 31), Number.MIN_VALUE, Number.MAX_VALUE, 1e21));
const addend = fc.oneof(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), fc.nat());
const bounds = fc
  .uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 14 })
  // A program's bounds are never -0; see buckets.ts.
  .map((numbers) => numbers.map((number) => number + 0).sort((a, b) => a - b));
const gaugeMerge = fc.constantFrom('sum', 'min', 'liveall', 'livemostrecent', undefined);
const enumMerge = fc.constantFrom('state', 'count', undefined);

const schemaOf = (labels: number): fc.Arbitrary<FamilySchema> =>
  fc.record({
    name: hostileText,
    help: hostileText,
    unit: fc.oneof(fc.constant(''), hostileText),
    divisor: fc.oneof(fc.constant(1), fc.double({ min: 1e-9, max: 1e9, noNaN: true })),
    labelNames: fc.array(hostileText, { minLength: labels, maxLength: labels }),
    bounds: fc.constant([]),
    states: fc.constant([]),
  });

/** As many values as there are labels, or none, which is the overflow series. */
const valuesOf = (labels: number): fc.Arbitrary<LabelValues> =>
  fc.oneof({ weight: 9, arbitrary: fc.array(hostileText, { minLength: labels, maxLength: labels }) }, fc.constant([]));

const pairs = fc.dictionary(
  hostileText.map(asBytes).filter((name) => name !== '__proto__'),
  hostileText,
  { maxKeys: 5 },
);

const ZERO_THRESHOLD = 2 ** -128;
const schemaOfSketch = { maxBuckets: 160, zeroThreshold: ZERO_THRESHOLD };
const side: fc.Arbitrary<SketchBuckets> = fc.oneof(
  fc.constant({ offset: 0, counts: [] }),
  fc.record({ offset: fc.integer({ min: -60, max: 30 }), counts: fc.array(count, { minLength: 1, maxLength: 30 }) }),
);
/** Infinities are counted on both sides, or on none. */
const infinities = fc.option(fc.tuple(fc.nat(9), fc.integer({ min: 1, max: 9 })), { nil: undefined });

export const anySketch: fc.Arbitrary<SketchView> = fc
  .tuple(fc.integer({ min: -4, max: 8 }), count, side, side, infinities)
  .map(([scale, zeroCount, positive, negative, infinite]) => ({
    scale,
    zeroThreshold: ZERO_THRESHOLD,
    zeroCount,
    positive: { ...positive, ...(infinite && { infinite: infinite[0] }) },
    negative: { ...negative, ...(infinite && { infinite: infinite[1] }) },
  }));

const exemplarLabels = fc
  .dictionary(fc.constantFrom('trace_id', 'span_id', '_', 'a1'), fc.string({ unit: 'grapheme', maxLength: 6 }), { maxKeys: 3 })
  .map((labels) => Object.entries(labels));

const exemplarOf = (labelValues: fc.Arbitrary<LabelValues>): fc.Arbitrary<ExemplarDelta> =>
  fc.record({
    labelValues,
    labels: exemplarLabels,
    value: anyNumber.filter((value) => !Number.isNaN(value)),
    timestamp: fc.nat(2 ** 42),
  });

function familyOf(labels: number): fc.Arbitrary<FamilyDelta> {
  const schema = schemaOf(labels);
  const labelValues = valuesOf(labels);
  const removed = fc.array(labelValues, { maxLength: 4 });
  const rowsOf = <T>(row: fc.Arbitrary<T>) => fc.array(row, { maxLength: 12 });
  const plain = <K extends string, T>(kind: K, row: fc.Arbitrary<T>) =>
    fc.record({ kind: fc.constant(kind), schema, rows: rowsOf(row), removed });
  return fc.oneof(
    plain('counter', fc.record({ labelValues, add: addend })),
    fc.record({
      kind: fc.constant('counter' as const),
      schema,
      rows: rowsOf(fc.record({ labelValues, add: addend })),
      removed,
      exemplars: fc.array(exemplarOf(labelValues), { minLength: 1, maxLength: 4 }),
    }),
    fc.tuple(schema, rowsOf(fc.record({ labelValues, count, sum: anyNumber, sketch: anySketch })), removed).map(([parts, rows, gone]) => ({
      kind: 'summary' as const,
      schema: { ...parts, sketch: schemaOfSketch, quantiles: [0.5, 0.99], window: { duration: 600_000, slices: 5 } },
      rows,
      removed: gone,
    })),
    fc
      .tuple(
        schema,
        rowsOf(fc.record({ labelValues, counts: fc.array(count, { minLength: 3, maxLength: 3 }), sum: anyNumber, sketch: anySketch })),
        fc.array(exemplarOf(labelValues), { minLength: 1, maxLength: 4 }),
      )
      .map(([parts, rows, exemplars]) => ({
        kind: 'histogram' as const,
        schema: { ...parts, bounds: [1, 2], sketch: schemaOfSketch },
        rows,
        removed: [],
        exemplars,
      })),
    plain('summary', fc.record({ labelValues, count, sum: anyNumber })),
    plain('info', fc.record({ labelValues, pairs })),
    fc
      .tuple(plain('gauge', fc.record({ labelValues, value: anyNumber })), gaugeMerge)
      .map(([family, merge]) => ({ ...family, schema: { ...family.schema, ...(merge !== undefined && { merge }) } })),
    fc.tuple(bounds, schema, removed).chain(([limits, parts, gone]) =>
      rowsOf(
        fc.record({
          labelValues,
          counts: fc.array(count, { minLength: limits.length + 1, maxLength: limits.length + 1 }),
          sum: anyNumber,
        }),
      ).map((rows) => ({ kind: 'histogram' as const, schema: { ...parts, bounds: limits }, rows, removed: gone })),
    ),
    fc.tuple(fc.array(hostileText, { minLength: 1, maxLength: 5 }), schema, removed, enumMerge).chain(([states, parts, gone, merge]) =>
      rowsOf(fc.record({ labelValues, state: fc.constantFrom(...states) })).map((rows) => ({
        kind: 'enum' as const,
        schema: { ...parts, states, ...(merge !== undefined && { merge }) },
        rows,
        removed: gone,
      })),
    ),
  );
}

export const anyFamily: fc.Arbitrary<FamilyDelta> = fc.nat(4).chain(familyOf);

const producer: fc.Arbitrary<ProducerIdentity> = fc.record({
  job: hostileText,
  instance: hostileText,
  worker: hostileText,
  boot: hostileText,
});

export const anyBatch: fc.Arbitrary<Batch> = fc
  .record({
    producer,
    seq: fc.integer({ min: 1, max: 2 ** 50 }),
    back: fc.nat(20),
    heartbeat: fc.nat(),
    ops: fc.nat(),
    before: fc.nat(),
    dropped: fc.nat(),
    whole: fc.boolean(),
    goodbye: fc.boolean(),
    families: fc.array(anyFamily, { maxLength: 5 }),
  })
  .map(({ back, before, ...batch }) => ({ ...batch, oldest: Math.max(1, batch.seq - back), produced: before + batch.ops }));

/** The batch in the form in which it should come back: text as its bytes say it, counts as plain arrays. */
export function asDecoded<T>(value: T): T {
  if (typeof value === 'string') return asBytes(value) as T;
  if (ArrayBuffer.isView(value)) return [...(value as unknown as Float64Array)] as T;
  if (Array.isArray(value)) return value.map(asDecoded) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, asDecoded(field)])) as T;
}

/** A small batch with a family of each kind. */
export const sample: Batch = {
  producer: { job: 'shop', instance: 'web-1', worker: '0', boot: 'k3v9' },
  seq: 7,
  oldest: 6,
  heartbeat: 5000,
  ops: 12,
  produced: 90,
  dropped: 1,
  whole: true,
  goodbye: false,
  families: [
    {
      kind: 'histogram',
      schema: {
        name: 'took_seconds',
        help: 'Time.',
        unit: 'seconds',
        divisor: 1000,
        labelNames: ['verb', 'path'],
        bounds: [0.5, 10, 100, 1000],
        states: [],
      },
      rows: [
        { labelValues: ['GET', '/cart'], counts: [0, 0, 2, 0, 1], sum: 1241.25 },
        { labelValues: [], counts: new Float64Array(5), sum: 0 },
      ],
      removed: [['POST', '/cart'], []],
    },
    {
      kind: 'counter',
      schema: { name: 'sold', help: 'Items.', unit: '', divisor: 1, labelNames: [], bounds: [], states: [] },
      rows: [{ labelValues: [], add: 3 }],
      removed: [],
    },
    {
      kind: 'gauge',
      schema: { name: 'level', help: '', unit: '', divisor: 1, labelNames: ['of'], bounds: [], states: [], merge: 'livemax' },
      rows: [
        { labelValues: ['GET'], value: Number.NaN },
        { labelValues: ['a'], value: Number.NEGATIVE_INFINITY },
        { labelValues: ['b'], value: -0.5 },
      ],
      removed: [],
    },
    {
      kind: 'summary',
      schema: { name: 'size_bytes', help: 'Size.', unit: 'bytes', divisor: 1, labelNames: [], bounds: [], states: [] },
      rows: [{ labelValues: [], count: 6, sum: Number.POSITIVE_INFINITY }],
      removed: [],
    },
    {
      kind: 'info',
      schema: { name: 'build', help: 'Build.', unit: '', divisor: 1, labelNames: [], bounds: [], states: [] },
      rows: [{ labelValues: [], pairs: { version: '1.2', os: 'a' } }],
      removed: [],
    },
    {
      kind: 'enum',
      schema: { name: 'mode', help: 'Mode.', unit: '', divisor: 1, labelNames: [], bounds: [], states: ['idle', 'busy'], merge: 'count' },
      rows: [{ labelValues: [], state: 'busy' }],
      removed: [],
    },
  ],
};

/** The sample as a document, to be spoiled and read. */
export const sampleDocument = (): Record<string, unknown> => ({
  version: 2,
  producer: { job: 'shop', instance: 'web-1', worker: '0', boot: 'k3v9' },
  seq: 7,
  oldest: 6,
  heartbeat: 5000,
  ops: 12,
  produced: 90,
  dropped: 1,
  whole: true,
  goodbye: false,
  strings: ['POST', '/cart', 'GET', 'a', 'b', 'version', '1.2', 'os'],
  families: [
    {
      kind: 'histogram',
      schema: {
        name: 'took_seconds',
        help: 'Time.',
        unit: 'seconds',
        divisor: 1000,
        labelNames: ['verb', 'path'],
        bounds: [0.5, 10, 100, 1000],
      },
      removed: [[0, 1], [-1]],
      rows: [
        [2, 1, 1241.25, -2, 2, 0, 1],
        [-1, 0, -5],
      ],
    },
    { kind: 'counter', schema: { name: 'sold', help: 'Items.', labelNames: [] }, rows: [[3]] },
    {
      kind: 'gauge',
      schema: { name: 'level', help: '', labelNames: ['of'], merge: 'livemax' },
      rows: [
        [2, 'NaN'],
        [3, '-Inf'],
        [4, -0.5],
      ],
    },
    { kind: 'summary', schema: { name: 'size_bytes', help: 'Size.', unit: 'bytes', labelNames: [] }, rows: [[6, '+Inf']] },
    { kind: 'info', schema: { name: 'build', help: 'Build.', labelNames: [] }, rows: [[5, 6, 7, 3]] },
    { kind: 'enum', schema: { name: 'mode', help: 'Mode.', labelNames: [], states: ['idle', 'busy'], merge: 'count' }, rows: [[1]] },
  ],
});
