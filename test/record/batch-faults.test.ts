import { expect, test } from 'vitest';
import { PhanosError } from '../../src/diagnostics/phanos-error.js';
import { decodeBatch } from '../../src/record/batch-decoder.js';
import type { BatchLimits } from '../../src/record/batch-limits.js';
import { asDecoded, sample, sampleDocument } from './batch-samples.js';

/** What the decoder says of a body that it can't take. */
function faultOf(body: Uint8Array | string, limits?: Partial<BatchLimits>): string {
  try {
    decodeBatch(typeof body === 'string' ? Buffer.from(body) : body, limits);
  } catch (error) {
    if (!(error instanceof PhanosError) || error.code !== 'BATCH_INVALID') throw error;
    return error.message
      .replace(/^the batch is invalid/, '')
      .replace(/; nothing of it was taken\..*$/, '')
      .trim();
  }
  throw new Error('the body was taken');
}

/** The sample with other fields; undefined takes a field away. */
const spoiled = (fields: object): string => JSON.stringify({ ...sampleDocument(), ...fields });

/** The sample with one family in place of all. */
const withFamily = (family: object): string => spoiled({ families: [family] });

const counters = { kind: 'counter', schema: { name: 'sold', help: '', labelNames: ['of'] } };

test('a message says what happened, where, and what to do', () => {
  expect(() => decodeBatch(Buffer.from(spoiled({ seq: 'x' })))).toThrow(
    'the batch is invalid at seq: expected a whole number of 0 or more; nothing of it was taken. Look for what sent it, or changed it on its way',
  );
});

test.each([
  ['', ': the end, where a value was expected at byte 0'],
  ['  ', ': the end, where a value was expected at byte 2'],
  ['nul', ': no value at byte 0'],
  ['[]', ': it is no JSON object'],
  ['"batch"', ': it is no JSON object'],
  ['{}', 'at version: the field is missing'],
  ['{"seq":1', ': neither , nor } at byte 8'],
  ['{"version":02}', ': a number that begins with 0 at byte 13'],
  ['{"version":2}', 'at producer: the field is missing'],
  ["{'version':2}", ': no name of a field at byte 1'],
  ['{"version" 2}', ': no : behind the name of a field at byte 11'],
  ['{"version":2,}', ': no name of a field at byte 13'],
  ['\ufeff{"version":2}', ': no value at byte 0'],
])('no batch: %j', (body, fault) => {
  expect(faultOf(body)).toBe(fault);
});

test('text that is not UTF-8 is refused', () => {
  const body = Buffer.from(spoiled({}));
  body[body.indexOf('Time.')] = 0xff;
  expect(faultOf(body)).toBe(': text that is not UTF-8 at byte 0');
});

test('another version is refused by its number, wherever it stands and whatever else changed', () => {
  const { version, ...rest } = sampleDocument();
  const text = 'where only version 2 is understood; let producer and collector run releases of phanos that fit together';
  expect(faultOf(JSON.stringify({ version: 3, seq: { no: 'number' } }))).toBe(`at version: version 3, ${text}`);
  expect(faultOf(JSON.stringify({ seq: { no: 'number' }, families: 'new', version: 2.5 }))).toBe(`at version: version 2.5, ${text}`);
  expect(faultOf(JSON.stringify({ ...rest, version: '2' }))).toBe(`at version: no number, ${text}`);
  expect(decodeBatch(Buffer.from(JSON.stringify({ ...rest, version }).replace('"strings"', '"version2":2,"strings"'))).seq).toBe(7);
});

test.each(['producer', 'seq', 'oldest', 'heartbeat', 'ops', 'produced', 'dropped', 'whole', 'goodbye', 'strings', 'families'])(
  'a batch without %s is refused',
  (field) => {
    const fault = field === 'strings' ? 'at families: strings must come before families' : `at ${field}: the field is missing`;
    expect(faultOf(spoiled({ [field]: undefined }))).toBe(fault);
  },
);

