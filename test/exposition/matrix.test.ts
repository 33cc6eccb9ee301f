import { beforeAll, expect, test } from 'vitest';
import type { Collector } from '../../src/collector/collector.js';
import { FORMATS } from '../../src/exposition/format.js';
import type { FormatName } from '../../src/record/exposed.js';
import { type OpenMetricsFamily, parseOpenMetrics } from '../support/open-metrics-parser.js';
import { promtoolCheckMetrics } from '../support/prometheus.js';
import { collectorOf, matrix, readable, shown } from './hostile-families.js';
import { parseProtobuf } from './parse-protobuf.js';
import { parseText } from './parse-text.js';
import { expectedSamples, plainZeros, protoSamples, samplesOf } from './shown-samples.js';

/** Six kinds with odd names, labels, values, units and help texts, in three formats, read by parsers that are not ours. */

const families = matrix();
let collector: Collector;

beforeAll(() => {
  collector = collectorOf(families);
});

function bytesIn(format: FormatName): Buffer {
  return Buffer.concat([...FORMATS[format].render(collector.families)]);
}

test('the matrix is one', () => {
  expect(families.length).toBe(78);
  expect(expectedSamples(readable(families), 'text').size).toBeGreaterThan(2000);
});

test('text, as our own strict parser reads it', () => {
  expect(samplesOf(parseText(bytesIn('text').toString()))).toEqual(expectedSamples(readable(families), 'text'));
});

test('text, as promtool reads it: nothing to say but what the matrix means to do', { timeout: 330_000 }, async () => {
  const lines = await promtoolCheckMetrics(bytesIn('text').toString());
  expect(lines.filter((line) => !/ no help text$|should not contain ':'$/.test(line))).toEqual([]);
});

test('OpenMetrics, as prometheus_client reads it', { timeout: 330_000 }, async () => {
  const [read] = (await parseOpenMetrics([bytesIn('openmetrics').toString()])) as [OpenMetricsFamily[]];
  // It makes integers of what looks like some.
  expect(plainZeros(samplesOf(read))).toEqual(plainZeros(expectedSamples(readable(families), 'openmetrics')));
  expect(read.map(({ help }) => help)).toEqual(families.map(({ help }) => shown(help)));
  const types = { counter: 'counter', gauge: 'gauge', histogram: 'histogram', summary: 'summary', enum: 'stateset', info: 'info' };
  expect(read.map(({ type }) => type)).toEqual(families.map(({ kind }) => types[kind]));
  expect(read.map(({ unit }) => unit)).toEqual(families.map(({ name, unit }) => (name.endsWith(`_${unit}`) ? unit : '')));
});

test('protobuf, as protobufjs reads it', () => {
  const read = parseProtobuf(bytesIn('protobuf'));
  expect(protoSamples(read)).toEqual(expectedSamples(readable(families), 'protobuf'));
  expect(read.map(({ help }) => help)).toEqual(families.map(({ help }) => shown(help)));
});
