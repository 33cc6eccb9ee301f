import { describe, expect, test } from 'vitest';
import type { DecodedRecord, DecodedRecords } from '../../src/record/decoded-record.js';
import type { Recorded } from '../../src/record/recorded.js';
import { RecordsDecoder } from '../../src/record/records-decoder.js';
import { aRecord, goldenMessages, oldestBodies, recordText } from './record-bodies.js';

const decoder = new RecordsDecoder();

const decode = (text: string): DecodedRecords => decoder.decode(Buffer.from(text));

/** Reasons of what was left out, as an object. */
const reasons = ({ refused }: DecodedRecords) => Object.fromEntries(refused);

/** A decoded record in the form in which JSON.parse shows the same one. */
function plain({ head, operation, value }: DecodedRecord): unknown {
  const { labelNames, labelValues, errorRaised, ...rest } = head;
  const labels = Object.fromEntries(labelNames.map((name, i) => [name, labelValues[i]!]));
  return {
    ...rest,
    labels: { ...labels, ...(errorRaised !== undefined && { error_raised: errorRaised }) },
    value: [operation, Array.isArray(value) ? Object.fromEntries(value) : value],
  };
}

describe('what Python phanos sent', () => {
  test.each(goldenMessages())('$name', ({ message }) => {
    const body = Buffer.from(message.body_base64, 'base64');
    const said = [JSON.parse(body.toString())].flat() as Recorded[];
    const isNested = ({ labels, value }: Recorded) =>
      [...Object.values(labels), ...(typeof value[1] === 'object' && value[1] !== null ? Object.values(value[1]) : [])].some(
        (one) => typeof one === 'object' && one !== null,
      );
    const good = said.filter((record) => record.value[1] !== null && !isNested(record));
    const decoded = decoder.decode(body);
    expect(decoded.fault).toBeUndefined();
    expect(decoded.records.map(plain)).toEqual(good.map(withTexts));
    expect(reasons(decoded)).toEqual({
      ...(said.some(isNested) && { labels_invalid: said.filter(isNested).length }),
      ...(said.some(({ value }) => value[1] === null) && { value_invalid: said.filter(({ value }) => value[1] === null).length }),
    });
  });

  test('version 0.0.10: lists that may be empty', () => {
    const bodies = oldestBodies();
    expect(bodies).toContain('[]');
    for (const body of bodies) {
      const decoded = decode(body);
      expect(decoded).toMatchObject({ fault: undefined, refused: new Map() });
      expect(decoded.records.map(plain)).toEqual(JSON.parse(body));
    }
  });
});

/** Label values as text; numbers as they are written, of which JSON.parse keeps nothing, so the golden one is named here. */
function withTexts(record: Recorded, index: number): unknown {
  const texts = Object.entries(record.labels).map(([name, value]: [string, unknown]) => {
    if (name === 'error_raised') return [name, value];
    return [name, value === null ? '' : typeof value === 'number' ? ['1', '1.0'][index]! : `${value as string | boolean}`];
  });
  return { ...record, labels: Object.fromEntries(texts) };
}

describe('operations', () => {
  test.each([
    ['counter', 'inc', 2],
    ['gauge', 'inc', -2],
    ['gauge', 'dec', 1.5],
    ['gauge', 'set', -7.25],
    ['histogram', 'observe', -3],
    ['summary', 'observe', 0],
    ['enum', 'state', 'on'],
    ['enum', 'state', ''],
  ] as const)('%s %s %j', (metric, operation, value) => {
    expect(decode(recordText({ metric, value: [operation, value] })).records).toMatchObject([{ operation, value, head: { metric } }]);
  });

  test('info: pairs in their order, numbers as they are written', () => {
    const text = recordText({ metric: 'info', value: 0 }).replace('"value":0', '"value":["info",{"v":"1","n":1.50,"t":true,"z":null}]');
    expect(decode(text).records).toMatchObject([
      {
        value: [
          ['v', '1'],
          ['n', '1.50'],
          ['t', 'true'],
          ['z', ''],
        ],
      },
    ]);
  });

  test.each([
    ['counter', ['inc', -1], 'value_invalid'],
    ['counter', ['inc', null], 'value_invalid'],
    ['counter', ['inc', '1'], 'value_invalid'],
    ['counter', ['dec', 1], 'operation_unknown'],
    ['histogram', ['inc', 1], 'operation_unknown'],
    ['histogram', ['observe', true], 'value_invalid'],
    ['histogram', ['observe', [1]], 'value_invalid'],
    ['histogram', ['observe', { a: '1' }], 'value_invalid'],
    ['enum', ['state', 1], 'value_invalid'],
    ['info', ['info', 'text'], 'value_invalid'],
    ['info', ['info', { a: { b: 1 } }], 'labels_invalid'],
    ['info', ['info', { 'a-b': '1' }], 'name_invalid'],
    ['widget', ['observe', 1], 'kind_unknown'],
    ['histogram', ['observe'], 'malformed'],
    ['histogram', ['observe', 1, 2], 'malformed'],
    ['histogram', [], 'malformed'],
    ['histogram', 'observe', 'malformed'],
    ['histogram', null, 'malformed'],
    ['histogram', [1, 1], 'malformed'],
  ] as const)('%s %j is refused as %s', (metric, value, reason) => {
    expect(reasons(decode(recordText({ metric, value })))).toEqual({ [reason]: 1 });
  });

  test('a number beyond all doubles is refused', () => {
    expect(reasons(decode(recordText({ value: 0 }).replace('"value":0', '"value":["observe",1e999]')))).toEqual({ value_invalid: 1 });
  });
});

