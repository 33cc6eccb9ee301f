import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRecord, formatRecords } from '../../src/handlers/format.js';
import type { Recorded } from '../../src/record/recorded.js';
import { type GoldenCase, golden, goldenCase } from '../record/golden.js';
import { aRecord } from './a-record.js';

interface RecordText {
  readonly record: Recorded;
  readonly text: string;
}

const texts = goldenCase<{ cases: RecordText[] }>('python-phanos/handlers.json', 'record_to_str').notes.cases;

/** Golden lines that can't come out of JavaScript, by line, each with its reason. */
const DIFFERENT = new Map([
  [
    'profiler: name, method: Res:get.first, value: 2.0 mS, ',
    {
      here: "profiler: name, method: Res:get.first, value: 2.0 mS, labels: 0=['a', '1']",
      reason: 'labels given as a list of pairs are no record',
    },
  ],
  [
    'profiler: name, method: Res:get.first, value: 5 mS',
    { here: 'profiler: name, method: Res:get.first, value: 5.0 mS', reason: '5 and 5.0 are one number in JavaScript, values are floats' },
  ],
  [
    'profiler: name, method: Res:get.first, value: 2.0 mS, labels: a=None, b=1.0, c=x, y=z',
    { here: 'profiler: name, method: Res:get.first, value: 2.0 mS, labels: a=None, b=1, c=x, y=z', reason: '1 and 1.0 are one number' },
  ],
]);

describe('formatRecord', () => {
  it.each(texts)('writes "$text", or for a known reason another line', ({ record, text }) => {
    const different = DIFFERENT.get(text);
    expect(formatRecord('name', record)).toBe(different === undefined ? text : different.here);
  });

  it('has no known difference that does not differ, or that the golden data lack', () => {
    const differing = texts.filter(({ record, text }) => formatRecord('name', record) !== text);
    expect(differing.map(({ text }) => text)).toEqual(expect.arrayContaining([...DIFFERENT.keys()]));
    expect(differing).toHaveLength(DIFFERENT.size);
  });

  const files = ['sync', 'metrics', 'response_size', 'hooks', 'async', 'v0.0.10'];
  const cases = files.flatMap((file) =>
    golden<{ cases: GoldenCase[] }>(`python-phanos/${file}.json`).cases.map((one) => ({ file, ...one })),
  );

  it.each(cases.filter((one) => one.stream_text !== ''))('writes the text of $file $name from its records', (one) => {
    const calls = one.handle_calls.filter((call) => call.handler === 'capture');
    const text = calls.flatMap((call) => call.records.map((record) => `${formatRecord(call.metric, record)}\n`)).join('');
    // The float 1.0 as a label value.
    expect(text).toBe(one.name === 'label_values_unchecked' ? one.stream_text.replace('a=1.0', 'a=1') : one.stream_text);
  });

  it('joins lines without one at the end', () => {
    expect(formatRecords('m', [aRecord(), aRecord({ value: ['observe', 0.5] })])).toBe(
      'profiler: m, method: Res:get.first, value: 2.0 mS\nprofiler: m, method: Res:get.first, value: 0.5 mS',
    );
  });

  it('keeps odd names, units and label values as they are', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (metric, method, units, label) => {
        const line = formatRecord(metric, aRecord({ method, units, labels: { label, error_raised: true } }));
        expect(line).toBe(`profiler: ${metric}, method: ${method}, value: 2.0 ${units}, labels: label=${label}, error_raised=True`);
      }),
    );
  });
});
