import type { Contributor } from '../aggregate/contributor.js';
import type { Family } from '../aggregate/family.js';
import type { Group } from '../aggregate/group.js';
import type { AdjustmentReason, RefusalReason } from '../aggregate/refusal.js';
import type { ProducerCopy } from '../producers/producer-state.js';
import type { SnapshotSubject } from './snapshot.js';
import { type CollectorSlice, SNAPSHOT_VERSION, type SnapshotSlice } from './snapshot-slice.js';

/** Brings a snapshot back into a subject that nothing has happened to, slice by slice. */
export class Restoration {
  readonly #subject: SnapshotSubject;
  readonly #now: number;
  readonly #groups = new Map<number, Group>();
  readonly #contributors = new Map<number, Contributor>();
  #family: Family | undefined;
  #isBegun = false;
  #isComplete = false;

  constructor(subject: SnapshotSubject, now: number) {
    this.#subject = subject;
    this.#now = now;
  }

  /** Takes the next slice. Throws if it can't be the next one of a snapshot that this version has taken. */
  take(slice: SnapshotSlice): void {
    const { aggregate } = this.#subject;
    if ((slice.part === 'collector') === this.#isBegun || this.#isComplete) throw misplaced(slice.part);
    switch (slice.part) {
      case 'collector':
        return this.#begin(slice);
      case 'groups':
        for (const copy of slice.entries) this.#groups.set(copy[0], aggregate.groups.restore(copy, this.#now));
        return;
      case 'producers':
        for (const copy of slice.entries) this.#restoreProducer(copy);
        return;
      case 'refused':
        for (const [family, reason, rows] of slice.entries) aggregate.refused.count(family, reason as RefusalReason, rows);
        return;
      case 'adjusted':
        for (const [family, reason, rows] of slice.entries) aggregate.adjusted.count(family, reason as AdjustmentReason, rows);
        return;
      case 'family':
        this.#family = aggregate.restoreFamily(slice.head);
        return;
      case 'stakes': {
        const family = this.#current(slice.part);
        for (const copy of slice.entries) family.restoreStake(copy, this.#contributors.get(copy[0])!);
        return;
      }
      case 'series': {
        const family = this.#current(slice.part);
        for (const copy of slice.entries) family.restoreSeries(copy, this.#groups, this.#contributors);
        return;
      }
      case 'end':
        this.#isComplete = true;
        return;
      default:
        throw misplaced((slice as SnapshotSlice).part);
    }
  }

  /** Throws if slices are missing. */
  finish(): void {
    if (!this.#isComplete) throw new TypeError('the snapshot has no end; restore a whole one, with all its slices in their order');
  }

  #begin({ version, identityLabels, epoch, stamp, batches, operations, registry, sinceWalk }: CollectorSlice): void {
    const { aggregate, producers, self } = this.#subject;
    if (version !== SNAPSHOT_VERSION) {
      throw new TypeError(
        `the snapshot has version ${version}, and this phanos reads version ${SNAPSHOT_VERSION}; use the phanos that wrote it`,
      );
    }
    if (identityLabels !== aggregate.identityLabels) {
      throw new TypeError(`the snapshot was taken with identityLabels: ${identityLabels}; restore it into a collector that has the same`);
    }
    if (producers.size > 0 || aggregate.quota.total > 0) throw misplaced('collector');
    this.#isBegun = true;
    this.#subject.epoch = epoch;
    this.#subject.stamp = stamp;
    Object.assign(self.batches, batches);
    self.operations = operations;
    producers.restoreHead(registry);
    aggregate.expiry.restore(this.#now, sinceWalk ?? Number.POSITIVE_INFINITY);
  }

  #restoreProducer(copy: ProducerCopy): void {
    const { aggregate, producers } = this.#subject;
    const contributor = aggregate.rejoin(copy.id, copy.identity[2], this.#groups.get(copy.group)!, copy.life === 'live');
    contributor.lastSeq = copy.lastSeq;
    contributor.floor = copy.floor;
    contributor.wholes = copy.wholes.map(([from, seq]) => ({ from, seq }));
    this.#contributors.set(copy.id, contributor);
    producers.restoreState(copy, contributor, this.#now);
  }

  #current(part: string): Family {
    if (this.#family === undefined) throw misplaced(part);
    return this.#family;
  }
}

function misplaced(part: unknown): TypeError {
  return new TypeError(
    `slice '${String(part)}' is not in its place; restore a whole snapshot, with all its slices in their order, into a new collector`,
  );
}
