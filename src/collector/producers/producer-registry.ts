import type { Batch, ProducerIdentity } from '../../record/batch.js';
import type { Contributor } from '../aggregate/contributor.js';
import { isSound } from './batch-check.js';
import { type DeathCause, ProducerDeaths } from './producer-deaths.js';
import { type ProducerCopy, ProducerState, type Verdict, verdictOf } from './producer-state.js';
import type { OperationTotals } from './producer-totals.js';
import { SeqWindow } from './seq-window.js';
import { PATIENCE, SilenceWatch } from './silence-watch.js';

/** Milliseconds for which a dead producer is still recognized. */
export const MEMORY = 24 * 3_600_000;

/** Who is told what happens to producers. */
export interface ProducerListener {
  /** A producer appears. */
  join(id: number, identity: ProducerIdentity): Contributor;
  died(state: ProducerState, now: number): void;
  /** It is silent for too long; without this it dies at once. Whoever is told calls `end`, or `watch` if it is to live on. */
  silent?(state: ProducerState): void;
  /** It was only silent. */
  revived(state: ProducerState): void;
  forgotten(state: ProducerState): void;
}

export interface ProducerRegistryOptions {
  readonly listener: ProducerListener;
  /** Producers that are recognized at most. */
  readonly limit: number;
}

/**
 * All producers, and which of their batches were applied, so that each batch has its effect once, however often and in whatever order it comes.
 *
 * To check is one thing and to apply another, for between the two a batch is made safe: `check`, `reserve`, then `settle` or `release`. Time is handed
 * in: milliseconds of one clock.
 */
export class ProducerRegistry {
  readonly deaths = new ProducerDeaths();
  /** Producers that are recognized no more. */
  forgotten = 0;
  /** Producers that were met in the middle of their life: what came before, and comes again, can't be told from what is new. */
  strangers = 0;
  /** Batches that producers gave up before they came. */
  givenUp = 0;
  readonly #listener: ProducerListener;
  readonly #limit: number;
  readonly #states = new Map<string, ProducerState>();
  readonly #watch = new SilenceWatch<ProducerState>();
  /** In the order of their death, or of their last batch if that came later. */
  readonly #dead = new Set<ProducerState>();
  /** Sums of those that were forgotten. */
  readonly #past = { produced: 0, applied: 0, dropped: 0, lost: 0 };
  /** When each job was heard of last. */
  readonly #jobs = new Map<string, number>();
  #lastId = 0;
  #isWatching = true;

  constructor({ listener, limit }: ProducerRegistryOptions) {
    this.#listener = listener;
    this.#limit = limit;
  }

  get all(): Iterable<ProducerState> {
    return this.#states.values();
  }

  get size(): number {
    return this.#states.size;
  }

  get live(): number {
    return this.#states.size - this.#dead.size;
  }

  get dead(): number {
    return this.#dead.size;
  }

