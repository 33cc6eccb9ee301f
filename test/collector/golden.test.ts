import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import type { FamilyDelta } from '../../src/record/batch.js';
import type { MetricKind } from '../../src/record/recorded.js';
import { labelKey, type ParsedFamily, parseText } from '../exposition/parse-text.js';
import { golden } from '../record/golden.js';
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
}

/** Python's default buckets, which the golden inputs leave out. */
const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Samples that we show and Python does not, each with its reason. */
const DEVIATIONS: Readonly<Record<string, readonly string[]>> = {
  // Python leaves out the sum when a bucket is negative; the 0.0.4 format asks for it, and a gauge-like sum is better than none.
  histogram_negative: ['h_sum[] -5'],
};

const cases = readdirSync(new URL('../../../shared/golden/exposition/', import.meta.url))
  .filter((file) => /^[a-z].*\.json$/.test(file))
  .map((file) => file.replace('.json', ''));

test('there are cases', () => {
  expect(cases.length).toBeGreaterThan(20);
  expect(cases).toEqual(expect.arrayContaining(Object.keys(DEVIATIONS)));
});

test.each(cases)('%s means what Python shows', (name) => {
  const { metrics, text } = golden<GoldenExposition>(`exposition/${name}.json`);
  const collector = new Collector();
  collector.apply(aBatch(...metrics.map(deltaOf)));
  expect(collector.refused.total).toBe(0);
  // The metrics of creation times are no part of 0.0.4, see the golden data's own description.
  const expected = parseText(text).filter((family) => !family.name.endsWith('_created'));
  const actual = parseText(collector.text());
  expect(actual.map(({ name, type, help }) => ({ name, type, help }))).toEqual(
    expected.map(({ name, type, help }) => ({ name, type, help })),
  );
  expect(meaningOf(actual)).toEqual([...meaningOf(expected), ...(DEVIATIONS[name] ?? [])].sort());
});

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
