import { checkKnownKeys } from '../diagnostics/options.js';
import { Arena } from '../record/arena.js';
import type { ExemplarDelta, HistogramDelta } from '../record/batch.js';
import { Sketch, type SketchShape } from '../sketch/sketch.js';
import type { LabelArguments, ObservingArguments } from './arguments.js';
import { checkBuckets, defaultBuckets } from './buckets.js';
import { type ContextLabel, defineMetric } from './definition.js';
import { type ExemplarOptions, ExemplarSlots } from './exemplar-slots.js';
import type { LabelInput } from './label-reader.js';
import { contextLabelsOf, type Labels, METRIC_OPTIONS, Metric, type MetricOptions } from './metric.js';
import { COUNT, RECORD } from './metric-host.js';
import { checkedNative, type NativeOptions, sketchShape } from './native-option.js';
import { refuseValue } from './refusal.js';
import { Series, type SeriesOwner } from './series.js';
import { startTimer } from './timer.js';

/** Options of a histogram. */
export interface HistogramOptions<L extends string = never> extends MetricOptions<L> {
  /** Upper bounds in the metric's units, ascending; +Inf is added. Default: 5 ms to 10 s, as in other Prometheus clients; for bytes 64 B to 16 MiB. */
  readonly buckets?: readonly number[];
  /**
   * Counts in exponential buckets too, which Prometheus reads as a native histogram where it was told to. Once it does, it drops the classic buckets of
   * the metric. Default: false
   */
  readonly native?: boolean | NativeOptions;
  /** Keeps the running OpenTelemetry span for one observation of each bucket and hand-over, if its trace is sampled. Default: false */
  readonly exemplars?: boolean;
}

