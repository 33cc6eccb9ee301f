import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Batch } from '../../src/record/batch.js';
import { BatchDecoder, type DecodedBatch, decodeBatch } from '../../src/record/batch-decoder.js';
import { encodeBatch } from '../../src/record/batch-encoder.js';
import { anyBatch, asDecoded, sample, sampleDocument } from './batch-samples.js';

const bodyOf = (document: unknown): Buffer => Buffer.from(JSON.stringify(document));

/** The batch alone, once nothing was refused. */
function accepted({ refused, ...batch }: DecodedBatch): Batch {
  expect(refused).toEqual([]);
  return batch;
}

test('a batch with each kind is written as this document', () => {
  expect(encodeBatch(sample).toString()).toBe(JSON.stringify(sampleDocument()));
});

test('this document is read as that batch', () => {
  expect(accepted(decodeBatch(bodyOf(sampleDocument())))).toEqual(asDecoded(sample));
});

test('an idle producer sends this', () => {
  const beat = { ...sample, seq: 0, oldest: 1, ops: 0, whole: false, families: [] };
  const body = encodeBatch(beat);
  expect(body.toString()).toBe(
    '{"version":2,"producer":{"job":"shop","instance":"web-1","worker":"0","boot":"k3v9"},"seq":0,"oldest":1,"heartbeat":5000,"ops":0,"produced":90,"dropped":1,"whole":false,"goodbye":false,"strings":[],"families":[]}',
  );
  expect(accepted(decodeBatch(body))).toEqual(beat);
});

test('what is written reads back the same', () => {
  const decoder = new BatchDecoder();
  fc.assert(
    fc.property(anyBatch, (batch) => {
      const body = encodeBatch(batch);
      expect(accepted(decoder.decode(body))).toEqual(asDecoded(batch));
      // A decoder that has seen the schemas before says the same as one that has not.
      expect(accepted(decodeBatch(body))).toEqual(asDecoded(batch));
    }),
    { numRuns: 200 },
  );
});

test('what is written is JSON, with each string once', () => {
  fc.assert(
    fc.property(anyBatch, (batch) => {
      const { strings } = JSON.parse(encodeBatch(batch).toString()) as { readonly strings: readonly string[] };
      expect(new Set(strings).size).toBe(strings.length);
    }),
  );
});

test('neither white space nor fields of later versions change what a document says', () => {
  const more = { later: [{ deep: { er: [null, true, 1e-3, 'x'] } }, 'families'] };
  const families = (sampleDocument().families as { readonly schema: object }[]).map((family) => ({
    ...more,
    ...family,
    schema: { ...more, ...family.schema },
    more,
  }));
  const document = { ...more, ...sampleDocument(), families, producer: { ...more, ...(sampleDocument().producer as object) } };
  for (const indent of [undefined, 1, '\t', ' \n ']) {
    const body = Buffer.from(`\n ${JSON.stringify(document, undefined, indent)}\r\n`);
    expect(accepted(decodeBatch(body))).toEqual(asDecoded(sample));
  }
});

test('fields come in any order, as long as strings come before families, and kind and schema before rows', () => {
  const document = sampleDocument();
  const names = Object.keys(document).filter((name) => name !== 'families');
  fc.assert(
    fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (order) => {
      const shuffled = Object.fromEntries([...order, 'families'].map((name) => [name, document[name]]));
      expect(accepted(decodeBatch(bodyOf(shuffled)))).toEqual(asDecoded(sample));
    }),
  );
});

test('numbers are read in every form that JSON has', () => {
  const form = fc.constantFrom(
    '0',
    '-0',
    '3',
    '-12',
    '0.5',
    '-0.25',
    '1e3',
    '1E-3',
    '1.5e+2',
    '12345678901234567890',
    '9007199254740993',
    '1e400',
    '-1e400',
    '0.1e-400',
    '2.50',
  );
  const gap = fc.constantFrom('', ' ', '\n\t');
  fc.assert(
    fc.property(fc.array(fc.tuple(form, gap, gap), { minLength: 1, maxLength: 20 }), (forms) => {
      const document = { ...sampleDocument(), families: 'HERE' };
      const rows = forms.map(([text, before, after]) => `[${before}${text}${after}]`).join(',');
      const family = `[{"kind":"gauge","schema":{"name":"n","help":"","labelNames":[]},"rows":[${rows}]}]`;
      const { families } = accepted(decodeBatch(Buffer.from(JSON.stringify(document).replace('"HERE"', family))));
      expect(families[0]?.rows).toEqual(forms.map(([text]) => ({ labelValues: [], value: Number(text) })));
    }),
  );
});

test('the same schema is the same object, batch after batch, and another one is not', () => {
  const decoder = new BatchDecoder();
  const schemaOf = (help: string) => {
    const document = { ...sampleDocument(), families: [{ kind: 'counter', schema: { name: 'sold', help, labelNames: [] }, rows: [[1]] }] };
    return decoder.decode(bodyOf(document)).families[0]?.schema;
  };
  const first = schemaOf('Items.');
  expect(schemaOf('Items.')).toBe(first);
  expect(schemaOf('Things.')).toEqual({ ...first, help: 'Things.' });
});

test('half a surrogate pair comes back as the character that its bytes show', () => {
  const document = JSON.stringify(sampleDocument()).replace('"/cart"', '"\\ud800\\u0041"').replace('"Time."', '"\\udfff"');
  const { families } = accepted(decodeBatch(Buffer.from(document)));
  expect(families[0]?.schema.help).toBe('\ufffd');
  expect(families[0]?.rows[0]?.labelValues).toEqual(['GET', '\ufffdA']);
});

test('a body that is part of a larger buffer is read alone', () => {
  const body = encodeBatch(sample);
  const larger = new Uint8Array(body.length + 20).fill(0x5b);
  larger.set(body, 10);
  expect(accepted(decodeBatch(larger.subarray(10, 10 + body.length)))).toEqual(asDecoded(sample));
});
