import { Collector } from '../../src/collector/collector.js';
import type { FamilySchema, RowOfKind } from '../../src/record/batch.js';
import type { MetricKind } from '../../src/record/recorded.js';
import { aBatch, aDelta } from '../collector/a-batch.js';
import type { PlainFamily, PlainSeries } from './shown-samples.js';

/** The matrix: each kind with odd names, labels, values, units and help texts. */

const KINDS: readonly MetricKind[] = ['counter', 'gauge', 'histogram', 'summary', 'enum', 'info'];

/** What a program may have called them; all are legal. `x` keeps families of different kinds apart. */
const NAMES = ['m', '_', ':x:rule', 'M9', 'a_bucket_b', 'with_total_inside', 'work_seconds', 'very_long'.padEnd(200, '_long')] as const;

export const VALUES = [
  '',
  'plain',
  'a"b\\c\nd',
  'x"} 1\nup{job="payments"} 0',
  '"} 1 # {trace_id="x"} 1\n# EOF\n',
  '\\',
  '\\n',
  'nul\0 cr\r tab\t \u2028',
  '✓ 😀 ñ',
  'half \ud83d of a pair',
  '# HELP a b',
  '{}=,;',
  ' ',
] as const;

const LABELS = ['kind', '_', 'A1', 'job', 'x_le'] as const;

const HELPS = ['', 'Plain.', 'Said "so".', ' two  blanks ', 'line\nend \\ \\n "', '# EOF', '✓ \ud800', '\t\r'] as const;

const NUMBERS = [0, 1, 0.1, 1e-7, 1e21, 2 ** 31, 2 ** 53 - 1, 1.7976931348623157e308, 5e-324] as const;

const UNITS = ['', 'seconds', 'bytes'] as const;

function pick<T>(from: readonly T[], i: number): T {
  return from[i % from.length]!;
}

/** What half of a surrogate pair is shown as. */
export function shown(text: string): string {
  return Buffer.from(text).toString();
}

/** As readers see them: half a surrogate pair has no form in UTF-8. */
export function readable(families: readonly PlainFamily[]): PlainFamily[] {
  return families.map((family) => ({
    ...family,
    states: family.states.map(shown),
    series: family.series.map((series) => ({
      ...series,
      labels: Object.fromEntries(Object.entries(series.labels).map(([name, value]) => [name, shown(value)])),
    })),
  }));
}

/** Families of all kinds; each oddity appears with each kind. */
export function matrix(): PlainFamily[] {
  const families: PlainFamily[] = [];
  for (const [k, kind] of KINDS.entries()) {
    for (let i = 0; i < 13; i++) {
      const unit = kind === 'enum' || kind === 'info' ? '' : pick(UNITS, i);
      // The name of an enum is that of a label too.
      const names = kind === 'enum' ? NAMES.map((name) => name.replaceAll(':', '_')) : NAMES;
      const base = `${pick(names, i)}${i}x${k}`;
      const name = unit === '' || i % 4 === 3 ? base : `${base}_${unit}`;
      families.push(aFamily(kind, name, unit, i, k));
    }
  }
  return families;
}

function aFamily(kind: MetricKind, name: string, unit: string, i: number, k: number): PlainFamily {
  const divisor = unit === 'seconds' ? 1000 : 1;
  const bounds = kind === 'histogram' ? [[0.5, 2], [], [-1, 0, 1], [1e-5, 100, 1e6, 1e9]][i % 4]! : [];
  const states =
    kind === 'enum' ? ['on', ...VALUES.slice(0, 1 + (i % VALUES.length))].filter((state, at, all) => all.indexOf(state) === at) : [];
  const labelNames = LABELS.slice(0, i % (LABELS.length + 1));
  const sets = labelNames.length === 0 ? 1 : VALUES.length;
  const series = Array.from({ length: sets }, (_, at): PlainSeries => {
    const labels = Object.fromEntries(labelNames.map((label, l) => [label, pick(VALUES, at + l)]));
    return { labels, numbers: numbersOf(kind, bounds.length, states.length, i + at + k) };
  });
  return { kind, name, help: pick(HELPS, i), unit, divisor, bounds, states, series };
}

function numbersOf(kind: MetricKind, bounds: number, states: number, i: number): number[] {
  switch (kind) {
    case 'histogram':
      return [
        ...Array.from({ length: bounds + 1 }, (_, b) => (i * 7 + b) % 5),
        pick([0, 12.5, -3, Number.NaN, Number.POSITIVE_INFINITY], i),
      ];
    case 'summary':
      return [i, pick([0, 12.5, -3, Number.NaN, Number.NEGATIVE_INFINITY], i)];
    case 'gauge':
      return [pick([...NUMBERS, -2.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], i)];
    case 'counter':
      return [pick(NUMBERS, i)];
    case 'enum':
      return [i % states];
    case 'info':
      return [1];
  }
}

/** A collector that shows these families. Throws if it refuses any of it. */
export function collectorOf(families: readonly PlainFamily[]): Collector {
  const collector = new Collector();
  for (const { kind, name, help, unit, divisor, bounds, states, series } of families) {
    const labelNames = Object.keys(series[0]?.labels ?? {});
    const schema: FamilySchema = { name, help, unit, divisor, labelNames, bounds, states };
    collector.apply(aBatch(aDelta(kind, schema, series.map(rowOf(kind, states)) as never[])));
  }
  if (collector.refused.total > 0) throw new Error(`refused: ${JSON.stringify([...collector.refused.entries()])}`);
  return collector;
}

function rowOf(kind: MetricKind, states: readonly string[]) {
  return ({ labels, numbers }: PlainSeries): RowOfKind[MetricKind] => {
    const labelValues = Object.values(labels);
    switch (kind) {
      case 'counter':
        return { labelValues, add: numbers[0]! };
      case 'gauge':
        return { labelValues, value: numbers[0]! };
      case 'histogram':
        return { labelValues, counts: numbers.slice(0, -1), sum: numbers.at(-1)! };
      case 'summary':
        return { labelValues, count: numbers[0]!, sum: numbers[1]! };
      case 'enum':
        return { labelValues, state: states[numbers[0]!]! };
      case 'info':
        return { labelValues, pairs: {} };
    }
  };
}
