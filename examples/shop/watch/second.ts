import type { WorkerStatus } from '../house/open-shop.js';
import { type Calls, isRoot, mean } from './calls.js';

/** What happened between two looks at /metrics, about a second apart. */
export interface Second {
  /** Seconds since the load began. */
  readonly at: number;
  /** Seconds between the looks. */
  readonly span: number;
  readonly calls: readonly Calls[];
  /** None if the shop is in one process. */
  readonly workers: readonly WorkerStatus[];
}

/** Figures of the whole shop in that second. */
export function totals({ calls, span }: Second): { requests: number; calls: number; errors: number } {
  const roots = calls.filter(isRoot);
  const perSecond = (values: readonly Calls[], field: 'count' | 'errors'): number =>
    values.reduce((sum, value) => sum + value[field], 0) / span;
  return { requests: perSecond(roots, 'count'), calls: perSecond(calls, 'count'), errors: perSecond(roots, 'errors') };
}

/** The methods that took longest on average. */
export function slowest(calls: readonly Calls[], number: number): Calls[] {
  return calls
    .filter(({ count }) => count > 0)
    .sort((a, b) => (mean(b) ?? 0) - (mean(a) ?? 0))
    .slice(0, number);
}
