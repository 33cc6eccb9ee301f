import type { DiagnosticCount } from 'phanos';
import type { Fault } from '../service/faults.js';
import type { Tally } from '../tally.js';
import { agreement } from './agreement.js';
import { type Calls, isRoot, mean, percentile, sumOf } from './calls.js';
import { type Asked, compare, differences, type RouteComparison, total } from './comparison.js';
import { amountText, countOrBlank, countText, durationText } from './number-text.js';
import { left, right, tableLines } from './table.js';
import { BLANK, type TextLine, titled } from './text-line.js';

/** Methods below the roots that are shown: those that took most time together. */
const METHODS = 15;

/** What a finished run leaves. */
export interface Run extends Asked {
  /** Seconds under load. */
  readonly seconds: number;
  /** Calls by path, read after the last answer; undefined if they can't be read from here. */
  readonly calls: ReadonlyMap<string, Calls> | undefined;
  /** Where they are. */
  readonly where: string;
  /** Requests that were due but not sent. */
  readonly late: number;
  readonly faults: Iterable<Fault & { readonly times: number }>;
  /** What phanos could not measure, in any process; nothing, if all is well. */
  readonly refused: readonly DiagnosticCount[];
  readonly deaths: Deaths;
}

/** Workers that died before they were told to end. */
export interface Deaths {
  /** As the shop saw it. */
  readonly workers: number;
  /** Producers that ended without a goodbye, as phanos tells on /-/metrics; undefined if it is not known. */
  readonly reported: number | undefined;
}

/** The end of a run in words and tables; `agrees` tells whether phanos counted what was sent. */
export function report(run: Run): { lines: TextLine[]; agrees: boolean } {
  const { calls } = run;
  const comparisons = compare(run, calls ?? new Map());
  if (calls === undefined) return { lines: [...withoutCalls(run), ...trouble(run, comparisons)], agrees: true };
  const wrong = differences(comparisons);
  const lines = [
    { text: `${run.seconds.toFixed(1)} s under load` },
    BLANK,
    ...rootTable(comparisons),
    BLANK,
    ...methodTable([...calls.values()].filter((each) => !isRoot(each))),
    BLANK,
    { text: `answers by status: ${answersText([run.load, run.visitors])}` },
    ...[...run.faults].map(({ text, place, times }) => ({ text: `unexpected, ${countText(times)} ×: ${text} at ${place}` })),
    ...trouble(run, comparisons),
    ...(wrong.length === 0 ? agreement(run, comparisons, run.deaths.workers) : wrong.map((text) => ({ text, style: 'red' as const }))),
  ];
  return { lines, agrees: wrong.length === 0 };
}

/** What can be said without what phanos has counted. */
function withoutCalls(run: Run): TextLine[] {
  const sent = Object.values(run.load).reduce((sum, route) => sum + route.sent, 0);
  return [
    { text: `${run.seconds.toFixed(1)} s under load` },
    BLANK,
    { text: `answers by status: ${answersText([run.load, run.visitors])}` },
    { text: `${amountText(sent, 'request')} sent by the load process; what phanos has counted of them is at ${run.where}` },
  ];
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
  const sent = total(comparisons, (comparison) => comparison.sent);
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

function trouble({ late, refused, deaths }: Run, comparisons: readonly RouteComparison[]): TextLine[] {
  const { workers, reported } = deaths;
  const unanswered = total(comparisons, (comparison) => comparison.unanswered);
  return [
    ...(late === 0 ? [] : [{ text: `due but not sent, for every connection was waiting: ${amountText(late, 'request')}` }]),
    // With deaths, the verdict tells of these.
    ...(unanswered === 0 || workers > 0
      ? []
      : [{ text: `sent but not answered: ${amountText(unanswered, 'request')}`, style: 'red' as const }]),
    ...(workers === 0 ? [] : [{ text: `workers that died: ${countText(workers)}${reportedText(reported)}` }]),
    ...together(refused).map(({ reason, culprit, count }) => ({
      text: `phanos refused ${amountText(count, 'measurement')} of ${culprit || 'no metric'}: ${reason}`,
      style: 'red' as const,
    })),
  ];
}

function reportedText(reported: number | undefined): string {
  return reported === undefined ? '' : `; deaths that phanos reports on /-/metrics: ${countText(reported)}`;
}

/** Several processes may have refused the same. */
function together(refused: readonly DiagnosticCount[]): DiagnosticCount[] {
  const sums = new Map<string, DiagnosticCount>();
  for (const each of refused) {
    const key = `${each.reason} ${each.culprit}`;
    sums.set(key, { ...each, count: each.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
}
