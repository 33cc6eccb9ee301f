import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ExposedFamily } from '../../src/exposition/exposed-family.js';
import { labelPairs } from '../../src/exposition/label-text.js';
import { nativeBuckets } from '../../src/exposition/native-histogram.js';
import { renderProtobuf } from '../../src/exposition/protobuf.js';
import { family } from './a-family.js';
import { type ProtoFamily, parseProtobuf } from './parse-protobuf.js';

function rendered(...families: ExposedFamily[]): ProtoFamily[] {
  return parseProtobuf(Buffer.concat([...renderProtobuf(families)]));
}

test('nothing for nothing, and a family without series', () => {
  expect(rendered()).toEqual([]);
  expect(rendered(family('counter', {}))).toEqual([{ name: 'f_total', help: 'Help.', type: 'COUNTER' }]);
});

test('counters, gauges, infos, enums and summaries', () => {
  expect(
    rendered(family('counter', { 'a="1",b="x\\"\\\\\\ny"': [1500], '': [0] }, { name: 'w_seconds', unit: 'seconds', divisor: 1000 })),
  ).toEqual([
    {
      name: 'w_seconds_total',
      help: 'Help.',
      type: 'COUNTER',
      unit: 'seconds',
      metric: [
        {
          label: [
            { name: 'a', value: '1' },
            { name: 'b', value: 'x"\\\ny' },
          ],
          counter: { value: 1.5 },
        },
        { counter: { value: 0 } },
      ],
    },
  ]);
  expect(rendered(family('gauge', { '': [Number.NEGATIVE_INFINITY] }))[0]!.metric).toEqual([
    { gauge: { value: Number.NEGATIVE_INFINITY } },
  ]);
  expect(rendered(family('info', { 'v="✓ 😀"': [1] }))).toEqual([
    { name: 'f_info', help: 'Help.', type: 'GAUGE', metric: [{ label: [{ name: 'v', value: '✓ 😀' }], gauge: { value: 1 } }] },
  ]);
  expect(rendered(family('enum', { 'a="1"': [1] }, { states: ['on', 'off'] }))[0]!.metric).toEqual([
    {
      label: [
        { name: 'a', value: '1' },
        { name: 'f', value: 'on' },
      ],
      gauge: { value: 0 },
    },
    {
      label: [
        { name: 'a', value: '1' },
        { name: 'f', value: 'off' },
      ],
      gauge: { value: 1 },
    },
  ]);
  const series = [{ labels: '', cells: Float64Array.of(2 ** 40, 3), offset: 0, quantileValues: [1, 2] }];
  expect(rendered(family('summary', {}, { series, quantiles: [0.5, 0.99] }))[0]!.metric).toEqual([
    {
      summary: {
        sampleCount: 2 ** 40,
        sampleSum: 3,
        quantile: [
          { quantile: 0.5, value: 1 },
          { quantile: 0.99, value: 2 },
        ],
      },
    },
  ]);
});

test('classic histograms: cumulative, +Inf only for its exemplar', () => {
  const cells = Float64Array.from([1, 0, 300, 5000]);
  const labels = [['trace_id', 'ab']] as const;
  const plain = rendered(family('histogram', { '': [...cells] }, { bounds: [100, 2500], divisor: 1000 }))[0]!.metric![0]!.histogram;
  expect(plain).toEqual({
    sampleCount: 301,
    sampleSum: 5,
    bucket: [
      { cumulativeCount: 1, upperBound: 0.1 },
      { cumulativeCount: 1, upperBound: 2.5 },
    ],
  });
  const exemplars = [{ labels, value: 50, timestamp: 1_711_022_400_250 }, undefined, { labels: [], value: 9000 }];
  const series = [{ labels: '', cells, offset: 0, exemplars }];
  expect(rendered(family('histogram', {}, { series, bounds: [100, 2500], divisor: 1000 }))[0]!.metric![0]!.histogram!.bucket).toEqual([
    {
      cumulativeCount: 1,
      upperBound: 0.1,
      exemplar: { label: [{ name: 'trace_id', value: 'ab' }], value: 0.05, timestamp: { seconds: 1_711_022_400, nanos: 250_000_000 } },
    },
    { cumulativeCount: 1, upperBound: 2.5 },
    { cumulativeCount: 301, upperBound: Number.POSITIVE_INFINITY, exemplar: { value: 9 } },
  ]);
});

