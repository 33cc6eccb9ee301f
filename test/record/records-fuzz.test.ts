import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DecodedRecord, DecodedRecords } from '../../src/record/decoded-record.js';
import { RecordsDecoder } from '../../src/record/records-decoder.js';
import { changedIn, nonsense, placesOf } from './nonsense.js';
import { aRecord, goldenMessages } from './record-bodies.js';
import { faultsOf, shownText } from './records-judge.js';

/** One that recognizes what came before, as a collector's does, and remembers all the nonsense of this file. */
const decoder = new RecordsDecoder();

/** Decodes with the one that remembers and with one that knows nothing, which must come to the same. */
function decoded(body: Uint8Array): DecodedRecords {
  const first = decoder.decode(body);
  expect(decoder.decode(body)).toEqual(first);
  expect(new RecordsDecoder().decode(body)).toEqual(first);
  if (first.fault !== undefined) expect([first.records, first.refused.size]).toEqual([[], 0]);
  return first;
}

/** Whether it is JSON in UTF-8, and a list or an object. */
function isDocument(body: Uint8Array): boolean {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
    return typeof parsed === 'object' && parsed !== null;
  } catch {
    return false;
  }
}

/** Half a surrogate pair has no bytes of its own: it becomes the sign for what is unknown. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

/** What a decoded record says, and what the parsed one says, in one form. */
function said({ head, operation, value }: DecodedRecord): unknown {
  const { labelNames, labelValues, errorRaised, ...rest } = head;
  return [rest, labelNames.map((name, i) => [name, labelValues[i]]), errorRaised, operation, value];
}

function toBeSaid(record: Record<string, unknown>): unknown {
  const { item, metric, units, job, method, labels, value } = record as Record<string, string> & {
    labels: object;
    value: [string, unknown];
  };
  const pairs = (all: object) => Object.entries(all).map(([name, one]) => [wellFormed(name), wellFormed(shownText(one) ?? '')]);
  const error = pairs(labels)
    .find(([name]) => name === 'error_raised')?.[1]
    ?.toLowerCase();
  const texts = Object.fromEntries(Object.entries({ item, metric, units, job, method }).map(([name, text]) => [name, wellFormed(text!)]));
  const [operation, operand] = value;
  const taken = typeof operand === 'string' ? wellFormed(operand) : typeof operand === 'object' ? pairs(operand as object) : operand;
  return [
    texts,
    pairs(labels).filter(([name]) => name !== 'error_raised'),
    error === undefined ? undefined : error === 'true',
    operation,
    taken,
  ];
}

/** Holds a document against the judge: every record is either taken as it is, or counted under one of its faults. Returns how many of each there are. */
function judge(document: readonly unknown[], body: Uint8Array): { readonly taken: number; readonly left: number } {
  const { records, refused, fault } = decoded(body);
  expect(fault).toBeUndefined();
  const takeable = document.filter((record) => faultsOf(record).size === 0) as Record<string, unknown>[];
  expect(records.map(said)).toEqual(takeable.map(toBeSaid));
  const bad = document.map(faultsOf).filter(({ size }) => size > 0);
  expect([...refused.values()].reduce((sum, count) => sum + count, 0)).toBe(bad.length);
  for (const [reason, count] of refused) expect(count).toBeLessThanOrEqual(bad.filter((faults) => faults.has(reason)).length);
  return { taken: takeable.length, left: bad.length };
}

const text = fc.string({ unit: 'binary', maxLength: 12 });
const name = fc.constantFrom('a', 'b_1', 'value', 'method', 'error_raised', 'le', '__proto__', 'constructor', '', 'ä');
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(1e16, -0, 5e-324, 2 ** 53));
const long = fc.constantFrom(4096, 4097, 10_000).map((length) => 'x'.repeat(length));
const manyLabels = fc
  .integer({ min: 30, max: 35 })
  .map((count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, i])));
const operand = fc.oneof(number, text, long, fc.dictionary(name, text), manyLabels, fc.jsonValue());
const operation = fc.constantFrom('observe', 'inc', 'dec', 'set', 'state', 'info', 'x', 'toString');
const anyRecord = fc.record({
  item: text,
  metric: fc.constantFrom('histogram', 'counter', 'gauge', 'summary', 'info', 'enum', 'x', '__proto__'),
  units: fc.constantFrom('mS', 'B', 'n', 'µs'),
  job: fc.oneof(text, fc.constantFrom('j'.repeat(256), 'j'.repeat(257))),
  method: fc.oneof({ weight: 9, arbitrary: text }, long),
  labels: fc.oneof({ weight: 9, arbitrary: fc.dictionary(name, fc.oneof(text, fc.boolean(), number, fc.jsonValue())) }, manyLabels),
  value: fc.oneof({ weight: 9, arbitrary: fc.tuple(operation, operand) }, fc.jsonValue()),
});