  /** Of all producers there ever were. */
  get totals(): OperationTotals {
    const sum = { ...this.#past };
    for (const { totals } of this.#states.values()) {
      sum.produced += totals.produced;
      sum.applied += totals.applied;
      sum.dropped += totals.dropped;
    }
    return sum;
  }

  /** Operations that dead producers had announced and that never came. May shrink, when batches come late. */
  get lost(): number {
    let { lost } = this.#past;
    for (const { totals } of this.#dead) lost += totals.underway;
    return lost;
  }

  /** When the last batch of any producer of this job came; undefined if none did that is remembered. */
  heardOfJob(job: string): number | undefined {
    return this.#jobs.get(job);
  }

  find(identity: ProducerIdentity): ProducerState | undefined {
    return this.#states.get(keyOf(identity));
  }

  /** What becomes of the batch, with everything in mind that was applied or reserved. Changes nothing. */
  check(batch: Batch): Verdict {
    if (!isSound(batch)) return 'refused';
    const state = this.find(batch.producer);
    if (state !== undefined) return state.check(batch);
    const verdict = verdictOf(batch.seq, batch.oldest, new SeqWindow(batch.oldest - 1), batch.oldest - 1);
    return verdict === 'new' && this.#states.size >= this.#limit && this.#dead.size === 0 ? 'later' : verdict;
  }

  /** Whether a batch that is not new tells something of its producer that is not known yet, apart from the time at which it came. */
  learnsFrom(batch: Batch): boolean {
    return this.find(batch.producer)?.learnsFrom(batch) ?? true;
  }

  /** Notes that a batch which is new will be applied: until then it is neither new nor known. Its producer lives, however long that takes. */
  reserve(batch: Batch, now: number): void {
    const state = this.#stateOf(batch, now);
    state.reserve(batch.seq);
    if (state.life === 'live') this.#watch.heard(state, state.heartbeat, now);
  }

  /** Takes a reservation back, for the batch could not be made safe. */
  release({ producer, seq }: Batch): void {
    this.find(producer)?.release(seq);
  }

  /** The producer of a sound batch, which lives as the batch shows. Undefined if there is no room for one more. */
  hear(batch: Batch, now: number, isNew: boolean): ProducerState | undefined {
    if (!isNew && this.find(batch.producer) === undefined && this.#states.size >= this.#limit && this.#dead.size === 0) return undefined;
    const state = this.#stateOf(batch, now);
    state.heardAt = now;
    this.#jobs.set(state.identity.job, now);
    state.totals.hear(batch, isNew);
    if (state.life === 'silent') this.#revive(state);
    if (state.life === 'live') this.#await(state, batch.heartbeat, now);
    else this.#bury(state);
    return state;
  }

  /** Takes the number of a batch in that is about to be applied, and gives up what its producer gave up. */
  settle(state: ProducerState, { seq, oldest }: Batch): void {
    this.giveUp(state, oldest);
    state.release(seq);
    state.window.add(seq);
  }

  giveUp(state: ProducerState, oldest: number): void {
    this.givenUp += state.giveUp(oldest);
  }

  /** Those not known to have ended that have these parts of an identity. */
  matching(identity: Partial<ProducerIdentity>): ProducerState[] {
    const { job, instance, worker, boot } = identity;
    if (job !== undefined && instance !== undefined && worker !== undefined && boot !== undefined) {
      const state = this.find({ job, instance, worker, boot });
      return state === undefined || state.life === 'ended' ? [] : [state];
    }
    const parts = Object.entries(identity) as [keyof ProducerIdentity, string | undefined][];
    const fits = (state: ProducerState): boolean => parts.every(([part, value]) => value === undefined || state.identity[part] === value);
    return [...this.#states.values()].filter((state) => state.life !== 'ended' && fits(state));
  }

  /** Tells that producers have ended, all those that have these parts of an identity. Returns how many that are. */
  end(identity: Partial<ProducerIdentity>, now: number, cause: Exclude<DeathCause, 'goodbye'> = 'exit'): number {
    const ended = this.matching(identity);
    for (const state of ended) this.#die(state, cause, now);
    return ended.length;
  }

  /** It lives as long as one that has just reported. */
  watch(identity: ProducerIdentity, now: number): void {
    const state = this.find(identity);
    if (state?.life === 'live') this.#watch.heard(state, state.heartbeat, now);
  }

  /** From now on silence is no sign of death: nobody can be heard, or what happened is told again, and not at the pace at which it did. */
  suspendWatch(): void {
    this.#isWatching = false;
  }

  /** Whoever lives has all the time that it announced to report again. */
  resumeWatch(now: number): void {
    this.#isWatching = true;
    for (const state of this.#states.values()) {
      if (state.life !== 'live') continue;
      state.heardAt = now;
      this.#watch.heard(state, state.heartbeat, now);
    }
  }

  /** The producer has told that it ends in order, or whoever started it that it has ended. */
  leave(state: ProducerState, now: number, cause: Exclude<DeathCause, 'silent'>): void {
    this.#die(state, cause, now);
  }

  /** Lets time pass: the silent die, those long dead are forgotten. */
  tick(now: number): void {
    if (this.#isWatching) for (const state of this.#watch.overdue(now)) this.#overdue(state, now);
    for (const state of this.#dead) {
      if (now - state.heardAt < MEMORY) break;
      this.#forget(state);
    }
  }

  /** All of it at this moment. Reservations are not part of it: what is on its way has had no effect. */
  copy(now: number): RegistryCopy {
    const { forgotten, strangers, givenUp, deaths } = this;
    const live = [...this.#states.values()].filter(({ life }) => life === 'live');
    return {
      head: { lastId: this.#lastId, forgotten, strangers, givenUp, deaths: { ...deaths.counts }, past: { ...this.#past } },
      states: [...live, ...this.#dead].map((state) => state.copy(now)),
    };
  }

  restoreHead({ lastId, forgotten, strangers, givenUp, deaths, past }: RegistryHead): void {
    this.#lastId = lastId;
    this.forgotten = forgotten;
    this.strangers = strangers;
    this.givenUp = givenUp;
    Object.assign(this.deaths.counts, deaths);
    Object.assign(this.#past, past);
  }

  /** Brings one back; in the order of the copies. */
  restoreState(copy: ProducerCopy, contributor: Contributor, now: number): void {
    const state = ProducerState.restore(copy, contributor, now);
    const { job } = state.identity;
    this.#states.set(keyOf(state.identity), state);
    this.#jobs.set(job, Math.max(state.heardAt, this.#jobs.get(job) ?? Number.NEGATIVE_INFINITY));
    if (state.life === 'live') this.#watch.heard(state, state.heartbeat, state.heardAt);
    else this.#dead.add(state);
  }

  /** The producer of a batch; one that is new here begins where it still has something. */
  #stateOf({ producer: { job, instance, worker, boot }, oldest }: Batch, now: number): ProducerState {
    const identity = { job, instance, worker, boot };
    const known = this.find(identity);
    if (known !== undefined) return known;
    for (const longestDead of this.#dead) {
      if (this.#states.size < this.#limit) break;
      this.#forget(longestDead);
    }
    if (oldest > 1) this.strangers++;
    const state = new ProducerState(identity, this.#listener.join(++this.#lastId, identity), oldest - 1, now);
    this.#states.set(keyOf(identity), state);
    this.#watch.heard(state, state.heartbeat, now);
    return state;
  }

  #await(state: ProducerState, heartbeat: number, now: number): void {
    if (heartbeat !== state.heartbeat) this.#watch.drop(state, state.heartbeat);
    state.heartbeat = heartbeat;
    this.#watch.heard(state, heartbeat, now);
  }

  #revive(state: ProducerState): void {
    state.life = 'live';
    state.revivals++;
    this.#dead.delete(state);
    this.#listener.revived(state);
  }

  #die(state: ProducerState, cause: DeathCause, now: number): void {
    const wasLive = state.life === 'live';
    state.life = cause === 'silent' ? 'silent' : 'ended';
    if (!wasLive) return;
    // In a replay it was last heard of by a batch that counted, and remembered for too short a time.
    if (state.heartbeat > 0) state.heardAt = Math.max(state.heardAt, now - PATIENCE * state.heartbeat);
    this.#watch.drop(state, state.heartbeat);
    this.#bury(state);
    const { produced, applied, dropped, underway } = state.totals;
    this.deaths.report({ identity: state.identity, cause, at: now, totals: { produced, applied, dropped }, underway });
    this.#listener.died(state, now);
  }

  #overdue(state: ProducerState, now: number): void {
    // It waits for an answer, and is not the one who is slow.
    if (state.pending > 0) this.#watch.heard(state, state.heartbeat, now);
    else if (this.#listener.silent === undefined) this.#die(state, 'silent', now);
    else this.#listener.silent(state);
  }

  /** Puts it behind all others that are dead. */
  #bury(state: ProducerState): void {
    this.#dead.delete(state);
    this.#dead.add(state);
  }

  #forget(state: ProducerState): void {
    const { produced, applied, dropped, underway } = state.totals;
    this.#past.produced += produced;
    this.#past.applied += applied;
    this.#past.dropped += dropped;
    this.#past.lost += underway;
    this.#dead.delete(state);
    this.#states.delete(keyOf(state.identity));
    const { job } = state.identity;
    // The last of a job to be forgotten is the last that was heard of.
    if ((this.#jobs.get(job) ?? 0) <= state.heardAt) this.#jobs.delete(job);
    this.forgotten++;
    this.#listener.forgotten(state);
  }
}

/** A registry at one moment as plain data. */
export interface RegistryCopy {
  readonly head: RegistryHead;
  /** The living, then the dead, longest dead first. */
  readonly states: readonly ProducerCopy[];
}

export interface RegistryHead {
  readonly lastId: number;
  readonly forgotten: number;
  readonly strangers: number;
  readonly givenUp: number;
  readonly deaths: Readonly<Record<DeathCause, number>>;
  readonly past: OperationTotals & { readonly lost: number };
}

function keyOf({ job, instance, worker, boot }: ProducerIdentity): string {
  return JSON.stringify([job, instance, worker, boot]);
}
