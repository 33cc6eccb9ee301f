import type { Diagnostics } from '../diagnostics/diagnostics.js';
import type { RecordValue } from '../record/recorded.js';
import type { Series, SeriesOwner } from './series.js';

/** Lanes that listen, as bits of one number, so that a metric asks once. */
export const COUNT = 1;
/** Records are being collected for handlers, or a custom metric wants its `cleanup`. */
export const RECORD = 2;

/** Where the running code stands in the call tree. */
export interface CallPosition {
  /** Call path, empty outside of any call. */
  readonly context: string;
  /** Call path as the series lane shows it: shortened as configured. */
  readonly methodLabel: string;
  /** Own name of the running function, `Class.method`. */
  readonly functionLabel: string;
  /** True once the call has failed, that is in after hooks. */
  readonly failed: boolean;
}

/** Bounds on what series may cost. */
export interface SeriesLimits {
  /** Series a metric may have before new label sets fold or are refused. */
  readonly seriesPerMetric: number;
  /** Characters of a label value. */
  readonly labelValueLength: number;
}

/** What a metric needs of the profiler it is registered with. */
export interface MetricHost {
  readonly diagnostics: Diagnostics;
  readonly errorRaisedLabel: boolean;
  readonly limits: SeriesLimits;
  /** Bits of {@link COUNT} and {@link RECORD}. */
  readonly lanes: number;
  position(): CallPosition;
  /** A call path that a caller gave, as the series lane shows it. */
  methodLabelOf(path: string): string;
  /** Puts a record into the buffer of the running root call. */
  record(table: SeriesOwner, operation: string, value: RecordValue, labels: Record<string, string>, method: string | undefined): void;
  /** Called when a series changed for the first time since it was drained. */
  markDirty(series: Series): void;
  /** Called when a series was removed before it was ever drained: there is nothing to tell of it. */
  unmark(): void;
  /** Called when a table goes: what it has to tell is told for the last time. */
  leave(table: SeriesOwner): void;
}