/** A handle on one series of a histogram: it looks nothing up. */
export interface HistogramChild {
  /** @param value any number but NaN, in the metric's units */
  observe(value: number, options?: ExemplarOptions): void;
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

/** What the configuration says of phanos's own histograms. */
export type DefaultOptions = Pick<HistogramOptions, 'exemplars' | 'native'>;

export const HISTOGRAM_OPTIONS = [...METRIC_OPTIONS, 'buckets', 'native', 'exemplars'] as const;

/** Sorts observed values into buckets. */
export class Histogram<const L extends string = never> extends Metric<L, HistogramSeries> {
  constructor(options: HistogramOptions<L>);
  /** @internal */
  constructor(options: HistogramOptions<L>, traits: HistogramTraits);
  constructor(options: HistogramOptions<L>, traits: HistogramTraits = {}) {
    checkKnownKeys('Histogram', options, HISTOGRAM_OPTIONS);
    const { name, help, units = '', labelNames = [], labels = {}, job, profiler } = options;
    const { buckets = defaultBuckets(units) } = options;
    const bounds = checkBuckets(name, buckets);
    const sketch = checkedNative(`histogram '${name}'`, options.native);
    const { exemplars } = options;
    const { contextLabels = contextLabelsOf(options), exposedName } = traits;
    const base = { name, kind: 'histogram', help, units, job, labelNames, constants: labels, contextLabels, exposedName } as const;
    const parts = { ...base, bounds, sketch, exemplars };
    const storage: HistogramStorage = {
      bounds: Float64Array.from(bounds),
      arena: new Arena(bounds.length + 4),
      sketches: sketchShape(sketch),
    };
    super(defineMetric(parts), (table, values) => new HistogramSeries(table, values, storage), profiler);
    this.operations = { observe: (value, labelValues) => this.#observe(value, labelValues) };
    this.defaultOperation = 'observe';
  }

  /** Observes `value`, any number but NaN, in the metric's units. The last argument may have an exemplar for it. */
  observe(...args: ObservingArguments<L>): void;
  observe(first: number | LabelInput, second?: number | LabelInput | ExemplarOptions, options?: ExemplarOptions): void {
    if (typeof first === 'object') this.#observe(second as number, first, options);
    else if (second !== undefined && isOptions(this.table, second)) this.#observe(first, undefined, second);
    else this.#observe(first, second as LabelInput | undefined, options);
  }

  /** Starts a clock; the returned function observes the duration in the metric's units and gives it back. Labels may come at either end. */
  startTimer(labels?: Partial<Labels<L>>): (more?: Partial<Labels<L>>) => number {
    return startTimer(this.units, (duration, more?: Partial<Labels<L>>) => this.#observe(duration, mergeLabels(labels, more)));
  }

  /** The handle for these labels; its series exists from now on. */
  labels(labels: Labels<L>): HistogramChild {
    const series = this.table.bind(labels);
    if (series === 'changing') {
      return {
        observe: (value, options) => this.#observe(value, labels, options),
        startTimer: () => startTimer(this.units, (duration) => this.#observe(duration, labels)),
      };
    }
    return series ?? ignored(this.units);
  }

  /** What this process observed so far for these labels. */
  value(...args: LabelArguments<L>): Observed {
    return this.table.peek(args[0])?.total ?? { count: 0, sum: 0 };
  }

  #observe(value: number, labels: LabelInput | undefined, options?: ExemplarOptions): void {
    const { table } = this;
    if (table.lanes === 0) return;
    if (!observable(value)) return refuseObservation(table, value);
    if ((table.lanes & COUNT) !== 0) {
      const series = table.find(labels);
      if (series === undefined) return;
      series.add(value, options?.exemplar);
    }
    if ((table.lanes & RECORD) !== 0) this.record('observe', value, labels);
  }
}

interface HistogramStorage {
  readonly bounds: Float64Array;
  readonly arena: Arena;
  /** Set if the histogram is native. */
  readonly sketches: SketchShape | undefined;
}

/**
 * One histogram series. Its slice of the arena: a count for each bound, one for +Inf, the sum, then count and sum of what was taken before.
 */
export class HistogramSeries extends Series<'histogram'> implements HistogramChild {
  readonly #storage: HistogramStorage;
  readonly #cells: Float64Array;
  readonly #offset: number;
  readonly #sketch: Sketch | undefined;
  #exemplars: ExemplarSlots | undefined;

  constructor(table: SeriesOwner, labelValues: readonly string[], storage: HistogramStorage) {
    super(table, labelValues);
    const { cells, offset } = storage.arena.allocate();
    this.#storage = storage;
    this.#cells = cells;
    this.#offset = offset;
    this.#sketch = storage.sketches && new Sketch(storage.sketches);
    this.#exemplars = table.definition.exemplars ? new ExemplarSlots(true) : undefined;
  }

  get total(): Observed {
    const sumAt = this.#offset + this.#storage.bounds.length + 1;
    let count = this.#cells[sumAt + 1] as number;
    for (let i = this.#offset; i < sumAt; i++) count += this.#cells[i] as number;
    return { count, sum: (this.#cells[sumAt] as number) + (this.#cells[sumAt + 2] as number) };
  }

  observe(value: number, options?: ExemplarOptions): void {
    const { lanes } = this.table;
    if (lanes === 0) return;
    if (!observable(value)) return refuseObservation(this.table, value);
    if ((lanes & COUNT) !== 0) this.add(value, options?.exemplar);
    if ((lanes & RECORD) !== 0) this.record('observe', value);
  }

  startTimer(): () => number {
    return startTimer(this.table.definition.units, (duration) => this.observe(duration));
  }

  /** @internal */
  add(value: number, exemplar?: object): void {
    if (this.removed) return this.successor()?.add(value, exemplar);
    const bounds = this.#storage.bounds;
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
    // Sketches of producers with other units meet in one.
    if (this.#sketch !== undefined) this.#sketch.add(value / this.table.definition.schema.divisor);
    if (exemplar !== undefined) this.#putExemplar(low, value, exemplar);
    else if (this.#exemplars !== undefined) this.#exemplars.sample(low, value);
    this.touch();
  }

  #putExemplar(bucket: number, value: number, exemplar: object): void {
    this.#exemplars ??= new ExemplarSlots(false);
    this.#exemplars.put(bucket, value, exemplar, this.table);
  }

  override takeExemplars(into: ExemplarDelta[]): void {
    this.#exemplars?.take(this.labelValues, into);
  }

  override take(): HistogramDelta {
    const cells = this.#cells;
    const sumAt = this.#offset + this.#storage.bounds.length + 1;
    // Not a slice of the cells: a typed array takes some 200 B more, and rows of a whole hand-over wait together.
    const counts: number[] = [];
    let count = 0;
    for (let i = this.#offset; i < sumAt; i++) {
      const n = cells[i] as number;
      counts.push(n);
      count += n;
    }
    const sum = cells[sumAt] as number;
    cells[sumAt + 1] = (cells[sumAt + 1] as number) + count;
    cells[sumAt + 2] = (cells[sumAt + 2] as number) + sum;
    cells.fill(0, this.#offset, sumAt + 1);
    const { labelValues } = this;
    return this.#sketch === undefined ? { labelValues, counts, sum } : { labelValues, counts, sum, sketch: this.#sketch.take() };
  }

  override clear(): void {
    this.#cells.fill(0, this.#offset, this.#offset + this.#storage.bounds.length + 4);
    this.#sketch?.clear();
    this.#exemplars?.clear();
    this.ops = 0;
  }

  /** Its cells go to another series. */
  override release(): void {
    this.#storage.arena.release({ cells: this.#cells, offset: this.#offset });
  }
}

/** The handle for labels that were refused: it records nothing, but its timers go. */
export function ignored(units: string): HistogramChild {
  return { observe: () => undefined, startTimer: () => startTimer(units, () => undefined) };
}

/** Whether the argument behind a value is no labels but options: metrics without labels have no place between them. */
export function isOptions(table: SeriesOwner, argument: object | number): argument is ExemplarOptions {
  return table.definition.labelNames.length === 0 && typeof argument === 'object' && argument !== null && 'exemplar' in argument;
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
