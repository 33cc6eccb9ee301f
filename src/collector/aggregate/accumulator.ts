import type { FamilySchema, RowOfKind } from '../../record/batch.js';
import type { RefusalReason } from './refusal.js';
import type { Series } from './series.js';

/** Kinds whose rows are deltas that add up, whoever sends them. */
export type AdditiveKind = 'counter' | 'histogram' | 'summary';

/** How the rows of one kind add up to the numbers of a series, in one scale and within one set of bounds. */
export interface Accumulator<K extends AdditiveKind> {
  /** Numbers that a series needs. */
  readonly stride: number;
  /** The way in for rows of a schema that was checked, in its own scale and bounds. */
  intake(schema: FamilySchema): Intake<K>;
}

/** The way in for rows of one schema. */
export interface Intake<K extends AdditiveKind> {
  /** True if counts have to be put into other bounds than those they were counted in. */
  readonly rebuckets?: boolean;
  /** Why the row can't be applied, or undefined if it can; its label values were checked before. */
  refusal(row: RowOfKind[K]): RefusalReason | undefined;
  /** Applies a row that was not refused. */
  apply(row: RowOfKind[K], series: Series): void;
}

/** Whether this is a number of observations. */
export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
