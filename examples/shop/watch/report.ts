import type { DiagnosticCount } from 'phanos';
import { type Fault, placeOf } from '../service/faults.js';
import { failures, type RouteTally, type Tally } from '../tally.js';
import { type Calls, isRoot, mean, percentile, sumOf } from './calls.js';
import { compare, differences, type RouteComparison } from './comparison.js';
import { amountText, bytesText, countOrBlank, countText, durationText } from './number-text.js';
import { left, right, tableLines } from './table.js';
import { BLANK, type TextLine, titled } from './text-line.js';

/** Methods below the roots that are shown: those that took most time together. */
const METHODS = 15;

/** What a finished run leaves. */
export interface Run {
  /** Seconds under load. */
  readonly seconds: number;
  /** Calls by path, read from /metrics after the last answer. */
  readonly calls: ReadonlyMap<string, Calls>;
  readonly load: Tally;
  /** Requests that were due but not sent. */
  readonly late: number;
  readonly visitors: Tally;
  readonly faults: Iterable<Fault>;
  /** What phanos could not measure; nothing, if all is well. */
  readonly refused: readonly DiagnosticCount[];
}

/** The end of a run in words and tables; `agrees` tells whether phanos counted what was sent. */
export function report(run: Run): { lines: TextLine[]; agrees: boolean } {
  const comparisons = compare(run.load, run.visitors, run.calls);
  const wrong = differences(comparisons);
  const lines = [
    { text: `${run.seconds.toFixed(1)} s under load` },
    BLANK,
    ...rootTable(comparisons),
    BLANK,
    ...methodTable([...run.calls.values()].filter((calls) => !isRoot(calls))),
    BLANK,
    { text: `answers by status: ${answersText([run.load, run.visitors])}` },
    ...[...run.faults].map(({ error, times }) => ({ text: `unexpected, ${countText(times)} ×: ${String(error)} at ${placeOf(error)}` })),
    ...trouble(run),
    ...(wrong.length === 0 ? agreement(run, comparisons) : wrong.map((text) => ({ text, style: 'red' as const }))),
  ];
  return { lines, agrees: wrong.length === 0 };
}

const TIMES = [right('mean'), right('p50'), right('p95'), right('p99')];

function timesOf(calls: Calls): string[] {
  return [durationText(mean(calls)), ...[50, 95, 99].map((percent) => durationText(percentile(percent, calls)))];
}

function rootTable(comparisons: readonly RouteComparison[]): TextLine[] {
  const columns = [left('root method'), right('requests'), right('calls'), right('errors'), ...TIMES];
  const all = sumOf(
    'all',
    comparisons.map(({ calls }) => calls),
  );
  const rows = comparisons.map(({ sent, calls }) => [calls.path, countText(sent), ...countsOf(calls), ...timesOf(calls)]);
  const sent = comparisons.reduce((sum, comparison) => sum + comparison.sent, 0);
  return titled(tableLines(columns, [...rows, ['all', countText(sent), ...countsOf(all), ...timesOf(all)]]));
}

function methodTable(calls: readonly Calls[]): TextLine[] {
  const columns = [left('below, by total time'), right('calls'), right('errors'), ...TIMES];
  const top = [...calls].sort((a, b) => b.seconds - a.seconds).slice(0, METHODS);
  return titled(
    tableLines(
      columns,
      top.map((each) => [each.path, ...countsOf(each), ...timesOf(each)]),
    ),
  );
}

function countsOf({ count, errors }: Calls): string[] {
  return [countText(count), countOrBlank(errors)];
}

function answersText(tallies: readonly Tally[]): string {
  const times = new Map<string, number>();
  for (const { answers } of tallies.flatMap((tally) => Object.values(tally))) {
    for (const [status, count] of Object.entries(answers)) times.set(status, (times.get(status) ?? 0) + count);
  }
  const sorted = [...times].sort(([a], [b]) => Number(a) - Number(b));
  return sorted.map(([status, count]) => `${countText(count)} × ${status}`).join(', ') || 'none';
}

function trouble({ load, late, refused }: Run): TextLine[] {
  const lost = sum(load, ({ lost: count }) => count);
  return [
    ...(late === 0 ? [] : [{ text: `due but not sent, for every connection was waiting: ${amountText(late, 'request')}` }]),
    ...(lost === 0 ? [] : [{ text: `sent but not answered: ${amountText(lost, 'request')}`, style: 'red' as const }]),
    ...refused.map(({ reason, culprit, count }) => ({
      text: `phanos refused ${amountText(count, 'measurement')} of ${culprit || 'no metric'}: ${reason}`,
      style: 'red' as const,
    })),
  ];
}

function agreement({ load, visitors }: Run, comparisons: readonly RouteComparison[]): TextLine[] {
  const calls = comparisons.reduce((total, comparison) => total + comparison.calls.count, 0);
  const sent = sum(load, (tally) => tally.sent);
  const visits = sum(visitors, (tally) => tally.sent);
  const failed = sum(load, failures) + sum(visitors, failures);
  const bytes = comparisons.reduce((total, comparison) => total + comparison.bytes, 0);
  const guests = visits === 0 ? '' : ` + ${countText(visits)} by visitors`;
  const texts = tableLines(
    [right(''), left(''), left('')],
    [
      [countText(calls), 'root calls counted by phanos', `= ${countText(sent)} requests sent by the load process${guests}`],
      [countText(failed), 'of them with errors', `= ${countText(failed)} answers of 400 and above`],
      [bytesText(bytes), 'returned by the others', `= ${bytesText(bytes)} in the bodies of the other answers`],
    ],
  ).slice(1);
  return texts.map((text) => ({ text, style: 'green' }));
}

function sum(tally: Tally, count: (route: RouteTally) => number): number {
  return Object.values(tally).reduce((total, route) => total + count(route), 0);
}
