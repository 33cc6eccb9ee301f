import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../diagnostics/clock.js';
import type { Batch, ProducerIdentity } from '../record/batch.js';
import type { Exposed } from '../record/exposed.js';
import type { Answer } from '../record/pipe.js';
import type { ServeOptions } from '../record/serve-options.js';

/** The embedded collector as the client sees it. The client loads the real one when it is first needed, so it knows it by this shape only. */

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

/**
 * What became of a batch: `new` was applied, `duplicate` was applied before or given up by its producer, `later` is too far ahead of what is there,
 * `refused` is no batch.
 */
export type BatchVerdict = 'new' | 'duplicate' | 'later' | 'refused';

/** Applies batches of this process, and of those that hand theirs over to it, and shows them. */
export interface EmbeddedCollector {
  /** Changes when the collector begins without what it knew before. */
  readonly epoch: string;
  /** Takes an encoded batch of another process or thread. Never rejects. */
  receive(body: Uint8Array | string): Promise<Answer>;
  /** Applies a batch that is new, row by row, and counts the rows that can't be applied. Never throws. */
  apply(batch: Batch): BatchVerdict;
  /** What an acknowledgement is to carry: it changes for a producer that was taken for dead, so that it tells its gauges, infos and enums again. */
  epochOf(producer: ProducerIdentity): string;
  /** Tells that producers have ended: all those that have these parts of an identity. Returns how many they are. */
  end(identity: Partial<ProducerIdentity>): number;
  /** Everything in the format that suits an `Accept` header, after `beforeScrape`. */
  expose(accept: string | undefined): Promise<Exposed>;
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
    /** Series that the producers of a job may have together. @default 50_000 */
    readonly seriesPerJob?: number;
    /** Series in all. @default 200_000 */
    readonly series?: number;
    /** Families in all. @default 10_000 */
    readonly families?: number;
    /** Labels of a series. @default 32 */
    readonly labels?: number;
    /** Characters of a label value. @default 256 */
    readonly labelValueLength?: number;
    /** Producers that are recognized, dead ones included. @default 10_000 */
    readonly producers?: number;
    /** Buckets of a sketch on each side of zero. @default 320 */
    readonly sketchBuckets?: number;
    /** Exemplars that are kept. @default 100_000 */
    readonly exemplars?: number;
  };
  /** Milliseconds, for scrape durations and the lives of producers. @default the monotonic clock */
  readonly clock?: Clock;
}

/** Exported by the collector room as `createEmbeddedCollector`. */
export type CreateEmbeddedCollector = (options: EmbeddedCollectorOptions) => EmbeddedCollector;
