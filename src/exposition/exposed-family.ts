import type { MetricKind } from '../record/recorded.js';

/** What the writers of all formats read: families with their series, whoever keeps them. */

/** One series as it is shown. */
export interface ExposedSeries {
  /** Its labels as they stand between the braces, `kind="book",shop="a"`, escaped; empty without labels. */
  readonly labels: string;
  /** Holds the numbers of the series from `offset` on; what they mean, {@link ExposedFamily} says. */
  readonly cells: Float64Array;
  readonly offset: number;
}

/**
 * All series of one name. Numbers of a series by kind, undivided:
 * counter and gauge: the value · histogram: a count a bound, the count beyond the last bound (none cumulative), the sum ·
 * summary: count, sum · enum: index of the current state in `states` · info: 1, the pairs being labels.
 */
export interface ExposedFamily {
  readonly kind: MetricKind;
  /** Without the suffix of the kind. */
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  /** Values, sums and bounds are divided by this on the way out; counts are not. */
  readonly divisor: number;
  /** Histogram: upper bounds, ascending, without +Inf; else empty. */
  readonly bounds: readonly number[];
  /** Enum: its states; may grow while a scrape is being written. */
  readonly states: readonly string[];
  readonly series: Iterable<ExposedSeries>;
}
