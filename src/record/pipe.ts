import type { ProducerIdentity } from './batch.js';

/** Two-way channels between a producer and the process or thread that collects for it. */

/** Who asks for a worker slot; a `worker` that is given is kept. */
export type Newcomer = Omit<ProducerIdentity, 'worker'> & { readonly worker?: string | undefined };

/** What producers send. */
export type ProducerMessage =
  /** `behind`: not the sender itself asks, but a worker of its own. */
  | { readonly kind: 'hello'; readonly id: number; readonly producer: Newcomer; readonly behind?: boolean }
  | { readonly kind: 'batch'; readonly id: number; readonly body: Uint8Array | string }
  /** Asks for everything that the collector shows, in the format that suits an `Accept` header. */
  | { readonly kind: 'expose'; readonly id: number; readonly accept?: string | undefined }
  | { readonly kind: 'serve'; readonly id: number; readonly options: object }
  /** A producer has ended: the sender's own, or that of a worker behind it. */
  | { readonly kind: 'gone'; readonly id: number; readonly producer: ProducerIdentity }
  | { readonly kind: 'flushed'; readonly id: number };

/** What collectors send: answers to a message with the same id, requests to flush, and the end of the channel. */
export type CollectorMessage =
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly value?: unknown;
      readonly error?: { readonly code?: string; readonly message: string };
    }
  | { readonly kind: 'flush'; readonly id: number }
  /** The channel is about to close. */
  | { readonly kind: 'leave' };

/** What a collector says to a batch. */
export type Answer =
  /** It is as safe as it gets; `epoch` changes when the collector begins without what it knew before. */
  | { readonly kind: 'stored'; readonly epoch: string }
  /** It will never be taken. */
  | { readonly kind: 'refused'; readonly reason: string }
  /**
   * Not now; try again in `after` milliseconds. `early`: a batch that has to come first has not come, or there is no room for one more producer; only
   * others can change that.
   */
  | { readonly kind: 'later'; readonly after: number; readonly early?: true };

/** What a producer learns when it reports for the first time. */
export interface Welcome {
  /** Slot of this worker: the lowest number that no living worker has. */
  readonly worker: string;
  readonly epoch: string;
  /** Where everybody's metrics are served, if the collector serves them by itself: `http://127.0.0.1:9464`. */
  readonly url?: string;
}

/** One end of a channel. */
export interface Pipe<Out, In> {
  /** Throws or does nothing once the other end is gone. */
  post(message: Out): void;
  onMessage(listener: (message: In) => void): void;
  close(): void;
}

/** Messages of phanos travel in a field of this name, beside the program's own on the same channel. */
export const FIELD = 'phanos';

/** The message in what arrived, undefined if it isn't ours. */
export function unwrap<T>(arrived: unknown): T | undefined {
  return typeof arrived === 'object' && arrived !== null && FIELD in arrived ? (arrived[FIELD] as T) : undefined;
}

/** Channel of the thread with this id: private to phanos, unlike `parentPort`, whose messages the program sees. */
export function threadChannel(threadId: number): string {
  return `phanos.1.thread.${threadId}`;
}
