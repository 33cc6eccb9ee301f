import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Exposed } from '../record/exposed.js';
import type { ServeOptions } from '../record/serve-options.js';
import type { Served } from './embedded-collector.js';

/**
 * What became of the operations that were counted in this process. `produced` = `confirmed` + `dropped` + those that are under way; what happened since
 * the last hand-over is not among them.
 */
export interface Delivered {
  /** Handed over, or frozen to be. */
  readonly produced: number;
  /** The collector has them. */
  readonly confirmed: number;
  /** Refused by the collector for good. */
  readonly dropped: number;
}

/** Where the series of this process go, and where everybody's can be read. */
export interface SeriesLane {
  /** True if the collector is in this process. */
  readonly isLocal: boolean;
  readonly delivered: Delivered;
  /** Resolves when the collector can be reached; rejects with the reason. */
  ready(): Promise<void>;
  serve(options: ServeOptions): Promise<Served>;
  /** Everything that the collector shows, in the format that suits an `Accept` header: text 0.0.4 without one. */
  expose(accept: string | undefined): Promise<Exposed>;
  /** Answers a scrape inside another server. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Resolves when the collector has what happened so far. */
  flush(): Promise<void>;
  /** Flushes, says goodbye, gives everything back. */
  close(): Promise<void>;
}