test('native histograms: indexes by upper bounds, runs, differences', () => {
  const sketch = {
    scale: 3,
    zeroThreshold: 1e-9,
    zeroCount: 2,
    positive: { offset: -3, counts: [4, 0, 0, 5, 0, 0, 0, 1] },
    negative: { offset: 10, counts: [7], infinite: 3 },
  };
  const series = [{ labels: '', cells: Float64Array.of(22, 1), offset: 0, sketch }];
  expect(rendered(family('histogram', {}, { series }))[0]!.metric![0]!.histogram).toEqual({
    sampleCount: 22,
    sampleSum: 1,
    schema: 3,
    zeroThreshold: 1e-9,
    zeroCount: 2,
    negativeSpan: [
      { offset: 11, length: 1 },
      { offset: 1024 * 8 + 1 - 12, length: 1 },
    ],
    negativeDelta: [7, -4],
    positiveSpan: [
      { offset: -2, length: 4 },
      { offset: 3, length: 1 },
    ],
    positiveDelta: [4, -4, 0, 5, -4],
  });
});

test('an empty native histogram is still known as one', () => {
  const empty = { offset: 0, counts: [] };
  const sketch = { scale: 0, zeroThreshold: 0, zeroCount: 0, positive: empty, negative: empty };
  const series = [{ labels: '', cells: Float64Array.of(0, 0), offset: 0, sketch }];
  const { histogram } = rendered(family('histogram', {}, { series }))[0]!.metric![0]!;
  expect(histogram).toEqual({
    sampleCount: 0,
    sampleSum: 0,
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    positiveSpan: [{ offset: 0, length: 0 }],
  });
});

test('runs and differences hold what the sketch holds', () => {
  const buckets = fc.record({
    offset: fc.integer({ min: -5000, max: 5000 }),
    counts: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(1e9)), { maxLength: 40 }),
    infinite: fc.oneof(fc.constant(undefined), fc.nat(5)),
  });
  fc.assert(
    fc.property(buckets, fc.integer({ min: -4, max: 8 }), (side, scale) => {
      const { spans, deltas, count } = nativeBuckets({ scale }, side);
      const read = new Map<number, number>();
      let index = 0;
      let at = 0;
      let value = 0;
      for (const { offset, length } of spans) {
        index += offset;
        for (let i = 0; i < length; i++) {
          value += deltas[at++]!;
          if (value > 0) read.set(index, value);
          index++;
        }
      }
      const expected = new Map(side.counts.flatMap((found, i) => (found > 0 ? [[side.offset + i + 1, found] as const] : [])));
      const { infinite = 0 } = side;
      const overflow = 1024 * 2 ** scale + 1;
      fc.pre(!expected.has(overflow) && ![...expected.keys()].some((key) => key >= overflow));
      if (infinite > 0) expected.set(overflow, infinite);
      expect(read).toEqual(expected);
      expect([at, count]).toEqual([deltas.length, [...expected.values()].reduce((a, b) => a + b, 0)]);
      for (const { offset } of spans.slice(1)) expect(offset).toBeGreaterThan(2);
    }),
  );
});

test('labels are read back from their text', () => {
  expect(labelPairs('')).toEqual([]);
  expect(labelPairs('a="",b="\\\\\\"",c="=,\\n"')).toEqual([
    ['a', ''],
    ['b', '\\"'],
    ['c', '=,\n'],
  ]);
});

test('large families come in several chunks, small ones together', () => {
  const series = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`a="${i}"`, [i, 0, i]]));
  const chunks = [...renderProtobuf([family('histogram', series, { bounds: [1] }), family('gauge', { '': [1] }, { name: 'g' })])];
  const written = chunks.filter(({ length }) => length > 0);
  expect(written.length).toBeGreaterThan(2);
  for (const { length } of written) expect(length).toBeLessThan(140_000);
  expect(chunks.length).toBeGreaterThan(written.length);
  const [histogram, gauge] = parseProtobuf(Buffer.concat(chunks));
  expect([histogram!.metric!.length, gauge!.metric!.length]).toEqual([5000, 1]);
  const small = Array.from({ length: 100 }, (_, i) => family('gauge', { '': [i] }, { name: `g${i}` }));
  expect([...renderProtobuf(small)].filter(({ length }) => length > 0).length).toBe(1);
});
