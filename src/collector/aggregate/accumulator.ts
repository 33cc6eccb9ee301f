import type { FamilySchema, RowOfKind } from '../../record/batch.js';
import type { MetricKind } from '../../record/recorded.js';
import type { RefusalReason } from './refusal.js';
import type { Series } from './series.js';

/** How the rows of one kind become numbers of a series. */
export interface Accumulator<K extends MetricKind> {
  /** Numbers that a series needs. */
  readonly stride: number;
  /** Whether label sets beyond the limit can be added up in one series. */
  readonly additive: boolean;
  /** Upper bounds of a histogram, else empty. */
  readonly bounds: readonly number[];
  /** States of an enum, else empty. */
  readonly states: readonly string[];
  /** The way in for rows of a schema that was checked, in its own scale, bounds and states. */
  intake(schema: FamilySchema): Intake<K>;
}

/** The way in for rows of one schema. */
export interface Intake<K extends MetricKind> {
  /** True if counts had to be put into other bounds than those they were counted in. */
  readonly rebuckets?: boolean;
  /** Why the row can't be applied, or undefined if it can; its label values were checked before. */
  refusal(row: RowOfKind[K]): RefusalReason | undefined;
  /**
   * Applies a row that was not refused.
   * @param labels text of the row's label values
   */
  apply(row: RowOfKind[K], series: Series, labels: string): void;
}

/** What a value of the schema's scale is multiplied with to be one of the family's scale. */
export function scaleOf(schema: FamilySchema, familyDivisor: number): (value: number) => number {
  const { divisor } = schema;
  return divisor === familyDivisor ? (value) => value : (value) => (value / divisor) * familyDivisor;
}

/** Whether this is a number of observations. */
export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
