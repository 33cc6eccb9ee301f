import { ROUTES, type Route } from '../service/routes.js';
import { failures, type RouteTally, type Tally } from '../tally.js';
import { type Calls, sumOf } from './calls.js';
import { amountText } from './number-text.js';

/** What those who asked counted themselves. */
export interface Asked {
  readonly load: Tally;
  readonly visitors: Tally;
  /** Which of all answers came from processes that were killed soon after, so that their calls may be counted nowhere. */
  readonly atRisk: readonly Tally[];
}

/** One route, as its askers and as phanos counted it. */
export interface RouteComparison {
  readonly route: Route;
  readonly sent: number;
  readonly answered: number;
  /** Sent, and ended without an answer: their calls may or may not have ended. */
  readonly unanswered: number;
  readonly failed: number;
  /** In the bodies of answers below 400. */
  readonly bytes: number;
  /** Part of what was answered. */
  readonly atRisk: { readonly answered: number; readonly failed: number; readonly bytes: number };
  readonly calls: Calls;
}

/** Puts side by side what load process and visitors sent and got, and what phanos counted. */
export function compare({ load, visitors, atRisk }: Asked, calls: ReadonlyMap<string, Calls>): RouteComparison[] {
  return (Object.entries(ROUTES) as [Route, string][]).map(([route, path]) => {
    const add = (tallies: readonly Tally[], count: (tally: RouteTally) => number): number =>
      tallies.reduce((sum, tally) => sum + count(tally[route]), 0);
    const all = [load, visitors];
    const answered = (tally: RouteTally): number => tally.sent - tally.lost;
    const bytes = (tally: RouteTally): number => tally.bytes;
    return {
      route,
      sent: add(all, ({ sent }) => sent),
      answered: add(all, answered),
      unanswered: add(all, ({ lost }) => lost),
      failed: add(all, failures),
      bytes: add(all, bytes),
      atRisk: { answered: add(atRisk, answered), failed: add(atRisk, failures), bytes: add(atRisk, bytes) },
      calls: calls.get(path) ?? sumOf(path, []),
    };
  });
}

/** One figure of all routes. */
export function total(comparisons: readonly RouteComparison[], figure: (comparison: RouteComparison) => number): number {
  return comparisons.reduce((sum, comparison) => sum + figure(comparison), 0);
}

/** A sentence for each route that differs by more than killed processes explain, after one for all of them; none if phanos counted right. */
export function differences(comparisons: readonly RouteComparison[]): string[] {
  const wrong = comparisons.filter((comparison) => !agrees(comparison));
  if (wrong.length === 0) return [];
  const counted = total(comparisons, ({ calls }) => calls.count);
  const sent = total(comparisons, (comparison) => comparison.sent);
  return [
    `phanos counted ${amountText(counted, 'root call')}, and ${amountText(sent, 'request')} were sent; these routes differ:`,
    ...wrong.map(difference),
  ];
}

/** Equal, where every request was answered and no process was killed. */
function agrees({ answered, unanswered, failed, bytes, atRisk, calls }: RouteComparison): boolean {
  return (
    isWithin(calls.count, answered - atRisk.answered, answered + unanswered) &&
    isWithin(calls.errors, failed - atRisk.failed, failed + unanswered) &&
    // Nobody knows how long an answer would have been that never came.
    isWithin(calls.bytes, bytes - atRisk.bytes, unanswered === 0 ? bytes : Number.POSITIVE_INFINITY)
  );
}

function isWithin(value: number, lowest: number, highest: number): boolean {
  return value >= lowest && value <= highest;
}

function difference({ route, sent, unanswered, failed, bytes, atRisk, calls }: RouteComparison): string {
  const ours = `${amountText(calls.count, 'call')}, ${amountText(calls.errors, 'error')} and ${amountText(calls.bytes, 'byte')}`;
  const theirs = `${amountText(sent, 'request')}, ${amountText(failed, 'answer')} of 400 and above and ${amountText(bytes, 'byte')} in the others`;
  const excused = [
    ...(unanswered === 0 ? [] : [`${amountText(unanswered, 'request')} without an answer`]),
    ...(atRisk.answered === 0 ? [] : [`${amountText(atRisk.answered, 'answer')} of killed workers`]),
  ];
  const allowance = excused.length === 0 ? '' : `; allowed for: ${excused.join(' and ')}`;
  return `${calls.path}: ${ours} by phanos; ${theirs} by those who asked ${route}${allowance}`;
}
