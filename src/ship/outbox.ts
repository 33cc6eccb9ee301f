import type { FrozenBatch } from './transport.js';

/** Frozen batches that a collector has not confirmed yet, in order. */

/** Batches that may be under way; what is newer keeps merging in the delta table, so that an outage costs memory by series, not by time. */
const WINDOW = 16;

export class Outbox {
  readonly #frozen: FrozenBatch[] = [];
  #lastSeq = 0;

  get size(): number {
    return this.#frozen.length;
  }

  get isFull(): boolean {
    return this.#frozen.length >= WINDOW;
  }

  /** Number of the next batch; contiguous from 1. */
  get nextSeq(): number {
    return this.#lastSeq + 1;
  }

  /** Lowest number that may still be sent; that of the next batch if all are confirmed. */
  get oldest(): number {
    return this.#frozen[0]?.seq ?? this.nextSeq;
  }

  get first(): FrozenBatch | undefined {
    return this.#frozen[0];
  }

  push(batch: FrozenBatch): void {
    this.#lastSeq = batch.seq;
    this.#frozen.push(batch);
  }

  /** Takes a batch out: it is confirmed, or refused for good. */
  settle(seq: number): void {
    const at = this.#frozen.findIndex((batch) => batch.seq === seq);
    if (at >= 0) this.#frozen.splice(at, 1);
  }
}
