import type { ExposedSeries } from '../../exposition/exposed-family.js';
import type { FamilySchema, RowOfKind } from '../../record/batch.js';
import type { MetricKind } from '../../record/recorded.js';
import type { Contributor } from './contributor.js';
import type { RefusalReason } from './refusal.js';
import type { StateMode, StateSeries } from './state-series.js';

/** Kinds whose rows are states: of each producer the newest one counts. */
export type StateKind = 'enum' | 'gauge' | 'info';

/** How the states of one kind are taken and shown. */
export interface StateRules<K extends StateKind> {
  /** As what the family is shown. */
  readonly kind: MetricKind;
  /** States of an enum that were declared so far, else empty. */
  readonly states: readonly string[];
  /** Whether the same state counts as a change when it is told anew. */
  readonly isChangedByRepetition: boolean;
  /** The way in for rows of a schema that was checked. */
  intake(schema: FamilySchema): StateIntake<K>;
  mode(name: string): StateMode;
  /** What is shown for a series that is up to date, if not itself. */
  readonly shown?: (series: StateSeries) => Iterable<ExposedSeries>;
}

/** The way in for rows of one schema. */
export interface StateIntake<K extends StateKind> {
  readonly mode: StateMode;
  /** Why the row can't be applied, or undefined if it can; its label values were checked before. */
  refusal(row: RowOfKind[K]): RefusalReason | undefined;
  /** @param before what the producer held until now */
  value(row: RowOfKind[K], before: number | undefined): number;
  /** In which series the row is shown, if that is not told by its labels alone. */
  readonly place?: (row: RowOfKind[K], labels: string, key: string, contributor: Contributor) => Place;
}

/** Label text of a series, and what tells it apart. */
export interface Place {
  readonly labels: string;
  readonly key: string;
}
