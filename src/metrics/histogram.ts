import { checkKnownKeys } from '../diagnostics/options.js';
import { Arena } from '../record/arena.js';
import type { HistogramDelta } from '../record/batch.js';
import type { LabelArguments, RecordingArguments } from './arguments.js';
import { checkBuckets, DEFAULT_BUCKETS } from './buckets.js';
import { type ContextLabel, defineMetric } from './definition.js';
import { contextLabelsOf, type Labels, METRIC_OPTIONS, Metric, type MetricOptions } from './metric.js';
import { COUNT, RECORD } from './metric-host.js';
import { refuseValue } from './refusal.js';
import { Series, type SeriesOwner } from './series.js';
import type { LabelInput } from './series-table.js';
import { startTimer } from './timer.js';

/** Options of a histogram. */
export interface HistogramOptions<L extends string = never> extends MetricOptions<L> {
  /** Upper bounds in the metric's units, ascending; +Inf is added. Default: 5 ms to 10 s in seconds, as in other Prometheus clients. */
  readonly buckets?: readonly number[];
}

/** A handle on one series of a histogram: it looks nothing up. */
export interface HistogramChild {
  /** @param value any number but NaN, in the metric's units */
  observe(value: number): void;
  /** Starts a clock; the returned function observes the duration in the metric's units and gives it back. */
  startTimer(): () => number;
}

/** What a histogram or summary has seen so far. */
export interface Observed {
  readonly count: number;
  readonly sum: number;
}

/** Differences that phanos's own histograms have and users' don't. */
export interface HistogramTraits {
  readonly contextLabels?: readonly ContextLabel[];
  readonly exposedName?: string;
}

export const HISTOGRAM_OPTIONS = [...METRIC_OPTIONS, 'buckets'] as const;

