import type { Metric } from '../metrics/metric.js';

/** A group of process metrics that are read together. */
export interface Source {
  readonly metrics: readonly Metric[];
  /** Reads them; called before each scrape and hand-over. Runs no promise: on Node 20 and 22 that would tax every promise of the process. */
  readonly collect: () => void;
  /** Releases what it observes with. */
  readonly stop?: () => void;
}
