import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import { FORMATS } from '../../src/exposition/format.js';
import type { MetricKind } from '../../src/record/recorded.js';
import { aBatch, aDelta } from '../collector/a-batch.js';
import { parseOpenMetrics } from '../support/open-metrics-parser.js';
import { promtoolCheckMetrics } from '../support/prometheus.js';
import { collectorOf, readable } from './hostile-families.js';
import { parseProtobuf } from './parse-protobuf.js';
import { parseText } from './parse-text.js';
import { expectedSamples, type PlainFamily, plainZeros, protoSamples, samplesOf } from './shown-samples.js';

/** Whatever names, labels and values somebody sends: what is shown reads back as the same samples, and nothing more. */

/** Texts that look like lines, labels and ends of both, and any other. */
const evil = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc
    .array(
      fc.constantFrom(
        '"',
        '\\',
        '\n',
        '}',
        '{',
        ',',
        '=',
        ' ',
        '#',
        'le="1"',
        'x',
        '} 1\nup 0\n',
        '# EOF\n',
        '\ud83d',
        '\udca9',
        '\0',
        '\r',
      ),
      {
        maxLength: 8,
      },
    )
    .map((parts) => parts.join('')),
);
const labelName = fc.constantFrom('a', 'b_', '_c', 'D1', 'job', 'instance', 'e'.repeat(60));
const nameEnd = fc.constantFrom('', '_x', ':y', '_total_z', '_seconds', 'Z9');
const count = fc.oneof(fc.nat(5), fc.constantFrom(2 ** 31, 2 ** 32 + 1, 2 ** 40));
const number = fc.double();
const kinds: readonly MetricKind[] = ['counter', 'gauge', 'histogram', 'summary', 'enum', 'info'];

const aFamily = fc.constantFrom(...kinds).chain((kind) =>
  fc
    .record({
      end: nameEnd,
      help: evil,
      unit: fc.constantFrom('', 'seconds', 'bytes'),
      divisor: fc.constantFrom(1, 1000),
      bounds: fc.uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), { maxLength: 4 }),
      states: fc.uniqueArray(evil, { minLength: 1, maxLength: 4, selector: shownAs }),
      labelNames: fc.uniqueArray(labelName, { maxLength: 3 }),
    })
    .chain(({ end, help, unit, divisor, bounds, states, labelNames }) => {
      const ascending = kind === 'histogram' ? distinct(bounds, divisor) : [];
      return fc
        .uniqueArray(
          fc.record({ values: fc.tuple(...labelNames.map(() => evil)), numbers: numbersOf(kind, ascending.length, states.length) }),
          {
            minLength: 1,
            maxLength: labelNames.length === 0 ? 1 : 4,
            selector: ({ values }) => JSON.stringify(values.map(shownAs)),
          },
        )
        .map((rows) => ({
          kind,
          name: `n${kind === 'enum' ? end.replace(':', '_') : end}`,
          help,
          unit: kind === 'enum' || kind === 'info' ? '' : unit,
          divisor: kind === 'enum' || kind === 'info' ? 1 : divisor,
          bounds: ascending,
          states: kind === 'enum' ? states : [],
          series: rows.map(({ values, numbers }) => ({
            labels: Object.fromEntries(labelNames.map((name, i) => [name, values[i]!])),
            numbers,
          })),
        }));
    }),
);

/** One family of each name, so that none is refused. */
const families: fc.Arbitrary<PlainFamily[]> = fc
  .array(aFamily, { minLength: 1, maxLength: 5 })
  .map((list) => list.map((family, i) => ({ ...family, name: `f${i}${family.name}` })));

/** Texts that are shown as the same are the same label value. */
function shownAs(text: string): string {
  return Buffer.from(text).toString();
}

function distinct(bounds: readonly number[], divisor: number): number[] {
  return [...bounds].sort((a, b) => a - b).filter((bound, i, all) => i === 0 || bound / divisor > all[i - 1]! / divisor);
}

