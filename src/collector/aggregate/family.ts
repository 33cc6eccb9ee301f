import type { ExposedFamily } from '../../exposition/exposed-family.js';
import type { FamilyDelta, FamilySchema } from '../../record/batch.js';
import type { MetricKind } from '../../record/recorded.js';
import type { CollectorLimits } from '../limits.js';
import type { Tally } from '../tally.js';
import type { Contributor, Origin } from './contributor.js';
import type { FamilyCopy, SeriesCopy, StakeCopy } from './family-copy.js';
import type { FateOf, Group } from './group.js';
import type { Quota } from './quota.js';
import type { AdjustmentReason, RefusalReason } from './refusal.js';

/** All series of one name, of all producers. Kind and unit are those of the schema that came first. */
export interface Family extends ExposedFamily {
  /** Kind of its schemas; `kind` is the one that it is shown as. */
  readonly declared: MetricKind;
  /** Series kept. */
  readonly size: number;
  /** Whether there is nothing to keep of it: neither series, nor what is known of removed ones. */
  readonly isEmpty: boolean;
  /** Living producers that have announced it. */
  readonly announcers: number;
  /** Called before anything of it changes. */
  beforeChange: (() => void) | undefined;

  /** Whether rows of this schema were let in before, which spares checking it again. */
  knows(schema: FamilySchema): boolean;

  /** Why rows of a schema of the same kind can't be taken, or undefined if they can. */
  conflict(schema: FamilySchema): RefusalReason | undefined;

  /** Takes the removed label sets out, then applies the rows. The schema was checked and fits the family. */
  apply(delta: FamilyDelta, origin: Origin): void;

  /** Removes the series that are over, or gives them to the group with which they live on, with a chance to pause after each series. */
  expire(fateOf: FateOf): Generator<void, void, undefined>;

  /** Gives everything back; the family is used no more. */
  discard(): void;

  /** All of it as it is, windows as they are at this time. */
  copy(now: number): FamilyCopy;
  restoreStake(copy: StakeCopy, contributor: Contributor): void;
  restoreSeries(copy: SeriesCopy, groups: ReadonlyMap<number, Group>, contributors: ReadonlyMap<number, Contributor>): void;
}

/** What a family shares with the aggregate it belongs to. */
export interface FamilyHost {
  readonly limits: CollectorLimits;
  readonly quota: Quota;
  /** Rows that were not applied. */
  readonly refused: Tally<RefusalReason>;
  /** Rows that were applied in another way than they came. */
  readonly adjusted: Tally<AdjustmentReason>;
  /** Whether job and instance are labels of the series. */
  readonly identityLabels: boolean;
  /** Milliseconds that never step back. */
  now(): number;
}
