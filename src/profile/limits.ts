import { checkKnownKeys, expectWhole } from '../diagnostics/options.js';

/** Bounds on what measuring may cost. */
export interface Limits {
  /** Calls below the root that a call path shows; what is deeper folds into `…`. Default: 32. */
  readonly contextDepth: number;
  /** Call paths that are remembered; further ones are measured, but their series fold. Default: 10 000. */
  readonly callNodes: number;
  /** Series of a metric before new label sets fold or are refused. Default: 10 000. */
  readonly seriesPerMetric: number;
  /** Characters of a label value. Default: 256. */
  readonly labelValueLength: number;
  /** Calls that may wait for an asynchronous handler. Default: 1000. */
  readonly handlerQueue: number;
}

export const DEFAULT_LIMITS: Limits = {
  contextDepth: 32,
  callNodes: 10_000,
  seriesPerMetric: 10_000,
  labelValueLength: 256,
  handlerQueue: 1000,
};

const LIMIT_NAMES = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];

/** The given limits over the default ones. Throws a TypeError or RangeError that names the wrong one. */
export function normalizeLimits(given: Partial<Limits> = {}, where = 'config'): Limits {
  checkKnownKeys(`${where}: limits`, given, LIMIT_NAMES);
  for (const name of LIMIT_NAMES) if (given[name] !== undefined) expectWhole(where, `limits.${name}`, given[name], 1);
  const defined = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(defined) };
}