test.each([
  [{ seq: -1 }, 'at seq: expected a whole number of 0 or more'],
  [{ seq: 1.5 }, 'at seq: expected a whole number of 0 or more'],
  [{ seq: 2 ** 53 }, 'at seq: expected a whole number of 0 or more'],
  [{ seq: null }, 'at seq: expected a whole number of 0 or more'],
  [{ seq: 0, oldest: 1 }, 'at seq: batches with families are numbered from 1'],
  [{ oldest: 0 }, 'at oldest: expected 1 to 8, as seq is 7'],
  [{ oldest: 9 }, 'at oldest: expected 1 to 8, as seq is 7'],
  [{ heartbeat: '5000' }, 'at heartbeat: expected a whole number of 0 or more'],
  [{ ops: [12] }, 'at ops: expected a whole number of 0 or more'],
  [{ dropped: -0.1 }, 'at dropped: expected a whole number of 0 or more'],
  [{ whole: 1 }, 'at whole: expected true or false'],
  [{ goodbye: 'true' }, 'at goodbye: expected true or false'],
  [{ onBehalf: 1 }, 'at onBehalf: expected true or false'],
  [{ wholeFrom: 8 }, 'at wholeFrom: expected 1 to 7, in a batch that is whole'],
  [{ whole: false, wholeFrom: 7 }, 'at wholeFrom: expected 1 to 7, in a batch that is whole'],
  [{ producer: 'shop' }, 'at producer: expected an object'],
  [{ producer: { job: 'shop', instance: 'web-1', worker: '0' } }, 'at producer.boot: the field is missing'],
  [{ producer: { job: 'shop', instance: 'web-1', worker: 0, boot: 'b' } }, 'at producer.worker: expected a string'],
  [{ producer: { job: 'x'.repeat(4097), instance: 'web-1', worker: '0', boot: 'b' } }, 'at producer.job: more than 4096 characters'],
  [{ strings: { 0: 'POST' } }, 'at strings: expected a list of strings'],
  [{ strings: ['POST', 1] }, 'at strings: expected a list of strings'],
  [{ families: {} }, 'at families: expected a list'],
])('%j is refused', (fields, fault) => {
  expect(faultOf(spoiled(fields))).toBe(fault);
});

test('a field that comes twice is refused, for who looks at the document might see the other one', () => {
  expect(faultOf(spoiled({}).replace('"seq":7', '"seq":7,"\\u0073eq":8'))).toBe('at seq: the field comes more than once');
  expect(faultOf(spoiled({}).replace('"boot":', '"job":"other","boot":'))).toBe('at producer.job: the field comes more than once');
  expect(faultOf(spoiled({}).replace(/}$/, ',"families":[]}'))).toBe('at families: the field comes more than once');
});

test('names of the prototype are fields like any other', () => {
  const body = spoiled({}).replace('{', '{"__proto__":{"seq":9,"polluted":1},"constructor":{"prototype":{"polluted":1}},');
  const { refused, ...batch } = decodeBatch(Buffer.from(body));
  expect(batch).toEqual(asDecoded(sample));
  expect(refused).toEqual([]);
  expect('polluted' in batch || 'polluted' in {}).toBe(false);
});

test('what is not well-formed within a row or family spoils the document, and the path tells where', () => {
  const body = withFamily({
    ...counters,
    rows: [
      [0, 1],
      [0, 1],
    ],
  });
  expect(faultOf(body.replace('[0,1]]', '[0,1'))).toMatch(/^at families\[0\]\.rows: neither , nor \] at byte \d+$/);
  expect(faultOf(body.replace('[0,1]]', '[0,01]]'))).toMatch(/^at families\[0\]\.rows: a number that begins with 0 at byte \d+$/);
  expect(faultOf(body.replace('[0,1]]', '[0,1,]]'))).toMatch(/^at families\[0\]\.rows: no value at byte \d+$/);
});

test('limits over the whole document refuse it', () => {
  const body = spoiled({});
  expect(faultOf(body, { bytes: body.length - 1 })).toBe(`: it has ${body.length} bytes, where ${body.length - 1} are allowed`);
  expect(faultOf(body, { families: 5 })).toBe('at families: more than 5 of them');
  expect(faultOf(body, { rows: 10 })).toBe('at families[5].rows: more than 10 rows in the batch');
  expect(faultOf(body, { cells: 40 })).toBe('at families[5].rows: more than 40 label values, numbers and buckets in the batch');
  expect(faultOf(body, { strings: 7 })).toMatch(/^at strings: more than 7 strings at byte \d+$/);
  expect(decodeBatch(Buffer.from(body), { bytes: body.length, families: 6, rows: 11, strings: 8, cells: 100 }).families).toHaveLength(6);
});

test('a limit that is unknown or senseless is an error of its own', () => {
  expect(() => decodeBatch(Buffer.from('{}'), { row: 1 } as object)).toThrow("batch limits: unknown option 'row'");
  expect(() => decodeBatch(Buffer.from('{}'), { rows: 0 })).toThrow('batch limits: rows must be at least 1, got 0');
});
