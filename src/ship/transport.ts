import type { Answer, Welcome } from '../record/pipe.js';
import type { Served, ServeOptions } from './embedded-collector.js';

/** How batches get from a producer to a collector somewhere else. */

/** A batch that has its number and won't change any more: retries send the same bytes. */
export interface FrozenBatch {
  readonly seq: number;
  readonly body: Uint8Array;
  /** Recorded operations that it contains. */
  readonly ops: number;
}

/** The way to one collector. */
export interface Transport {
  /** In messages: `primary`. */
  readonly name: string;
  /** Milliseconds within which an idle producer reports. */
  readonly heartbeat: number;
  /**
   * Asks for a worker slot; rejects if the collector can't be reached. A given `worker` is kept.
   * @param behind true for a worker that this process started
   */
  hello(worker: string | undefined, behind?: boolean): Promise<Welcome>;
  /** A worker that this process started has ended. */
  gone(worker: string): void;
  /** Rejects if the collector can't be reached. */
  send(batch: FrozenBatch): Promise<Answer>;
  /** Sends without waiting: the process is about to end. */
  sendLast(batch: FrozenBatch): void;
  /** `flush` is called when somebody scrapes the collector. */
  onFlush(flush: () => Promise<void>): void;
  /** Everything that the collector shows, as text 0.0.4. */
  text(): Promise<string>;
  /** Asks the collector to serve; resolves to where it does. */
  serve(options: ServeOptions): Promise<Served>;
  close(): void;
}