/** Kind, operation and operand that belong together; labels that mostly do. */
const sound = fc.oneof(
  fc.record({ metric: fc.constantFrom('histogram', 'summary'), value: fc.tuple(fc.constant('observe'), number) }),
  fc.record({ metric: fc.constant('gauge'), value: fc.tuple(fc.constantFrom('inc', 'dec', 'set'), number) }),
  fc.record({ metric: fc.constant('counter'), value: fc.tuple(fc.constant('inc'), fc.nat()) }),
  fc.record({ metric: fc.constant('enum'), value: fc.tuple(fc.constant('state'), text) }),
  fc.record({ metric: fc.constant('info'), value: fc.tuple(fc.constant('info'), fc.dictionary(fc.constantFrom('a', 'b_1', 'le'), text)) }),
);
const likely = fc.oneof({ weight: 4, arbitrary: text }, fc.boolean(), number, fc.constant(null), long);
const soundRecord = fc
  .tuple(
    fc.record({ item: text, units: text, job: text, method: text, labels: fc.dictionary(fc.constantFrom('a', 'b_1', 'value'), likely) }),
    sound,
  )
  .map(([head, rest]) => ({ ...head, ...rest }));
const record = fc.oneof(anyRecord, soundRecord);

test('every record of a document is taken as JSON.parse reads it, or counted under a fault that it has', () => {
  const seen = { taken: 0, left: 0 };
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 8, arbitrary: record }, fc.jsonValue()), { maxLength: 5 }), fc.nat(2), (records, space) => {
      const body = Buffer.from(JSON.stringify(records, null, space));
      const { taken, left } = judge(JSON.parse(body.toString()) as unknown[], body);
      seen.taken += taken;
      seen.left += left;
    }),
    { numRuns: 1500 },
  );
  expect(Math.min(seen.taken, seen.left)).toBeGreaterThan(100);
});

const good = [
  aRecord(),
  aRecord({ metric: 'counter', units: 'n', labels: { kind: 'book', error_raised: 'True' }, value: ['inc', 3] }),
  aRecord({ metric: 'enum', units: '', labels: {}, value: ['state', 'on'] }),
  aRecord({ metric: 'info', units: '', labels: { a: null }, value: ['info', { version: '1', n: 2 }] }),
];

test('something else in any place of a message costs the record in which it stands, and no other', () => {
  const seen = { taken: 0, left: 0 };
  const change = fc.tuple(fc.constantFrom(...placesOf(good)), nonsense);
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const document = changedIn(good, changes) as unknown[];
      const { taken, left } = judge(document, Buffer.from(JSON.stringify(document)));
      expect(left).toBeLessThanOrEqual(changes.length);
      seen.taken += taken;
      seen.left += left;
    }),
    { numRuns: 1500 },
  );
  expect(Math.min(seen.taken, seen.left)).toBeGreaterThan(500);
});

test('a message that ends too early has a fault, wherever it ends', () => {
  const body = Buffer.from(JSON.stringify(good));
  for (let length = 0; length < body.length; length++) expect(decoder.decode(body.subarray(0, length)).fault).toBeDefined();
  expect(decoder.decode(body).records).toHaveLength(good.length);
});

const samples = [
  ...goldenMessages().map(({ message }) => Buffer.from(message.body_base64, 'base64').subarray(0, 2000)),
  Buffer.from(JSON.stringify(good)),
];

test('bytes that were changed, and pieces put elsewhere: a fault exactly where it is no JSON', () => {
  const byte = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from('{}[]",:0e.-\\')));
  const edits = fc.array(fc.tuple(fc.nat(), byte), { maxLength: 4 });
  const splice = fc.option(fc.tuple(fc.nat(), fc.nat(), fc.nat(60)), { nil: undefined });
  const seen = { documents: 0, faults: 0 };
  fc.assert(
    fc.property(fc.constantFrom(...samples), edits, splice, (body, changes, moved) => {
      let spoiled = Buffer.from(body);
      for (const [at, other] of changes) spoiled[at % spoiled.length] = other;
      if (moved !== undefined) {
        const [at, from, length] = [moved[0] % spoiled.length, moved[1] % spoiled.length, moved[2]];
        spoiled = Buffer.concat([spoiled.subarray(0, at), spoiled.subarray(from, from + length), spoiled.subarray(at)]);
      }
      const { fault } = decoder.decode(spoiled);
      expect(fault === undefined).toBe(isDocument(spoiled));
      seen[fault === undefined ? 'documents' : 'faults']++;
    }),
    { numRuns: 5000 },
  );
  expect(Math.min(seen.documents, seen.faults)).toBeGreaterThan(300);
});

test('random bytes are no message', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(decoder.decode(bytes).fault === undefined).toBe(isDocument(bytes));
    }),
    { numRuns: 500 },
  );
});
