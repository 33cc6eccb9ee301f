import type { ExemplarDelta, FamilyDelta, RowOfKind } from '../record/batch.js';
import type { MetricKind, RecordValue } from '../record/recorded.js';
import type { MetricDefinition } from './definition.js';

/** What a series needs of the table that it belongs to. */
export interface SeriesOwner {
  readonly definition: MetricDefinition;
  /** Lanes that listen; 0 while the metric is registered nowhere. */
  readonly lanes: number;
  /** Characters that a label value may have. */
  readonly labelValueLength: number;
  /** Sees to it that the next drain takes this series. */
  markDirty(series: Series): void;
  /** Makes a record of an operation on this series. */
  recordOf(series: Series, operation: string, value: RecordValue): void;
  /** All series that are not removed. */
  series(): Iterable<Series>;
  /** Takes the deltas of these series, all of this table. */
  drain(changed: readonly Series[]): FamilyDelta;
  /** The series that took the place of a removed one. */
  successorOf(removed: Series): Series | undefined;
  /** Counts and reports what can't be recorded. */
  refuse(reason: string, message: string): void;
  /** Counts and reports an exemplar that can't be kept; what it came with counts. */
  dropExemplar(message: string): void;
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
  /** True once a collector may know of it. */
  told = false;
  /** Removed by the user; what a handle that is still held does goes to the successor. */
  removed = false;

  constructor(table: SeriesOwner, labelValues: readonly string[]) {
    this.table = table;
    this.labelValues = labelValues;
  }

  /** The series that has the labels of this removed one now, made anew if need be; undefined if it is refused. */
  protected successor(): this | undefined {
    return this.table.successorOf(this) as this | undefined;
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

  /** Exemplars since the last drain, for the kinds that have some. */
  takeExemplars(_into: ExemplarDelta[]): void {}

  /** Back to the state of creation. */
  abstract clear(): void;

  /** Called when it is removed and holds nothing any more. */
  release(): void {}
}
