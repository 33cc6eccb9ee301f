import type { ProducerIdentity } from '../record/batch.js';
import type { Exposed } from '../record/exposed.js';
import type { Answer, Newcomer, Welcome } from '../record/pipe.js';
import type { ServeOptions } from '../record/serve-options.js';
import type { Served } from './embedded-collector.js';

/** How batches get from a producer to a collector somewhere else. */

/** Milliseconds within which an idle producer reports, unless its road is one on which that is dear. */
export const HEARTBEAT = 5000;

/** The same over RabbitMQ, where each report is a message that is written to disk. */
export const AMQP_HEARTBEAT = 30_000;

/** A batch that has its number and won't change any more: retries send the same bytes. */
export interface FrozenBatch {
  readonly seq: number;
  readonly body: Uint8Array;
  /** Recorded operations that it contains. */
  readonly ops: number;
}

/**
 * The way to one collector.
 *
 * Where one of these rejects, the message of a PhanosError says in one sentence what happened and what to do, without any secret in it: it is what the
 * user reads, once for each outage.
 */
export interface Transport {
  /** In messages, so without credentials: `primary`, `http://collector:9464`. */
  readonly name: string;
  /** Milliseconds within which an idle producer reports. */
  readonly heartbeat: number;
  /**
   * Asks for a worker slot; rejects if the collector can't be reached. The same boot gets the same slot, however often it asks.
   * @param behind true for a worker that this process started
   */
  hello(newcomer: Newcomer, behind?: boolean): Promise<Welcome>;
  /** A worker that this process started has ended. */
  gone(producer: ProducerIdentity): void;
  /** Rejects if the collector can't be reached. Batches of several producers may be under way at a time, one of each. */
  send(batch: FrozenBatch): Promise<Answer>;
  /**
   * Sends without waiting: the process is about to end, and nothing that takes another turn of the event loop happens any more. False if it is known to go
   * nowhere.
   */
  sendLast(batch: FrozenBatch): boolean;
  /**
   * `flush` is called when somebody scrapes the collector, by transports that can be asked; `flushNow` when the way to it is about to close, and only what
   * `sendLast` is given meanwhile can still go.
   */
  onFlush(flush: () => Promise<void>, flushNow: () => void): void;
  /** Everything that the collector shows, in the format that suits an `Accept` header. */
  expose(accept: string | undefined): Promise<Exposed>;
  /** Asks the collector to serve; resolves to where it does. */
  serve(options: ServeOptions): Promise<Served>;
  close(): void;
}
