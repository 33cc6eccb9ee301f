import type { Batch, ProducerIdentity } from '../../record/batch.js';
import type { Contributor } from '../aggregate/contributor.js';
import { ProducerTotals, type TotalsCopy } from './producer-totals.js';
import { SeqWindow, WINDOW } from './seq-window.js';

/**
 * What becomes of a batch: `new` is to be applied, `duplicate` was applied before or given up by its producer, `later` is too far ahead or on its way
 * already, `refused` is not a batch and never will be.
 */
export type Verdict = 'new' | 'duplicate' | 'later' | 'refused';

/** `silent` ones are taken for dead and may still report; of `ended` ones it is known. */
export type ProducerLife = 'live' | 'silent' | 'ended';

/** One producer as the collector knows it. */
export class ProducerState {
  readonly identity: ProducerIdentity;
  readonly contributor: Contributor;
  readonly window: SeqWindow;
  readonly totals: ProducerTotals;
  life: ProducerLife = 'live';
  /** Milliseconds within which it announced to report again; 0 if it is never taken for dead. */
  heartbeat = 0;
  /** When its last batch came. */
  heardAt: number;
  /** How often it was taken for dead and was not. */
  revivals = 0;
  /** Numbers that are reserved: on their way to be applied. */
  #pending: Set<number> | undefined;

  /** @param top numbers up to which nothing of the producer is waited for */
  constructor(identity: ProducerIdentity, contributor: Contributor, top: number, now: number) {
    this.identity = identity;
    this.contributor = contributor;
    this.window = new SeqWindow(top);
    this.totals = new ProducerTotals(top === 0);
    this.heardAt = now;
  }

  get pending(): number {
    return this.#pending?.size ?? 0;
  }

  isReserved(seq: number): boolean {
    return this.#pending?.has(seq) === true;
  }

  check({ seq, oldest }: Batch): Verdict {
    if (this.isReserved(seq) && seq >= oldest) return 'later';
    return verdictOf(seq, oldest, this.window, this.#endOfGap(oldest));
  }

  reserve(seq: number): void {
    this.#pending ??= new Set();
    this.#pending.add(seq);
  }

  release(seq: number): void {
    this.#pending?.delete(seq);
    if (this.#pending?.size === 0) this.#pending = undefined;
  }

  /** The producer has given up what is older than `oldest`; returns how many batches that never came. */
  giveUp(oldest: number): number {
    return this.window.moveTo(this.#endOfGap(oldest));
  }

  learnsFrom(batch: Batch): boolean {
    const isHeard = this.life !== 'silent' && this.heartbeat === batch.heartbeat;
    return !isHeard || this.#endOfGap(batch.oldest) > this.window.top || this.totals.learnFrom(batch);
  }

  /** Up to where nothing is waited for. What is reserved will still come, for it may be safe already: a snapshot must not take it for given up. */
  #endOfGap(oldest: number): number {
    let end = oldest;
    for (const seq of this.#pending ?? []) end = Math.min(end, seq);
    return end - 1;
  }

  copy(now: number): ProducerCopy {
    const { identity, window, totals, life, heartbeat, revivals, contributor } = this;
    const { lastSeq, floor, wholes, group } = contributor;
    return {
      identity: [identity.job, identity.instance, identity.worker, identity.boot],
      id: contributor.id,
      group: group.id,
      top: window.top,
      ahead: window.ahead,
      life,
      heartbeat,
      silence: now - this.heardAt,
      revivals,
      totals: totals.copy(),
      lastSeq,
      floor,
      wholes: wholes.map(({ from, seq }) => [from, seq]),
    };
  }

  static restore(copy: ProducerCopy, contributor: Contributor, now: number): ProducerState {
    const [job, instance, worker, boot] = copy.identity;
    const state = new ProducerState(
      { job, instance, worker, boot },
      contributor,
      copy.top,
      copy.life === 'live' ? now : now - copy.silence,
    );
    for (const seq of copy.ahead) state.window.add(seq);
    state.life = copy.life;
    state.heartbeat = copy.heartbeat;
    state.revivals = copy.revivals;
    state.totals.restore(copy.totals);
    return state;
  }
}

/** A producer at one moment as plain data, with its share in the families. */
export interface ProducerCopy {
  readonly identity: readonly [job: string, instance: string, worker: string, boot: string];
  readonly id: number;
  readonly group: number;
  readonly top: number;
  readonly ahead: readonly number[];
  readonly life: ProducerLife;
  readonly heartbeat: number;
  /** Milliseconds since it was heard of. A living one is not held responsible for the time that its collector was away. */
  readonly silence: number;
  readonly revivals: number;
  readonly totals: TotalsCopy;
  readonly lastSeq: number;
  readonly floor: number;
  readonly wholes: readonly (readonly [from: number, seq: number])[];
}

/**
 * What becomes of a batch with this number.
 * @param given up to which the producer has given up what never came
 */
export function verdictOf(seq: number, oldest: number, window: SeqWindow, given: number): Verdict {
  if (seq < oldest || window.has(seq)) return 'duplicate';
  return seq > Math.max(window.top, given) + WINDOW ? 'later' : 'new';
}
