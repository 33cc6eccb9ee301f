import type { FamilyDelta, RowOfKind } from '../record/batch.js';
import type { MetricKind, RecordValue } from '../record/recorded.js';
import type { MetricDefinition } from './definition.js';

/** What a series needs of the table that it belongs to. */
export interface SeriesOwner {
  readonly definition: MetricDefinition;
  /** Lanes that listen; 0 while the metric is registered nowhere. */
  readonly lanes: number;
  /** Sees to it that the next drain takes this series. */
  markDirty(series: Series): void;
  /** Makes a record of an operation on this series. */
  recordOf(series: Series, operation: string, value: RecordValue): void;
  /** Takes the deltas of these series, all of this table. */
  drain(changed: readonly Series[]): FamilyDelta;
  /** Counts and reports what can't be recorded. */
  refuse(reason: string, message: string): void;
}

/** One metric with one set of label values: where its numbers live until a drain takes them. */
export abstract class Series<K extends MetricKind = MetricKind> {
  readonly table: SeriesOwner;
  /** In the order of the schema's label names. */
  readonly labelValues: readonly string[];
  /** True while the series waits to be drained. */
  dirty = false;
  /** Operations since the last drain. */
  ops = 0;
  /** Removed by the user; the next operation brings it back, from zero. */
  removed = false;

  constructor(table: SeriesOwner, labelValues: readonly string[]) {
    this.table = table;
    this.labelValues = labelValues;
  }

  /** Counts an operation and makes sure that the next drain sees the series. */
  protected touch(): void {
    this.ops++;
    if (!this.dirty) this.table.markDirty(this);
  }

  /** Makes a record of an operation that came through a child handle. */
  protected record(operation: string, value: RecordValue): void {
    this.table.recordOf(this, operation, value);
  }

  /** What happened since the last drain, which begins anew; undefined if there is nothing to tell. */
  abstract take(): RowOfKind[K] | undefined;

  /** Back to the state of creation. */
  abstract clear(): void;

  /** Adds what another series of the same labels holds: used when a removed handle was used beside its successor. */
  abstract absorb(other: this): void;
}