function numbersOf(kind: MetricKind, bounds: number, states: number): fc.Arbitrary<number[]> {
  switch (kind) {
    case 'histogram':
      return fc.tuple(fc.array(count, { minLength: bounds + 1, maxLength: bounds + 1 }), number).map(([counts, sum]) => [...counts, sum]);
    case 'summary':
      return fc.tuple(count, number);
    case 'gauge':
      return fc.tuple(number);
    case 'counter':
      return fc.tuple(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }));
    case 'enum':
      return fc.tuple(fc.nat(states - 1));
    case 'info':
      return fc.constant([1]);
  }
}

function textOf(collector: Collector, format: 'text' | 'openmetrics'): string {
  return Buffer.concat([...FORMATS[format].render(collector.families)]).toString();
}

test('text and protobuf read back as what was counted', () => {
  fc.assert(
    fc.property(families, (plain) => {
      const collector = collectorOf(plain);
      const expected = readable(plain);
      expect(plainZeros(samplesOf(parseText(textOf(collector, 'text'))))).toEqual(plainZeros(expectedSamples(expected, 'text')));
      const binary = parseProtobuf(Buffer.concat([...FORMATS.protobuf.render(collector.families)]));
      expect(plainZeros(protoSamples(binary))).toEqual(plainZeros(expectedSamples(expected, 'protobuf')));
      expect(binary.map(({ help }) => help)).toEqual(plain.map(({ help }) => shownAs(help)));
    }),
    { numRuns: 300 },
  );
});

test('OpenMetrics reads back as what was counted, by prometheus_client', { timeout: 330_000 }, async () => {
  const samples = fc.sample(families, 300);
  const read = await parseOpenMetrics(samples.map((plain) => textOf(collectorOf(plain), 'openmetrics')));
  for (const [i, plain] of samples.entries()) {
    expect(plainZeros(samplesOf(read[i]!))).toEqual(plainZeros(expectedSamples(readable(plain), 'openmetrics')));
    expect(read[i]!.map(({ name, help }) => [name, help])).toEqual(plain.map(({ name, help }) => [name, shownAs(help)]));
  }
});

test('promtool reads the text of all of them', { timeout: 330_000 }, async () => {
  const samples = fc.sample(families, 100).map((plain, i) => plain.map((family) => ({ ...family, name: `s${i}${family.name}` })));
  const lines = await promtoolCheckMetrics(textOf(collectorOf(samples.flat()), 'text'));
  expect(lines.filter((line) => line.includes('error'))).toEqual([]);
});

test('what has a name that is none, or asks for a label of the formats, is refused and not shown', () => {
  const name = fc.oneof(evil, fc.constantFrom('a-b', '__a', '1a', 'a b', 'ä', 'a\n'));
  const label = fc.oneof(evil, fc.constantFrom('le', 'quantile', '__name__', 'a:b', 'a"} 1\nup 0\n#'));
  fc.assert(
    fc.property(fc.constantFrom(...kinds), name, fc.array(label, { maxLength: 2 }), evil, (kind, given, labelNames, value) => {
      const collector = new Collector();
      const row = {
        labelValues: labelNames.map(() => value),
        add: 1,
        value: 1,
        counts: [1],
        sum: 1,
        count: 1,
        state: 'on',
        pairs: { [value]: value },
      };
      collector.apply(aBatch(aDelta(kind, { name: given, labelNames, states: ['on'] }, [row] as never[])));
      const shown = parseText(textOf(collector, 'text')).flatMap(({ samples }) => samples);
      const isFit = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(given) && labelNames.every((one) => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(one));
      expect(shown.length).toBeLessThanOrEqual(isFit ? 3 : 0);
      for (const { name: sample } of shown) expect(sample.startsWith(given)).toBe(true);
      parseProtobuf(Buffer.concat([...FORMATS.protobuf.render(collector.families)]));
    }),
    { numRuns: 500 },
  );
});
