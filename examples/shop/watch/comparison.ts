import { ROUTES, type Route } from '../service/routes.js';
import { failures, type RouteTally, type Tally } from '../tally.js';
import { type Calls, sumOf } from './calls.js';
import { amountText } from './number-text.js';

/** One route, as its askers and as phanos counted it. */
export interface RouteComparison {
  readonly route: Route;
  readonly sent: number;
  readonly failed: number;
  /** In the bodies of answers below 400. */
  readonly bytes: number;
  readonly calls: Calls;
}

/** Puts side by side what load process and visitors sent and got, and what phanos counted. */
export function compare(load: Tally, visitors: Tally, calls: ReadonlyMap<string, Calls>): RouteComparison[] {
  return (Object.entries(ROUTES) as [Route, string][]).map(([route, path]) => {
    const add = (count: (tally: RouteTally) => number): number => count(load[route]) + count(visitors[route]);
    return {
      route,
      sent: add(({ sent }) => sent),
      failed: add(failures),
      bytes: add(({ bytes }) => bytes),
      calls: calls.get(path) ?? sumOf(path, []),
    };
  });
}

/** A sentence for each route that differs, after one for all of them; none if phanos counted right. */
export function differences(comparisons: readonly RouteComparison[]): string[] {
  const wrong = comparisons.filter(
    ({ sent, failed, bytes, calls }) => calls.count !== sent || calls.errors !== failed || calls.bytes !== bytes,
  );
  if (wrong.length === 0) return [];
  const counted = comparisons.reduce((sum, { calls }) => sum + calls.count, 0);
  const sent = comparisons.reduce((sum, comparison) => sum + comparison.sent, 0);
  return [
    `phanos counted ${amountText(counted, 'root call')}, and ${amountText(sent, 'request')} were sent; these routes differ:`,
    ...wrong.map(difference),
  ];
}

function difference({ route, sent, failed, bytes, calls }: RouteComparison): string {
  const ours = `${amountText(calls.count, 'call')}, ${amountText(calls.errors, 'error')} and ${amountText(calls.bytes, 'byte')}`;
  const theirs = `${amountText(sent, 'request')}, ${amountText(failed, 'answer')} of 400 and above and ${amountText(bytes, 'byte')} in the others`;
  return `${calls.path}: ${ours} by phanos; ${theirs} by those who asked ${route}`;
}
