import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Batch, FamilyDelta } from '../../src/record/batch.js';
import { decodeBatch } from '../../src/record/batch-decoder.js';
import { encodeBatch } from '../../src/record/batch-encoder.js';
import { splitBatch } from '../../src/record/batch-splitter.js';
import { anyBatch, asDecoded, sample } from './batch-samples.js';

/** What happens to each series, in order: the effect of a batch, however it is cut. */
function effects(batches: readonly Batch[]): Map<string, unknown[]> {
  const effectsOf = new Map<string, unknown[]>();
  const note = ({ kind, schema }: FamilyDelta, labelValues: readonly string[], effect: unknown) => {
    const key = JSON.stringify([kind, schema, labelValues]);
    effectsOf.set(key, [...(effectsOf.get(key) ?? []), effect]);
  };
  for (const { families } of batches) {
    for (const family of families) {
      for (const labelValues of family.removed) note(family, labelValues, 'removed');
      for (const row of family.rows) note(family, row.labelValues, row);
      for (const exemplar of family.exemplars ?? []) note(family, exemplar.labelValues, exemplar);
    }
  }
  return effectsOf;
}

const histograms = (rows: number, buckets = 12): FamilyDelta => ({
  kind: 'histogram',
  schema: {
    name: 'took',
    help: 'Time.',
    unit: '',
    divisor: 1,
    labelNames: ['method'],
    bounds: Array.from({ length: buckets - 1 }, (_, i) => i),
    states: [],
  },
  rows: Array.from({ length: rows }, (_, i) => ({
    labelValues: [`method ${i}`],
    counts: Array.from({ length: buckets }, (_, j) => (j === 3 ? i : 0)),
    sum: i / 7,
  })),
  removed: [],
});

test('a batch that fits is one document, the same as encoded', () => {
  const [part, ...more] = splitBatch(sample);
  expect(more).toEqual([]);
  expect(part).toEqual({ seq: 7, ops: 12, body: encodeBatch(sample) });
});

test('an empty batch is one document', () => {
  expect(splitBatch({ ...sample, families: [] }, { maxBytes: 1 }).map(({ seq }) => seq)).toEqual([7]);
});

test('the parts together say what the batch says', () => {
  fc.assert(
    fc.property(anyBatch, fc.integer({ min: 1, max: 3000 }), (batch, maxBytes) => {
      const parts = splitBatch(batch, { maxBytes });
      const decoded = parts.map(({ body }) => decodeBatch(body));
      const last = decoded.at(-1)!;

      expect(effects(decoded)).toEqual(effects([asDecoded(batch)]));
      expect(decoded.flatMap(({ refused }) => refused)).toEqual([]);
      expect(new Set(decoded.flatMap(({ families }) => families.map(({ schema }) => schema.name)))).toEqual(
        new Set(asDecoded(batch).families.map(({ schema }) => schema.name)),
      );

      expect(parts.map(({ seq }) => seq)).toEqual(parts.map((_, i) => batch.seq + i));
      expect(decoded.map(({ seq, ops }) => ({ seq, ops }))).toEqual(parts.map(({ seq, ops }) => ({ seq, ops })));
      expect(parts.reduce((sum, { ops }) => sum + ops, 0)).toBe(batch.ops);
      let before = batch.produced - batch.ops;
      for (const { ops, produced } of decoded) {
        before += ops;
        expect(produced).toBe(before);
      }
      expect(last.produced).toBe(batch.produced);

      for (const { producer, oldest, heartbeat, dropped } of decoded) {
        expect({ producer, oldest, heartbeat, dropped }).toEqual({
          producer: asDecoded(batch.producer),
          oldest: batch.oldest,
          heartbeat: batch.heartbeat,
          dropped: batch.dropped,
        });
      }
      expect(decoded.slice(0, -1).some(({ whole, goodbye, wholeFrom }) => whole || goodbye || wholeFrom !== undefined)).toBe(false);
      expect(last.whole).toBe(batch.whole);
      expect(last.goodbye).toBe(batch.goodbye);
      expect(last.wholeFrom).toBe(batch.whole && parts.length > 1 ? batch.seq : undefined);
    }),
    { numRuns: 150 },
  );
});

