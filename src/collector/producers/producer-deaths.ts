import type { ProducerIdentity } from '../../record/batch.js';
import type { OperationTotals } from './producer-totals.js';

/** How it became known: three heartbeats in vain, the end of the process or thread, or a goodbye. */
export type DeathCause = 'silent' | 'exit' | 'goodbye';

/** The end of a producer, with what was known of it then. */
export interface Death {
  readonly identity: ProducerIdentity;
  readonly cause: DeathCause;
  /** By the collector's clock, in milliseconds. */
  readonly at: number;
  readonly totals: OperationTotals;
  /** Operations that it had announced and that had not come. */
  readonly underway: number;
}

/** Deaths that are told one by one. */
const RECENT = 100;

/** Counts deaths, and keeps the last ones. */
export class ProducerDeaths {
  readonly counts: Record<DeathCause, number> = { silent: 0, exit: 0, goodbye: 0 };
  readonly #recent: Death[] = [];

  /** The last hundred, oldest first. */
  get recent(): readonly Death[] {
    return this.#recent;
  }

  report(death: Death): void {
    this.counts[death.cause]++;
    this.#recent.push(death);
    if (this.#recent.length > RECENT) this.#recent.shift();
  }
}
