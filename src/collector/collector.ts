import { type Clock, monotonicClock } from '../diagnostics/clock.js';
import type { ExposedFamily } from '../exposition/exposed-family.js';
import { renderText } from '../exposition/text.js';
import type { Batch, ProducerIdentity } from '../record/batch.js';
import type { RefusedRows } from '../record/batch-codec/refused-rows.js';
import { Aggregate } from './aggregate/aggregate.js';
import type { WholeState } from './aggregate/contributor.js';
import type { AdjustmentReason, RefusalReason } from './aggregate/refusal.js';
import { type CollectorLimits, normalizeCollectorLimits } from './limits.js';
import { ownFamilies, scrapeFamilies } from './own-families.js';
import { isHeartbeat, isSound } from './producers/batch-check.js';
import type { DeathCause } from './producers/producer-deaths.js';
import { ProducerRegistry } from './producers/producer-registry.js';
import type { ProducerState, Verdict } from './producers/producer-state.js';
import { isTotal } from './producers/producer-totals.js';
import { SelfMetrics } from './self-metrics.js';
import { Restoration } from './snapshot/restoration.js';
import { takeSnapshot } from './snapshot/snapshot.js';
import type { SnapshotSlice } from './snapshot/snapshot-slice.js';
import type { Tally } from './tally.js';

export interface CollectorOptions {
  /** Bounds on what is kept; each has a default of its own. */
  readonly limits?: Partial<CollectorLimits>;
  /** Milliseconds, for scrape durations and the lives of producers. @default the monotonic clock */
  readonly clock?: Clock;
  /**
   * Puts the labels `job` and `instance` of the producer in front of those of each series, and lets the series of an instance expire one hour after the
   * last of its producers has died. A family that declares such a label itself keeps its own, which is counted.
   * @default false
   */
  readonly identityLabels?: boolean;
  /**
   * Tells this state from others: producers that see another one send all of their gauges, infos and enums again.
   * @default a new one
   */
  readonly epoch?: string;
  /**
   * Told of a producer that is silent for too long, which then lives until `end` is called for it: whoever makes batches safe makes this safe first, too.
   * @default it is taken for dead at once
   */
  readonly onSilence?: (identity: ProducerIdentity) => void;
}

/** Milliseconds for which a job counts as one that is heard of: a restart of all its producers takes less. */
const RECENT = 3_600_000;

/**
 * Adds up the batches of many producers, each once, and shows what they come to.
 *
 * Where batches are made safe first: `check`; what is new `reserve`; make it safe; then `apply`, or `release` if that failed. Who needs no safety just
 * applies. Nothing here throws because of what a batch holds.
 */
export class Collector {
  /** How the collector itself is doing. */
  readonly self: SelfMetrics;
  /** Who measures, who has died, and what is known to be lost. */
  readonly producers: ProducerRegistry;
  /** Changes when a collector begins without what it knew before; the answer for a producer is {@link epochOf}. */
  epoch: string;
  /** Number of the last batch that was applied. */
  stamp = 0;
  /** @internal */
  readonly aggregate: Aggregate;
  readonly #clock: Clock;

  constructor({
    limits,
    clock = monotonicClock,
    identityLabels = false,
    epoch = globalThis.crypto.randomUUID(),
    onSilence,
  }: CollectorOptions = {}) {
    const normal = normalizeCollectorLimits(limits);
    this.#clock = clock;
    this.epoch = epoch;
    this.self = new SelfMetrics(clock);
    this.aggregate = new Aggregate({ limits: normal, identityLabels, clock });
    this.producers = new ProducerRegistry({
      limit: normal.producers,
      listener: {
        join: (id, identity) => this.aggregate.join(id, identity),
        died: ({ contributor }, now) => this.aggregate.died(contributor, now),
        ...(onSilence && { silent: ({ identity }) => onSilence(identity) }),
        revived: ({ contributor }) => this.aggregate.revived(contributor),
        forgotten: ({ contributor }) => this.aggregate.forgotten(contributor),
      },
    });
  }

  /** What is to be done with a batch: it is `later` too while it is reserved. Changes nothing. */
  check(batch: Batch): Verdict {
    return this.producers.check(batch);
  }