describe('labels', () => {
  test.each([
    [{ error_raised: true }, true],
    [{ error_raised: 'True' }, true],
    [{ error_raised: 'false' }, false],
    [{}, undefined],
  ])('%j', (labels, errorRaised) => {
    expect(decode(recordText({ labels })).records).toMatchObject([{ head: { errorRaised, labelNames: [] } }]);
  });

  test.each([
    [{ error_raised: 1 }, 'labels_invalid'],
    [{ error_raised: null }, 'labels_invalid'],
    [{ a: ['x'] }, 'labels_invalid'],
    [{ a: {} }, 'labels_invalid'],
    [{ 'no-name': 'x' }, 'name_invalid'],
    [{ le: '1' }, 'name_invalid'],
    [{ __name__: 'x' }, 'name_invalid'],
    [[], 'malformed'],
    [null, 'malformed'],
    ['a', 'malformed'],
  ])('%j is refused as %s', (labels, reason) => {
    expect(reasons(decode(recordText({ labels })))).toEqual({ [reason]: 1 });
  });

  test('values and label sets beyond the limits are refused', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, '']));
    const labels = (sets: readonly object[]) => decode(JSON.stringify(sets.map((set) => aRecord({ labels: set }))));
    expect(labels([many(32), { a: 'x'.repeat(4096) }]).records).toHaveLength(2);
    expect(reasons(labels([many(33), { a: 'x'.repeat(4097) }]))).toEqual({ labels_limit: 1, text_limit: 1 });
  });

  test('__proto__ and names that come twice are refused and change nothing', () => {
    const text = (labels: string) => recordText({ labels: 0 }).replace('"labels":0', `"labels":${labels}`);
    expect(reasons(decode(text('{"__proto__":{"a":"1"}}')))).toEqual({ labels_invalid: 1 });
    expect(reasons(decode(text('{"__proto__":"1"}')))).toEqual({ name_invalid: 1 });
    expect(reasons(decode(text('{"a":"1","a":"2"}')))).toEqual({ name_invalid: 1 });
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });
});

describe('shapes', () => {
  test('one bad record does not harm the others', () => {
    const text = `[${recordText()},null,7,"x",[],{},${recordText({ metric: 'x' })},${recordText({ job: 5 })},${recordText()}]`;
    const decoded = decode(text);
    expect(decoded.records).toHaveLength(2);
    expect(reasons(decoded)).toEqual({ malformed: 6, kind_unknown: 1 });
  });

  test('fields in any order, unknown ones and white space are taken', () => {
    const shuffled = Object.fromEntries(Object.entries(aRecord({ more: [{}] })).reverse());
    for (const text of [JSON.stringify(shuffled), JSON.stringify([aRecord(), shuffled], null, 2), ` [ ${recordText()} ] \n`]) {
      expect(decode(text).records.map(plain)).toEqual([JSON.parse(text)].flat().map(({ more: _more, ...record }) => record));
    }
  });

  test('a field that comes twice is refused, whichever it is', () => {
    for (const field of Object.keys(aRecord())) {
      const twice = `${recordText().slice(0, -1)},${JSON.stringify(field)}:${JSON.stringify(aRecord()[field])}}`;
      // The second time the beginning is recognized.
      expect([reasons(decode(twice)), decode(recordText()).records.length, reasons(decode(twice))]).toEqual([
        { malformed: 1 },
        1,
        { malformed: 1 },
      ]);
    }
  });

  test('a label that looks like the end of a record', () => {
    const record = aRecord({ labels: { value: 'x', a: '"value":["observe",3]}' } });
    for (let i = 0; i < 3; i++) expect(decode(JSON.stringify([record, aRecord()])).records.map(plain)).toEqual([record, aRecord()]);
  });

  test.each([
    ['', 'neither'],
    ['7', 'neither'],
    ['"x"', 'neither'],
    ['null', 'neither'],
    ['{"a":', 'the end'],
    [`[${recordText()}`, 'neither , nor ]'],
    [`[${recordText()}]x`, 'more behind the end'],
    [`[${recordText()},]`, 'no value'],
    [`{"a":${'['.repeat(100_000)}`, 'levels'],
  ])('no message %#', (text, fault) => {
    expect(decode(text)).toMatchObject({ records: [], refused: new Map() });
    expect(decode(text).fault).toContain(fault);
  });

  test('text that is not UTF-8, too many bytes, too many records', () => {
    expect(decoder.decode(Buffer.from([0x5b, 0xff, 0x5d])).fault).toContain('not UTF-8');
    const small = new RecordsDecoder({ bytes: 400, records: 2 });
    expect(small.decode(Buffer.from(`[${recordText()},${recordText()}]`)).records).toHaveLength(2);
    expect(small.decode(Buffer.from('[0,0,0]')).fault).toBe('it has more than 2 records');
    expect(small.decode(Buffer.alloc(401)).fault).toBe('it has 401 bytes, where 400 are allowed');
    expect(() => new RecordsDecoder({ bites: 1 } as object)).toThrow("unknown option 'bites'");
  });
});

test('many small records without a value are read in one pass', () => {
  const body = Buffer.from(`[${'{},'.repeat(99_998)}{}]`);
  const before = process.cpuUsage();
  expect(decoder.decode(body).refused).toEqual(new Map([['malformed', 99_999]]));
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(5000);
});
