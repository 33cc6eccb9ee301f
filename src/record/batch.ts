import type { SketchView } from '../sketch/sketch-view.js';
import type { SlidingWindow } from '../sketch/sliding-sketch.js';
import type { MetricKind } from './recorded.js';

/** Batch: a numbered set of deltas of one producer, the unit in which measurements reach a collector. */

/** One incarnation of one runtime (process or thread). */
export interface ProducerIdentity {
  /** Name of the service. */
  readonly job: string;
  /** Host or pod. */
  readonly instance: string;
  /** Slot of the worker: the lowest free number, never a pid. */
  readonly worker: string;
  /** Unique for each start of the runtime. */
  readonly boot: string;
}

/** What a collector must know of a metric to merge and expose it. */
export interface FamilySchema {
  /** Exposed name with its unit, without the suffix of its kind: `shop_sold`, `phanos_time_profiler_seconds`. */
  readonly name: string;
  readonly help: string;
  /** Base unit as exposed (`seconds`, `bytes`), empty without one. */
  readonly unit: string;
  /** Observed values are divided by this on the way out (1000 for milliseconds), else 1. */
  readonly divisor: number;
  /** Names of the labels, constant ones included, in declared order. */
  readonly labelNames: readonly string[];
  /** Histogram: upper bounds in the user's unit, ascending, without +Inf; else empty. */
  readonly bounds: readonly number[];
  /** Enum: its states in declared order; else empty. */
  readonly states: readonly string[];
  /** How a gauge's or enum's values of several producers become one; `livesum` and `state` unless declared. Else absent. */
  readonly merge?: GaugeMerge | EnumMerge;
  /** Histogram, summary: each row has a sketch of its values beside its numbers. Absent where none has. */
  readonly sketch?: SketchSchema;
  /** Summary: the quantiles that are shown, ascending, from 0 to 1; it has a sketch then. Absent for none. */
  readonly quantiles?: readonly number[];
  /** Summary: of which time the quantiles tell. Absent without quantiles. */
  readonly window?: SlidingWindow;
}

/** What the sketches of a family have in common. Their values are divided by the divisor already, as they are shown. */
export interface SketchSchema {
  /** Buckets on each side of zero, from the first to the last, before they become wider. */
  readonly maxBuckets: number;
  /** Values from `-zeroThreshold` to `zeroThreshold` count as zero. */
  readonly zeroThreshold: number;
}

/** How a gauge merges over producers. The `live` forms forget producers that are gone; `all` keeps them apart by the label `worker`. */
export type GaugeMerge =
  | 'sum'
  | 'min'
  | 'max'
  | 'avg'
  | 'mostrecent'
  | 'all'
  | 'livesum'
  | 'livemin'
  | 'livemax'
  | 'liveavg'
  | 'livemostrecent'
  | 'liveall';

/** How an enum merges over producers: the state of the producer that changed last, or the number of producers in each state. */
export type EnumMerge = 'state' | 'count';

/** Label values of a series, in the order of the family's label names. Empty on a family with labels: its overflow series. */
export type LabelValues = readonly string[];

export interface CounterDelta {
  readonly labelValues: LabelValues;
  readonly add: number;
}

export interface HistogramDelta {
  readonly labelValues: LabelValues;
  /** One entry a bound and one for +Inf, not cumulative. */
  readonly counts: ArrayLike<number>;
  /** In the user's unit. */
  readonly sum: number;
  /** The same observations; where the schema says so. */
  readonly sketch?: SketchView;
}

export interface SummaryDelta {
  readonly labelValues: LabelValues;
  readonly count: number;
  /** In the user's unit. */
  readonly sum: number;
  /** The same observations; where the schema says so. */
  readonly sketch?: SketchView;
}

/** One observation of a histogram, or one increment of a counter, with what it can be found by. */
export interface ExemplarDelta {
  /** Of the series that it belongs to. */
  readonly labelValues: LabelValues;
  /** Its own labels, such as `trace_id`. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** In the user's unit; it tells the bucket. */
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** State, not a delta: the newest one counts. */
export interface GaugeState {
  readonly labelValues: LabelValues;
  readonly value: number;
  /** True if the value is to be added to the one before: so do records, whose senders don't know where the gauge stands. It does not travel. */
  readonly relative?: boolean;
}

/** State, not a delta. */
export interface InfoState {
  readonly labelValues: LabelValues;
  readonly pairs: Readonly<Record<string, string>>;
}

/** State, not a delta. */
export interface EnumState {
  readonly labelValues: LabelValues;
  readonly state: string;
}

/** The row of each kind. */
export interface RowOfKind {
  counter: CounterDelta;
  enum: EnumState;
  gauge: GaugeState;
  histogram: HistogramDelta;
  info: InfoState;
  summary: SummaryDelta;
}

/** What happened to one family since the batch before. */
export type FamilyDelta = {
  [K in MetricKind]: {
    readonly kind: K;
    readonly schema: FamilySchema;
    /** One row a series that changed. */
    readonly rows: readonly RowOfKind[K][];
    /** Label sets that were removed; they are applied before the rows. */
    readonly removed: readonly LabelValues[];
    /** Counter, histogram: applied after the rows; a later one of the same bucket takes the place of an earlier one. */
    readonly exemplars?: readonly ExemplarDelta[];
  };
}[MetricKind];

/** What a producer hands over at once. */
export interface Batch {
  readonly producer: ProducerIdentity;
  /** Contiguous from 1, so that a collector can tell what it has and what is missing; a batch without families may repeat the last one, or be 0. */
  readonly seq: number;
  /** Lowest seq that the producer still holds; a collector that knows nothing of it begins there. */
  readonly oldest: number;
  /** Milliseconds within which the producer sends again, if only a heartbeat. */
  readonly heartbeat: number;
  /** Recorded operations that the batch contains. */
  readonly ops: number;
  /** Operations that the producer has handed over since it began, this batch included. */
  readonly produced: number;
  /** Operations that the producer had to give up since it began. */
  readonly dropped: number;
  /** True if gauges, infos and enums are here with all their series: what is not mentioned is gone. */
  readonly whole: boolean;
  /**
   * Seq of the first of several batches that are whole only together; `whole` is true in the last one alone, and what none of them mentions is gone.
   * Absent where one batch is whole by itself.
   */
  readonly wholeFrom?: number;
  /** True for the last batch of a producer that ends in order. */
  readonly goodbye: boolean;
  /** True if the goodbye comes from another process, which saw this one end. Absent otherwise. */
  readonly onBehalf?: boolean;
  readonly families: readonly FamilyDelta[];
}