test('parts are as large as they may be, and no larger unless one series is', () => {
  const batch = { ...sample, families: [...sample.families, histograms(3000), ...sample.families] };
  const maxBytes = 8192;
  const parts = splitBatch(batch, { maxBytes });
  expect(parts.length).toBeGreaterThan(10);
  expect(Math.max(...parts.map(({ body }) => body.length))).toBeLessThanOrEqual(maxBytes);
  expect(Math.min(...parts.slice(0, -1).map(({ body }) => body.length))).toBeGreaterThan(maxBytes - 200);

  const tiny = splitBatch(sample, { maxBytes: 1 });
  expect(
    tiny.map(({ body }) => decodeBatch(body).families.reduce((sum, { rows, removed }) => sum + rows.length + removed.length, 0)),
  ).toEqual(Array.from({ length: 11 }, () => 1));
});

test('a part brings the strings of its own rows, and no others', () => {
  for (const { body } of splitBatch({ ...sample, families: [histograms(500)] }, { maxBytes: 1500 })) {
    const { strings, families } = JSON.parse(body.toString()) as { strings: string[]; families: { rows: number[][] }[] };
    expect(strings).toHaveLength(families[0]!.rows.length);
  }
});

test('by default a part has 1 MiB', () => {
  const parts = splitBatch({ ...sample, families: [histograms(40_000)] });
  const sizes = parts.map(({ body }) => body.length);
  expect(sizes.length).toBe(2);
  expect(sizes[0]).toBeGreaterThan(2 ** 20 - 200);
  expect(sizes[0]).toBeLessThanOrEqual(2 ** 20);
  expect(parts.reduce((sum, { body }) => sum + decodeBatch(body).families[0]!.rows.length, 0)).toBe(40_000);
});

test('many empty buckets in few bytes are split, so that a reader takes them', () => {
  const { schema, rows } = histograms(1, 1000);
  const families = [{ kind: 'histogram', schema, rows: Array(9000).fill(rows[0]), removed: [] }] as readonly FamilyDelta[];
  const parts = splitBatch({ ...sample, families });
  expect(parts.map(({ body }) => body.length < 2 ** 20)).toEqual([true, true, true]);
  expect(() => decodeBatch(encodeBatch({ ...sample, families }))).toThrow('more than 8000000 label values, numbers and buckets');
  expect(parts.reduce((sum, { body }) => sum + decodeBatch(body).families[0]!.rows.length, 0)).toBe(9000);
});

test('a part counts the operations that its histograms and summaries tell, the last one all others', () => {
  const families = [histograms(6), sample.families[3]!, sample.families[1]!];
  const parts = splitBatch({ ...sample, ops: 30, produced: 100, families }, { maxBytes: 1 });
  expect(parts.map(({ ops }) => ops)).toEqual([0, 1, 2, 3, 4, 5, 6, 9]);
  expect(parts.map(({ body }) => decodeBatch(body).produced)).toEqual([70, 71, 73, 76, 80, 85, 91, 100]);
});

test('operations never add up to more than the batch has, whatever its rows say', () => {
  const nonsense = {
    ...histograms(1),
    rows: [
      { labelValues: ['a'], counts: [Number.NaN], sum: 0 },
      { labelValues: ['b'], counts: [0.5], sum: 0 },
    ],
  } as FamilyDelta;
  const parts = splitBatch({ ...sample, ops: 4, families: [nonsense, histograms(6)] }, { maxBytes: 1 });
  expect(parts.map(({ ops }) => ops)).toEqual([0, 0, 0, 1, 2, 1, 0, 0]);
});

test('the same family twice stays one document that can be read', () => {
  for (const family of sample.families) {
    const batch = { ...sample, families: [family, family, { ...family, rows: [], removed: [] }] };
    const decoded = decodeBatch(encodeBatch(batch));
    expect(decoded.refused).toEqual([]);
    expect(effects([decoded])).toEqual(effects([asDecoded(batch)]));
  }
});

test('a limit that is no size is refused', () => {
  expect(() => splitBatch(sample, { maxBytes: 0 })).toThrow(TypeError);
  expect(() => splitBatch(sample, { maxBytes: Number.NaN })).toThrow('splitBatch: maxBytes must be a number greater than 0, got NaN');
});