/** Sorts observed values into buckets. */
export class Histogram<const L extends string = never> extends Metric<L, HistogramSeries> {
  constructor(options: HistogramOptions<L>);
  /** @internal */
  constructor(options: HistogramOptions<L>, traits: HistogramTraits);
  constructor(options: HistogramOptions<L>, traits: HistogramTraits = {}) {
    checkKnownKeys('Histogram', options, HISTOGRAM_OPTIONS);
    const { name, help, units = '', labelNames = [], labels = {}, job, profiler, buckets = DEFAULT_BUCKETS } = options;
    const bounds = checkBuckets(name, buckets);
    const { contextLabels = contextLabelsOf(options), exposedName } = traits;
    const parts = { name, kind: 'histogram', help, units, job, labelNames, constants: labels, contextLabels, exposedName, bounds } as const;
    const storage: HistogramStorage = { bounds: Float64Array.from(bounds), arena: new Arena(bounds.length + 4) };
    super(defineMetric(parts), (table, values) => new HistogramSeries(table, values, storage), profiler);
    this.operations = { observe: (value, labelValues) => this.#observe(value, labelValues) };
    this.defaultOperation = 'observe';
  }

  /** Observes `value`, any number but NaN, in the metric's units. */
  observe(...args: RecordingArguments<L, number>): void;
  observe(first: number | LabelInput, second?: number | LabelInput): void {
    if (typeof first === 'object') this.#observe(second as number, first);
    else this.#observe(first, second as LabelInput | undefined);
  }

  /** Starts a clock; the returned function observes the duration in the metric's units and gives it back. Labels may come at either end. */
  startTimer(labels?: Partial<Labels<L>>): (more?: Partial<Labels<L>>) => number {
    return startTimer(this.units, (duration, more?: Partial<Labels<L>>) => this.#observe(duration, mergeLabels(labels, more)));
  }

  /** The handle for these labels; its series exists from now on. */
  labels(labels: Labels<L>): HistogramChild {
    if (this.table.definition.contextLabels.length > 0) {
      return {
        observe: (value) => this.#observe(value, labels),
        startTimer: () => startTimer(this.units, (duration) => this.#observe(duration, labels)),
      };
    }
    return this.table.find(labels) ?? ignored(this.units);
  }

  /** What this process observed so far for these labels. */
  value(...args: LabelArguments<L>): Observed {
    return this.table.peek(args[0])?.total ?? { count: 0, sum: 0 };
  }

  #observe(value: number, labels: LabelInput | undefined): void {
    const { table } = this;
    if (table.lanes === 0) return;
    if (!observable(value)) return refuseObservation(table, value);
    if ((table.lanes & COUNT) !== 0) {
      const series = table.find(labels);
      if (series === undefined) return;
      series.add(value);
    }
    if ((table.lanes & RECORD) !== 0) this.record('observe', value, labels);
  }
}

interface HistogramStorage {
  readonly bounds: Float64Array;
  readonly arena: Arena;
}

/**
 * One histogram series. Its slice of the arena: a count for each bound, one for +Inf, the sum, then count and sum of what was taken before.
 */
export class HistogramSeries extends Series<'histogram'> implements HistogramChild {
  readonly #arena: Arena;
  readonly #bounds: Float64Array;
  readonly #cells: Float64Array;
  readonly #offset: number;

  constructor(table: SeriesOwner, labelValues: readonly string[], { bounds, arena }: HistogramStorage) {
    super(table, labelValues);
    const { cells, offset } = arena.allocate();
    this.#arena = arena;
    this.#bounds = bounds;
    this.#cells = cells;
    this.#offset = offset;
  }

  get total(): Observed {
    const sumAt = this.#offset + this.#bounds.length + 1;
    let count = this.#cells[sumAt + 1] as number;
    for (let i = this.#offset; i < sumAt; i++) count += this.#cells[i] as number;
    return { count, sum: (this.#cells[sumAt] as number) + (this.#cells[sumAt + 2] as number) };
  }

  observe(value: number): void {
    const { lanes } = this.table;
    if (lanes === 0) return;
    if (!observable(value)) return refuseObservation(this.table, value);
    if ((lanes & COUNT) !== 0) this.add(value);
    if ((lanes & RECORD) !== 0) this.record('observe', value);
  }

  startTimer(): () => number {
    return startTimer(this.table.definition.units, (duration) => this.observe(duration));
  }

  /** @internal */
  add(value: number): void {
    if (this.removed) return this.successor()?.add(value);
    const bounds = this.#bounds;
    const cells = this.#cells;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= (bounds[middle] as number)) high = middle;
      else low = middle + 1;
    }
    const at = this.#offset + low;
    cells[at] = (cells[at] as number) + 1;
    const sumAt = this.#offset + bounds.length + 1;
    cells[sumAt] = (cells[sumAt] as number) + value;
    this.touch();
  }

  override take(): HistogramDelta {
    const cells = this.#cells;
    const sumAt = this.#offset + this.#bounds.length + 1;
    const counts = cells.slice(this.#offset, sumAt);
    const sum = cells[sumAt] as number;
    let count = 0;
    for (const n of counts) count += n;
    cells[sumAt + 1] = (cells[sumAt + 1] as number) + count;
    cells[sumAt + 2] = (cells[sumAt + 2] as number) + sum;
    cells.fill(0, this.#offset, sumAt + 1);
    return { labelValues: this.labelValues, counts, sum };
  }

  override clear(): void {
    this.#cells.fill(0, this.#offset, this.#offset + this.#bounds.length + 4);
    this.ops = 0;
  }

  /** Its cells go to another series. */
  override release(): void {
    this.#arena.release({ cells: this.#cells, offset: this.#offset });
  }
}

/** The handle for labels that were refused: it records nothing, but its timers go. */
export function ignored(units: string): HistogramChild {
  return { observe: () => undefined, startTimer: () => startTimer(units, () => undefined) };
}

/** True for values that histograms and summaries take. */
export function observable(value: number): boolean {
  return typeof value === 'number' && !Number.isNaN(value);
}

export function refuseObservation(table: SeriesOwner, value: unknown): void {
  refuseValue(table, 'numbers other than NaN', value);
}

/** Labels of both ends of a timer; undefined if neither end gave any. */
export function mergeLabels(first: LabelInput | undefined, second: LabelInput | undefined): LabelInput | undefined {
  return first === undefined ? second : { ...first, ...second };
}
