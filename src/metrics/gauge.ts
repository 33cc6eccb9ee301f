import { types } from 'node:util';
import { checkKnownKeys, invalidOption } from '../diagnostics/options.js';
import type { GaugeMerge, GaugeState } from '../record/batch.js';
import type { CountingArguments, LabelArguments, RecordingArguments } from './arguments.js';
import { defineMetric } from './definition.js';
import { mergeLabels } from './histogram.js';
import type { LabelInput } from './label-reader.js';
import { contextLabelsOf, type Labels, METRIC_OPTIONS, Metric, type MetricOptions } from './metric.js';
import { COUNT, RECORD } from './metric-host.js';
import { refuseValue } from './refusal.js';
import { Series } from './series.js';
import { startTimer } from './timer.js';

/** Options of a gauge. */
export interface GaugeOptions<L extends string = never> extends MetricOptions<L> {
  /** Asked before each scrape or flush to set the gauge; a promise is waited for 100 ms at most. Errors are counted and logged. */
  readonly collect?: (gauge: Gauge<L>) => void | Promise<void>;
  /**
   * How the values of several workers become one: their `sum`, `min`, `max` or `avg`, the value that was set last (`mostrecent`), or `all` of them,
   * kept apart by a label `worker`. The forms that begin with `live` forget a worker that has ended; the others keep its last value. Default: `livesum`
   */
  readonly merge?: GaugeMerge;
}

/** A handle on one series of a gauge: it looks nothing up. */
export interface GaugeChild {
  set(value: number): void;
  /** @param value may be negative. Default: 1 */
  inc(value?: number): void;
  /** @param value may be negative. Default: 1 */
  dec(value?: number): void;
}

/** Differences that phanos's own gauges have and users' don't. */
export interface GaugeTraits {
  readonly exposedName?: string;
}

const GAUGE_OPTIONS = [...METRIC_OPTIONS, 'collect', 'merge'] as const;

type GaugeOperation = 'dec' | 'inc' | 'set';

/** A value that goes up and down. */
export class Gauge<const L extends string = never> extends Metric<L, GaugeSeries> {
  readonly #collect: ((gauge: Gauge<L>) => void | Promise<void>) | undefined;

  constructor(options: GaugeOptions<L>);
  /** @internal */
  constructor(options: GaugeOptions<L>, traits: GaugeTraits);
  constructor(options: GaugeOptions<L>, { exposedName }: GaugeTraits = {}) {
    checkKnownKeys('Gauge', options, GAUGE_OPTIONS);
    const { name, help, units = '', labelNames = [], labels = {}, job, profiler, collect, merge } = options;
    if (collect !== undefined && typeof collect !== 'function') throw invalidOption(`gauge '${name}'`, 'collect', 'a function', collect);
    const parts = {
      name,
      kind: 'gauge',
      help,
      units,
      job,
      labelNames,
      constants: labels,
      contextLabels: contextLabelsOf(options),
      merge,
      exposedName,
    } as const;
    super(defineMetric(parts), (table, values) => new GaugeSeries(table, values), profiler);
    this.#collect = collect;
    if (collect !== undefined) {
      // Whoever asks sees by the function's kind whether it goes on after it returned.
      this.table.beforeDrain = types.isAsyncFunction(collect) ? async () => this.#collect?.(this) : () => this.#collect?.(this);
    }
    this.operations = {
      inc: (value, labelValues) => this.#apply('inc', value, labelValues),
      dec: (value, labelValues) => this.#apply('dec', value, labelValues),
      set: (value, labelValues) => this.#apply('set', value, labelValues),
    };
    this.defaultOperation = 'inc';
  }

  set(...args: RecordingArguments<L, number>): void;
  set(first: number | LabelInput, second?: number | LabelInput): void {
    if (typeof first === 'object') this.#apply('set', second as number, first);
    else this.#apply('set', first, second as LabelInput | undefined);
  }

  /** Adds `value`, 1 by default; negative values subtract. */
  inc(...args: CountingArguments<L>): void;
  inc(first?: number | LabelInput, second?: number | LabelInput): void {
    if (typeof first === 'object') this.#apply('inc', second as number | undefined, first);
    else this.#apply('inc', first, second as LabelInput | undefined);
  }

  /** Subtracts `value`, 1 by default; negative values add. */
  dec(...args: CountingArguments<L>): void;
  dec(first?: number | LabelInput, second?: number | LabelInput): void {
    if (typeof first === 'object') this.#apply('dec', second as number | undefined, first);
    else this.#apply('dec', first, second as LabelInput | undefined);
  }

  /** Starts a clock; the returned function sets the gauge to the duration in the metric's units and gives it back. */
  startTimer(labels?: Partial<Labels<L>>): (more?: Partial<Labels<L>>) => number {
    return startTimer(this.units, (duration, more?: Partial<Labels<L>>) => this.#apply('set', duration, mergeLabels(labels, more)));
  }

  /** The handle for these labels; its series exists from now on, at 0. */
  labels(labels: Labels<L>): GaugeChild {
    const series = this.table.bind(labels);
    if (series === 'changing') {
      return {
        set: (value) => this.#apply('set', value, labels),
        inc: (value) => this.#apply('inc', value, labels),
        dec: (value) => this.#apply('dec', value, labels),
      };
    }
    return series ?? IGNORED;
  }

  /** The value in this process for these labels; 0 if there is none. */
  value(...args: LabelArguments<L>): number {
    return this.table.peek(args[0])?.current ?? 0;
  }

  #apply(operation: GaugeOperation, value: number | undefined, labels: LabelInput | undefined): void {
    const { table } = this;
    if (table.lanes === 0) return;
    const amount = value === undefined && operation !== 'set' ? 1 : value;
    if (typeof amount !== 'number') return refuseValue(table, 'numbers', value);
    if ((table.lanes & COUNT) !== 0) {
      const series = table.find(labels);
      if (series === undefined) return;
      series.apply(operation, amount);
    }
    if ((table.lanes & RECORD) !== 0) this.record(operation, amount, labels);
  }
}

/** One gauge series. */
export class GaugeSeries extends Series<'gauge'> implements GaugeChild {
  #value = 0;

  get current(): number {
    return this.#value;
  }

  set(value: number): void {
    this.#through('set', value);
  }

  inc(value = 1): void {
    this.#through('inc', value);
  }

  dec(value = 1): void {
    this.#through('dec', value);
  }

  /** @internal */
  apply(operation: GaugeOperation, value: number): void {
    if (this.removed) return this.successor()?.apply(operation, value);
    if (operation === 'set') this.#value = value;
    else if (operation === 'inc') this.#value += value;
    else this.#value -= value;
    this.touch();
  }

  override take(): GaugeState {
    return { labelValues: this.labelValues, value: this.#value };
  }

  override clear(): void {
    this.#value = 0;
    this.ops = 0;
  }

  #through(operation: GaugeOperation, value: number): void {
    const { lanes } = this.table;
    if (lanes === 0) return;
    if (typeof value !== 'number') return refuseValue(this.table, 'numbers', value);
    if ((lanes & COUNT) !== 0) this.apply(operation, value);
    if ((lanes & RECORD) !== 0) this.record(operation, value);
  }
}

const IGNORED: GaugeChild = { set: () => undefined, inc: () => undefined, dec: () => undefined };
