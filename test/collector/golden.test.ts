import { beforeAll, expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import { renderOpenMetrics } from '../../src/exposition/open-metrics.js';
import type { FamilyDelta } from '../../src/record/batch.js';
import type { MetricKind } from '../../src/record/recorded.js';
import { labelKey, type ParsedFamily, parseText } from '../exposition/parse-text.js';
import { golden, goldenFiles } from '../record/golden.js';
import { type OpenMetricsFamily, parseOpenMetrics } from '../support/open-metrics-parser.js';
import { aBatch, aDelta } from './a-batch.js';

/** What Python's prometheus_client shows after these operations, replayed as rows of a batch and compared by meaning. */

type Operation = readonly [name: string, labels: Readonly<Record<string, string>> | null, value: unknown];

interface GoldenMetric {
  readonly type: MetricKind;
  readonly name: string;
  readonly help: string;
  readonly labelnames: readonly string[];
  readonly unit?: string;
  readonly buckets?: readonly number[];
  readonly states?: readonly string[];
  readonly ops: readonly Operation[];
}

interface GoldenExposition {
  readonly metrics: readonly GoldenMetric[];
  readonly text: string;
  readonly openmetrics: string;
}

/** Python's default buckets, which the golden inputs leave out. */
const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Samples that we show and Python does not, each with its reason. */
const DEVIATIONS: Readonly<Record<string, readonly string[]>> = {
  // Python leaves out the sum when a bucket is negative; the 0.0.4 format asks for it, and a gauge-like sum is better than none.
  histogram_negative: ['h_sum[] -5'],
};

/** Cases whose OpenMetrics text breaks the specification, with the samples of theirs that ours leaves out. */
const BREAKING: Readonly<Record<string, readonly RegExp[]>> = {
  // A count without a sum: neither may be there where a bucket is negative.
  histogram_negative: [/^h_count/],
  // A sum that is no number, and the count that must not be there without one.
  histogram_nan: [/^h_sum/, /^h_count/],
  // A negative sum.
  summary: [/^lat_sum.*q\\"/],
};

const cases = goldenFiles('exposition')
  .filter((file) => /^[a-z].*\.json$/.test(file))
  .map((file) => file.replace('.json', ''));

test('there are cases', () => {
  expect(cases.length).toBeGreaterThan(20);
  expect(cases).toEqual(expect.arrayContaining(Object.keys(DEVIATIONS)));
});

test.each(cases)('%s means what Python shows', (name) => {
  const { text } = golden<GoldenExposition>(`exposition/${name}.json`);
  // The metrics of creation times are no part of 0.0.4, see the golden data's own description.
  const expected = parseText(text).filter((family) => !family.name.endsWith('_created'));
  const actual = parseText(replayed(name).text());
  expect(actual.map(({ name, type, help }) => ({ name, type, help }))).toEqual(
    expected.map(({ name, type, help }) => ({ name, type, help })),
  );
  expect(meaningOf(actual)).toEqual([...meaningOf(expected), ...(DEVIATIONS[name] ?? [])].sort());
});

let ours: OpenMetricsFamily[][];

beforeAll(async () => {
  ours = await parseOpenMetrics(cases.map(openMetricsOf));
});

test.each(cases)('%s means in OpenMetrics what Python shows', async (name) => {
  const { openmetrics } = golden<GoldenExposition>(`exposition/${name}.json`);
  const lines = openmetrics.split('\n').filter((line) => !(BREAKING[name] ?? []).some((breaking) => breaking.test(line)));
  expect(lines.length < openmetrics.split('\n').length).toBe(name in BREAKING);
  const [expected] = await parseOpenMetrics([lines.join('\n')]);
  const actual = ours[cases.indexOf(name)]!;
  expect(actual.map(headOf)).toEqual(expected!.map(headOf));
  expect(openMeaningOf(actual)).toEqual(openMeaningOf(expected!));
});

function headOf({ name, type, unit, help }: OpenMetricsFamily) {
  return { name, type, unit, help };
}

/** As `meaningOf`, but for `le`, of which there is one form, and with exemplars. Their times are those of the recording. */
function openMeaningOf(families: readonly OpenMetricsFamily[]): string[] {
  const samples = families.flatMap((family) => family.samples).filter(({ name }) => !name.endsWith('_created'));
  return samples
    .map(({ name, labels, value, exemplar }) => {
      const example = exemplar === null ? '' : ` ${labelKey(exemplar.labels)} ${exemplar.value}`;
      return `${name}${labelKey(labels)} ${Object.is(value, -0) ? '-0' : value}${example}`;
    })
    .sort();
}

function replayed(name: string): Collector {
  const { metrics } = golden<GoldenExposition>(`exposition/${name}.json`);
  const collector = new Collector();
  collector.apply(aBatch(...metrics.map(deltaOf)));
  expect(collector.refused.total).toBe(0);
  return collector;
}

function openMetricsOf(name: string): string {
  const families = [...replayed(name).families];
  const { metrics } = golden<GoldenExposition>(`exposition/${name}.json`);
  // Batches of this test carry no exemplars, so they are put where the recorded ones were.
  const shown = families.map((family, i) => {
    const found = metrics[i]!.ops.find(([operation]) => operation === 'observe_exemplar');
    if (found === undefined) return family;
    const [, , value, labels] = found as unknown as readonly [string, null, number, Record<string, string>];
    const exemplars = [...family.bounds, Number.POSITIVE_INFINITY].map((bound, bucket) =>
      value <= bound && value > (family.bounds[bucket - 1] ?? Number.NEGATIVE_INFINITY)
        ? { labels: Object.entries(labels), value }
        : undefined,
    );
    const series = Array.from(family.series, ({ labels: text, cells, offset }) => ({ labels: text, cells, offset, exemplars }));
    const { kind, name: familyName, help, unit, divisor, bounds, states } = family;
    return { kind, name: familyName, help, unit, divisor, bounds, states, series };
  });
  return Buffer.concat([...renderOpenMetrics(shown)]).toString();
}

/** Every sample as one text in which label order and the form of numbers play no part. */
function meaningOf(families: readonly ParsedFamily[]): string[] {
  const samples = families.flatMap((family) => family.samples);
  return samples
    .map(({ name, labels: { le, ...labels }, value }) => {
      const bound = le === undefined ? {} : { le: String(Number(le.replace('Inf', 'Infinity'))) };
      return `${name}${labelKey({ ...labels, ...bound })} ${Object.is(value, -0) ? '-0' : value}`;
    })
    .sort();
}

function deltaOf(metric: GoldenMetric): FamilyDelta {
  const { type, name, unit = '', help, labelnames } = metric;
  // The client brings names into this form, so that a batch never carries the suffix of a kind.
  const familyName = (unit === '' ? name : `${name}_${unit}`).replace(type === 'counter' ? /_total$/ : /$^/, '');
  const bounds = type === 'histogram' ? (metric.buckets ?? DEFAULT_BUCKETS) : [];
  const sets = new Map(labelnames.length === 0 ? [['[]', [] as Operation[]]] : []);
  for (const operation of metric.ops) {
    const key = JSON.stringify(labelnames.map((label) => operation[1]?.[label]));
    sets.set(key, [...(sets.get(key) ?? []), operation]);
  }
  const rows = Array.from(sets, ([key, operations]) => ({
    labelValues: JSON.parse(key) as string[],
    ...cellsOf(metric, bounds, operations),
  }));
  return aDelta(type, { name: familyName, help, unit, labelNames: labelnames, bounds, states: metric.states ?? [] }, rows as never[]);
}

function cellsOf({ type, states }: GoldenMetric, bounds: readonly number[], operations: readonly Operation[]): object {
  const values = operations.map(([, , value]) => value as number);
  const sum = values.reduce((total, value) => total + value, 0);
  switch (type) {
    case 'counter':
      return { add: sum };
    case 'gauge':
      return { value: values.reduce((value, by, i) => gaugeAfter(operations[i]![0], value, by), 0) };
    case 'histogram':
      return { counts: [...bounds, Number.POSITIVE_INFINITY].map((upper, i) => countWithin(values, bounds[i - 1], upper)), sum };
    case 'summary':
      return { count: values.length, sum };
    case 'info':
      return { pairs: operations.at(-1)?.[2] ?? {} };
    case 'enum':
      return { state: operations.at(-1)?.[2] ?? states?.[0] };
  }
}

function gaugeAfter(operation: string, value: number, by: number): number {
  if (operation === 'set') return by;
  return operation === 'inc' ? value + by : value - by;
}

function countWithin(values: readonly number[], lower = Number.NEGATIVE_INFINITY, upper: number): number {
  return values.filter((value) => value > lower && value <= upper).length;
}
