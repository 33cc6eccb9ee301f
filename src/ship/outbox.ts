import type { FrozenBatch } from './transport.js';

/**
 * Frozen batches that a collector has not confirmed yet, in order.
 *
 * They are the parts of one hand-over, seldom more than one: what is newer goes on merging in the delta table until they are confirmed, so that an
 * outage costs memory by series, not by time.
 */
export class Outbox {
  readonly #frozen: FrozenBatch[] = [];
  #lastSeq = 0;

  get size(): number {
    return this.#frozen.length;
  }

  /** Operations in batches that are not confirmed. */
  get ops(): number {
    return this.#frozen.reduce((sum, { ops }) => sum + ops, 0);
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
