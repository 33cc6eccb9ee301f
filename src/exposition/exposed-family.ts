import type { MetricKind } from '../record/recorded.js';
import type { SketchView } from '../sketch/sketch-view.js';

/** What the writers of all formats read: families with their series, whoever keeps them. */

/** One observation that stands for its bucket, or one increment of a counter, with what it can be found by. */
export interface ExposedExemplar {
  /** Its own labels, such as `trace_id`; names and values have 128 characters together at most. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** Undivided. */
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp?: number | undefined;
}

/** One series as it is shown. */
export interface ExposedSeries {
  /** Its labels as they stand between the braces, `kind="book",shop="a"`, escaped; empty without labels. */
  readonly labels: string;
  /** Holds the numbers of the series from `offset` on; what they mean, {@link ExposedFamily} says. */
  readonly cells: Float64Array;
  readonly offset: number;
  /** Histogram: the same observations in exponential buckets, of values that are divided already; only where the metric asked for it. */
  readonly sketch?: SketchView | undefined;
  /** Histogram: the newest exemplar of each bucket, +Inf's last; counter: of the series. */
  readonly exemplars?: readonly (ExposedExemplar | undefined)[] | undefined;
  /** Summary: the value at each of the family's `quantiles`, undivided; NaN while there was no observation in its window. */
  readonly quantileValues?: ArrayLike<number> | undefined;
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
  /** Summary: quantiles that are shown, ascending, from 0 to 1; absent or empty if none was asked for. */
  readonly quantiles?: readonly number[] | undefined;
  readonly series: Iterable<ExposedSeries>;
}
