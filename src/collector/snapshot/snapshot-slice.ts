import type { FamilyHead, SeriesCopy, StakeCopy } from '../aggregate/family-copy.js';
import type { GroupCopy } from '../aggregate/groups.js';
import type { RegistryHead } from '../producers/producer-registry.js';
import type { ProducerCopy } from '../producers/producer-state.js';
import type { BatchResult } from '../self-metrics.js';

/** Of snapshots whose slices are read alike. */
export const SNAPSHOT_VERSION = 1;

/**
 * A snapshot is these slices in this order: `collector`, `groups` and `producers`, tallies, then for each family its head, stakes and series, and `end`.
 * Each is plain data that JSON can carry, and a few hundred entries at most.
 */
export type SnapshotSlice =
  | CollectorSlice
  | { readonly part: 'groups'; readonly entries: readonly GroupCopy[] }
  | { readonly part: 'producers'; readonly entries: readonly ProducerCopy[] }
  | { readonly part: 'refused' | 'adjusted'; readonly entries: readonly (readonly [family: string, reason: string, rows: number])[] }
  | { readonly part: 'family'; readonly head: FamilyHead }
  | { readonly part: 'stakes'; readonly entries: readonly StakeCopy[] }
  | { readonly part: 'series'; readonly entries: readonly SeriesCopy[] }
  | { readonly part: 'end' };

export interface CollectorSlice {
  readonly part: 'collector';
  readonly version: number;
  readonly identityLabels: boolean;
  readonly epoch: string;
  readonly stamp: number;
  readonly batches: Readonly<Record<BatchResult, number>>;
  readonly operations: number;
  readonly registry: RegistryHead;
  /** Milliseconds since the last walk for series that expire; null if the next may begin at once. */
  readonly sinceWalk: number | null;
}
