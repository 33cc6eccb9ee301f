import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PhanosError } from '../../src/diagnostics/phanos-error.js';
import type { FamilyDelta, LabelValues } from '../../src/record/batch.js';
import { BatchDecoder, type DecodedBatch } from '../../src/record/batch-decoder.js';
import { encodeBatch } from '../../src/record/batch-encoder.js';
import { anyBatch, asBytes, sample, sampleDocument } from './batch-samples.js';
import { changedIn, nonsense, placesOf } from './nonsense.js';

const decoder = new BatchDecoder();

/** The batch, or undefined if the body is refused as it should be. What it must never do throws. */
function tried(body: Uint8Array): DecodedBatch | undefined {
  let batch: DecodedBatch;
  try {
    batch = decoder.decode(body);
  } catch (error) {
    if (error instanceof PhanosError && error.code === 'BATCH_INVALID' && !error.message.includes('undefined')) return undefined;
    throw error;
  }
  // It never takes what isn't JSON, or isn't UTF-8.
  JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  expect(typeFaults(batch)).toEqual([]);
  return batch;
}

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown) => typeof value === 'string' && asBytes(value) === value && value.length <= 4096;
const isList = (value: unknown, is: (element: unknown) => boolean) =>
  Array.isArray(value) && Object.keys(value).length === value.length && value.every(is);

/** Where a decoded batch is not what its types promise. */
function typeFaults(batch: DecodedBatch): string[] {
  const { job, instance, worker, boot } = batch.producer;
  const { seq, oldest, heartbeat, ops, produced, dropped, wholeFrom = 1 } = batch;
  const faults: string[] = [];
  if (![job, instance, worker, boot].every(isText)) faults.push('producer');
  if (![seq, oldest, heartbeat, ops, produced, dropped, wholeFrom].every(isCount)) faults.push('totals');
  if (oldest > seq + 1 || wholeFrom > Math.max(1, seq)) faults.push('order');
  if (typeof batch.whole !== 'boolean' || typeof batch.goodbye !== 'boolean') faults.push('flags');
  return [...faults, ...batch.families.flatMap(familyFaults)];
}

function familyFaults(family: FamilyDelta): string[] {
  const { name, help, unit, divisor, labelNames, bounds, states } = family.schema;
  const faults: string[] = [];
  if (![name, help, unit].every(isText) || !isList(labelNames, isText) || !isList(states, isText)) faults.push('schema');
  if (!(divisor > 0 && divisor < Number.POSITIVE_INFINITY)) faults.push('divisor');
  if (!bounds.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > bounds[i - 1]!))) faults.push('bounds');
  const isSet = (values: LabelValues) => isList(values, isText) && (values.length === labelNames.length || values.length === 0);
  if (!family.removed.every(isSet) || !family.rows.every(({ labelValues }) => isSet(labelValues))) faults.push('labels');
  if (!rowsFit(family)) faults.push(`rows of a ${family.kind}`);
  return faults;
}

function rowsFit({ kind, schema, rows }: FamilyDelta): boolean {
  switch (kind) {
    case 'counter':
      return rows.every(({ add }) => Number.isFinite(add) && add >= 0);
    case 'gauge':
      return rows.every(({ value }) => typeof value === 'number');
    case 'summary':
      return rows.every(({ count, sum }) => isCount(count) && typeof sum === 'number');
    case 'histogram':
      return rows.every(
        ({ counts, sum }) => isList(counts, isCount) && counts.length === schema.bounds.length + 1 && typeof sum === 'number',
      );
    case 'info':
      return rows.every(({ pairs }) => Object.getPrototypeOf(pairs) === Object.prototype && Object.entries(pairs).flat().every(isText));
    case 'enum':
      return rows.every(({ state }) => schema.states.includes(state));
  }
}

const body = encodeBatch(sample);

test('a document that ends too early is refused, wherever it ends', () => {
  for (let length = 0; length < body.length; length++) expect(tried(body.subarray(0, length))).toBeUndefined();
  expect(tried(body)?.refused).toEqual([]);
});

test('one byte that is anything else never gets through as something else than a batch', () => {
  const taken = { yes: 0, no: 0 };
  for (let at = 0; at < body.length; at++) {
    for (const byte of [0x20, 0x22, 0x2c, 0x2d, 0x39, 0x5c, 0x5d, 0x65, 0xc3]) {
      const changed = Buffer.from(body);
      changed[at] = byte;
      taken[tried(changed) === undefined ? 'no' : 'yes']++;
    }
  }
  expect(Math.min(taken.yes, taken.no)).toBeGreaterThan(1000);
});

test('random bytes are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(tried(bytes)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test('what is spliced out of documents is refused, or a batch', () => {
  const cut = fc.tuple(fc.nat(body.length), fc.nat(body.length), fc.nat(body.length), fc.nat(60));
  fc.assert(
    fc.property(cut, ([keep, skip, from, length]) => {
      const spliced = Buffer.concat([body.subarray(0, keep), body.subarray(from, from + length), body.subarray(skip)]);
      expect(() => tried(spliced)).not.toThrow();
    }),
    { numRuns: 500 },
  );
});

const places = placesOf(sampleDocument());

/** Rows and removed label sets that a document lists; those of what is no family count as one. */
function listed(document: unknown): number {
  const { families } = document as { readonly families: readonly unknown[] };
  return families.reduce<number>((sum, family) => {
    if (typeof family !== 'object' || family === null || Array.isArray(family)) return sum + 1;
    const { rows, removed } = family as { readonly rows?: unknown; readonly removed?: unknown };
    return sum + [rows, removed].reduce<number>((length, list) => length + (Array.isArray(list) ? list.length : 0), 0);
  }, 0);
}

test('a document with something else in any place is refused, or a batch whose rows are all there or counted', () => {
  const taken = { yes: 0, no: 0 };
  const changes = fc.array(fc.tuple(fc.constantFrom(...places), nonsense), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(changes, (list) => {
      const document = changedIn(sampleDocument(), list);
      const batch = tried(Buffer.from(JSON.stringify(document)));
      taken[batch === undefined ? 'no' : 'yes']++;
      if (batch === undefined) return;
      const found = batch.families.reduce((sum, { rows, removed }) => sum + rows.length + removed.length, 0);
      const refused = batch.refused.reduce((sum, { rows }) => sum + rows, 0);
      expect(found + refused).toBeGreaterThanOrEqual(listed(document));
    }),
    { numRuns: 1500 },
  );
  expect(Math.min(taken.yes, taken.no)).toBeGreaterThan(100);
});

test('bytes changed in documents of any shape are refused, or a batch', () => {
  const edits = fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(anyBatch, edits, (batch, list) => {
      const bytes = encodeBatch(batch);
      for (const [at, byte] of list) bytes[Math.floor(at * bytes.length)] = byte;
      expect(() => tried(bytes)).not.toThrow();
    }),
    { numRuns: 200 },
  );
});