  /** Promises to `apply` a batch that is new, or to `release` it. */
  reserve(batch: Batch): void {
    this.producers.reserve(batch, this.#clock());
  }

  /** The batch could not be made safe; when it comes again it is new. */
  release(batch: Batch): void {
    this.producers.release(batch);
  }

  /**
   * Applies a batch that is new or reserved, row by row, and counts the rows that can't be applied by family and reason. Any other batch is counted, and
   * shows that its producer lives. Returns what `check` would have said.
   */
  apply(batch: Batch): Verdict {
    const now = this.#clock();
    this.#tick(now);
    if (!isSound(batch)) {
      this.countUnreadable();
      return 'refused';
    }
    const known = this.producers.find(batch.producer);
    // A heartbeat repeats a number, that of a reserved batch perhaps.
    const isReserved = batch.seq >= batch.oldest && known?.isReserved(batch.seq) === true;
    const verdict = isReserved ? 'new' : this.producers.check(batch);
    if (verdict === 'later') {
      this.postpone(batch);
      return verdict;
    }
    const state = this.producers.hear(batch, now, verdict === 'new');
    if (verdict === 'new') this.#applyNew(batch, state!, now);
    else this.#ignore(batch, state);
    return verdict;
  }

  /** Counts a batch that comes again later, of a producer that lives as it shows. */
  postpone(batch: Batch): void {
    this.self.batches.later++;
    if (this.producers.find(batch.producer) !== undefined) this.producers.hear(batch, this.#clock(), false);
  }

  /** Counts a body that no batch could be read from. */
  countUnreadable(): void {
    this.self.batches.refused++;
  }

  /** Counts rows that were left out of a batch before it came here, by whoever read it. */
  countRefused(refused: Iterable<Pick<RefusedRows, 'family' | 'reason' | 'rows'>>): void {
    for (const { family, reason, rows } of refused) this.aggregate.refused.count(family, reason, rows);
  }

  /**
   * Tells that producers have ended, in order or not: all those that have these parts of an identity. What they have counted stays, what counts only
   * while they live goes. Returns how many they are.
   */
  end(identity: Partial<ProducerIdentity>, cause?: Exclude<DeathCause, 'goodbye'>): number {
    return this.producers.end(identity, this.#clock(), cause);
  }

  /** Whether this producer was taken for dead because it was silent. */
  isSilent(identity: ProducerIdentity): boolean {
    return this.producers.find(identity)?.life === 'silent';
  }

  /** Whether a batch that is not new tells something of its producer that is not known: what it gave up, or that it lives. */
  learnsFrom(batch: Batch): boolean {
    return this.producers.learnsFrom(batch);
  }

  /** Lets time pass: takes who is silent for dead, forgets who is long dead, removes some of the series that have expired. To be called each second. */
  tick(): void {
    this.#tick(this.#clock());
  }

  /** Whether any producer of this job was heard of within the last hour. */
  hearsOf(job: string): boolean {
    const heardAt = this.producers.heardOfJob(job);
    return heardAt !== undefined && this.#clock() - heardAt < RECENT;
  }

  /** What an acknowledgement is to carry: it changes for a producer that was taken for dead, so that it tells its states again. */
  epochOf(producer: ProducerIdentity): string {
    const revivals = this.producers.find(producer)?.revivals ?? 0;
    return revivals === 0 ? this.epoch : `${this.epoch}.${revivals}`;
  }

  /** Everything that batches have brought, cut at this moment, in slices to be read at leisure. Reservations are no part of it. */
  snapshot(): Generator<SnapshotSlice, void, undefined> {
    return takeSnapshot(this, this.#clock());
  }

  /** Brings a snapshot back, before anything was applied. Rejects if it is not whole, or taken by another version or with other labels. */
  async restore(slices: AsyncIterable<SnapshotSlice> | Iterable<SnapshotSlice>): Promise<void> {
    const restoration = new Restoration(this, this.#clock());
    for await (const slice of slices) restoration.take(slice);
    restoration.finish();
  }

  /** In order of first appearance; live, so they show what is applied while one reads. */
  get families(): Iterable<ExposedFamily> {
    this.#tick(this.#clock());
    return this.aggregate.families;
  }

  /** Rows that were not applied, by family and reason. */
  get refused(): Pick<Tally<RefusalReason>, 'entries' | 'of' | 'total'> {
    return this.aggregate.refused;
  }

  /** Rows that were applied in another way than they came, by family and reason. */
  get adjusted(): Pick<Tally<AdjustmentReason>, 'entries' | 'of' | 'total'> {
    return this.aggregate.adjusted;
  }

  /** The collector's own metrics, `phanos_collector_*`, as of now. */
  get ownFamilies(): Iterable<ExposedFamily> {
    this.#tick(this.#clock());
    return [...ownFamilies(this), ...scrapeFamilies(this.self)];
  }

  /** Everything in text format 0.0.4 at once. */
  text(): string {
    return Array.from(renderText(this.families), (chunk) => chunk.toString()).join('');
  }

  #tick(now: number): void {
    this.producers.tick(now);
    this.aggregate.expiry.step(now);
  }

  #applyNew(batch: Batch, state: ProducerState, now: number): void {
    const { contributor } = state;
    const { seq, ops } = batch;
    this.producers.settle(state, batch);
    const settled = state.window.top;
    const origin = { contributor, seq, settled, isWhole: batch.whole === true, stamp: ++this.stamp };
    this.aggregate.groups.heardOf(contributor.group, now);
    for (const family of batch.families) this.aggregate.apply(family, origin);
    contributor.lastSeq = Math.max(contributor.lastSeq, seq);
    if (batch.whole === true) contributor.wholes = [...contributor.wholes, wholeOf(batch)];
    this.aggregate.settle(contributor, settled);
    this.self.batches.applied++;
    if (isTotal(ops)) {
      this.self.operations += ops;
      state.totals.applied += ops;
    }
    if (batch.goodbye === true) this.producers.leave(state, now, batch.onBehalf === true ? 'exit' : 'goodbye');
  }

  #ignore(batch: Batch, state: ProducerState | undefined): void {
    if (isHeartbeat(batch)) this.self.batches.heartbeat++;
    else this.self.batches.duplicate++;
    if (state === undefined) return;
    if (!isHeartbeat(batch)) state.totals.duplicates++;
    this.producers.giveUp(state, batch.oldest);
    this.aggregate.settle(state.contributor, state.window.top);
  }
}

/** A state that is split over several batches says in the last one with which it begins. */
function wholeOf({ wholeFrom, seq }: Batch): WholeState {
  return { from: wholeFrom !== undefined && Number.isSafeInteger(wholeFrom) && wholeFrom <= seq ? wholeFrom : seq, seq };
}
