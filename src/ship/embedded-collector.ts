import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../diagnostics/clock.js';
import type { Batch } from '../record/batch.js';
import type { Answer } from '../record/pipe.js';

/** The embedded collector as the client sees it. The client loads the real one when it is first needed, so it knows it by this shape only. */

/** Where and how metrics are served. */
export interface ServeOptions {
  /**
   * Address to listen on. The default is reached from this machine only; in a container use `0.0.0.0`.
   * @default '127.0.0.1'
   */
  readonly host?: string;
  /**
   * TCP port; 0 takes any free one.
   * @default 9464
   */
  readonly port?: number;
  /**
   * Whether the server keeps the process alive when nothing else does.
   * @default false
   */
  readonly keepAlive?: boolean;
}

/** Where metrics are served, as the user sees it. */
export interface Served {
  /** `server` if this process listens, `delegate` if the collector elsewhere does. */
  readonly role: 'server' | 'delegate';
  /** Without a path: `http://127.0.0.1:9464`. */
  readonly url: string;
  /** Stops listening, if this process does. */
  close(): Promise<void>;
}

/** A server that listens. */
export interface ServedMetrics {
  /** Without a path: `http://127.0.0.1:9464`. */
  readonly url: string;
  readonly port: number;
  /** Stops listening, lets answers under way end for a second, and cuts what is left. */
  close(): Promise<void>;
}

/** Applies batches of this process and shows them. */
export interface EmbeddedCollector {
  /** Changes when the collector begins without what it knew before. */
  readonly epoch: string;
  /** Applies every row that can be applied and counts the others. Never throws. */
  apply(batch: Batch): void;
  /** Takes an encoded batch of another process or thread. Never rejects. */
  receive(body: Uint8Array | string): Promise<Answer>;
  /** A worker has ended: its counters stay, its live gauges go. */
  gone(worker: string): void;
  /** Everything as text 0.0.4, after `beforeScrape`. */
  text(): Promise<string>;
  /** Answers `GET` and `HEAD` of a scrape inside another server, after `beforeScrape`. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Rejects with PORT_TAKEN if another program listens there, LISTEN_FAILED or CLOSED. */
  serve(options?: ServeOptions): Promise<ServedMetrics>;
  /** Closes every server. */
  close(): Promise<void>;
}

/** What an embedded collector needs of the client. */
export interface EmbeddedCollectorOptions {
  /** Brings in what was counted since the last time and asks the gauges; a scrape waits for it 200 ms at most, and outlives its errors. */
  readonly beforeScrape: () => Promise<void> | void;
  readonly limits?: {
    /** Series a family may have. @default 10_000 */
    readonly seriesPerFamily?: number;
    /** Labels of a series. @default 32 */
    readonly labels?: number;
    /** Characters of a label value. @default 256 */
    readonly labelValueLength?: number;
  };
  /** Milliseconds for scrape durations. @default the monotonic clock */
  readonly clock?: Clock;
}

/** Exported by the collector room as `createEmbeddedCollector`. */
export type CreateEmbeddedCollector = (options: EmbeddedCollectorOptions) => EmbeddedCollector;
