import type { Diagnostics } from '../diagnostics/diagnostics.js';
import type { Recorded } from '../record/recorded.js';

/**
 * Receives records, metric by metric, when a root call ends or enough of them are pending.
 *
 * `handle` may be synchronous, then it runs inside the root call after its clock stopped, or return a promise, which no call ever waits for:
 * one call of `handle` runs at a time, up to 1000 wait, and what comes beyond that is dropped and counted. Errors are isolated, counted and logged.
 */
export interface Handler {
  /** Name by which the handler is replaced or deleted. */
  readonly handlerName: string;
  /**
   * @param records at least one record, all of one metric, in the order in which they were completed
   * @param metricName name of that metric
   */
  handle(records: readonly Recorded[], metricName: string): void | Promise<void>;
  /** Called when the handler is added to a profiler: where to count what it drops, and to report its troubles. */
  reportTo?(diagnostics: Diagnostics): void;
  /** Resolves when everything handed over so far is out. */
  flush?(): Promise<void>;
  /** Flushes and gives back timers, files and sockets. */
  close?(): Promise<void>;
}
