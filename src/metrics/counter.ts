import { checkKnownKeys } from '../diagnostics/options.js';
import type { CounterDelta, ExemplarDelta } from '../record/batch.js';
import type { AddingArguments, LabelArguments } from './arguments.js';
import { defineMetric } from './definition.js';
import { type ExemplarOptions, ExemplarSlots } from './exemplar-slots.js';
import { isOptions } from './histogram.js';
import type { LabelInput } from './label-reader.js';
import { contextLabelsOf, type Labels, METRIC_OPTIONS, Metric, type MetricOptions } from './metric.js';
import { COUNT, RECORD } from './metric-host.js';
import { refuseValue } from './refusal.js';
import { Series, type SeriesOwner } from './series.js';

/** Options of a counter. */
export interface CounterOptions<L extends string = never> extends MetricOptions<L> {
  /** Keeps the running OpenTelemetry span for one increment of each series and hand-over, if its trace is sampled. Default: false */
  readonly exemplars?: boolean;
}

const COUNTER_OPTIONS = [...METRIC_OPTIONS, 'exemplars'] as const;

/** A handle on one series of a counter: it looks nothing up. */
export interface CounterChild {
  /** @param value finite and not negative. Default: 1 */
  inc(value?: number, options?: ExemplarOptions): void;
}

/** Counts things that only ever grow. Exposed as `<name>_total`. */
export class Counter<const L extends string = never> extends Metric<L, CounterSeries> {
  constructor(options: CounterOptions<L>) {
    checkKnownKeys('Counter', options, COUNTER_OPTIONS);
    const { name, help, units = '', labelNames = [], labels = {}, job, profiler, exemplars } = options;
    const parts = {
      name,
      kind: 'counter',
      help,
      units,
      job,
      labelNames,
      constants: labels,
      contextLabels: contextLabelsOf(options),
      exemplars,
    } as const;
    super(defineMetric(parts), (table, values) => new CounterSeries(table, values), profiler);
    this.operations = { inc: (value, labelValues) => this.#inc(value, labelValues) };
    this.defaultOperation = 'inc';
  }

  /** Adds `value` (finite, not negative, 1 by default). The last argument may have an exemplar for it. */
  inc(...args: AddingArguments<L>): void;
  inc(first?: number | LabelInput, second?: number | LabelInput | ExemplarOptions, options?: ExemplarOptions): void {
    if (typeof first === 'object') this.#inc(second as number | undefined, first, options);
    else if (second !== undefined && isOptions(this.table, second)) this.#inc(first, undefined, second);
    else this.#inc(first, second as LabelInput | undefined, options);
  }

  /** The handle for these labels; its series exists from now on, at 0. */
  labels(labels: Labels<L>): CounterChild {
    const series = this.table.bind(labels);
    if (series === 'changing') return { inc: (value, options) => this.#inc(value, labels, options) };
    return series ?? IGNORED;
  }

  /** What this process counted so far for these labels; 0 if there is nothing. */
  value(...args: LabelArguments<L>): number {
    return this.table.peek(args[0])?.total ?? 0;
  }

  #inc(value: number | undefined = 1, labels: LabelInput | undefined, options?: ExemplarOptions): void {
    const { table } = this;
    if (table.lanes === 0) return;
    if (!countable(value)) return refuseCount(this.table, value);
    if ((table.lanes & COUNT) !== 0) {
      const series = table.find(labels);
      if (series === undefined) return;
      series.add(value, options?.exemplar);
    }
    if ((table.lanes & RECORD) !== 0) this.record('inc', value, labels);
  }
}

/** One counter series. */
export class CounterSeries extends Series<'counter'> implements CounterChild {
  #pending = 0;
  #taken = 0;
  #exemplars: ExemplarSlots | undefined;

  constructor(table: SeriesOwner, labelValues: readonly string[]) {
    super(table, labelValues);
    this.#exemplars = table.definition.exemplars ? new ExemplarSlots(true) : undefined;
  }

  get total(): number {
    return this.#taken + this.#pending;
  }

  inc(value = 1, options?: ExemplarOptions): void {
    const { lanes } = this.table;
    if (lanes === 0) return;
    if (!countable(value)) return refuseCount(this.table, value);
    if ((lanes & COUNT) !== 0) this.add(value, options?.exemplar);
    if ((lanes & RECORD) !== 0) this.record('inc', value);
  }

  /** @internal */
  add(value: number, exemplar?: object): void {
    if (this.removed) return this.successor()?.add(value, exemplar);
    this.#pending += value;
    if (exemplar !== undefined) this.#putExemplar(value, exemplar);
    else if (this.#exemplars !== undefined) this.#exemplars.sample(0, value);
    this.touch();
  }

  #putExemplar(value: number, exemplar: object): void {
    this.#exemplars ??= new ExemplarSlots(false);
    this.#exemplars.put(0, value, exemplar, this.table);
  }

  override takeExemplars(into: ExemplarDelta[]): void {
    this.#exemplars?.take(this.labelValues, into);
  }

  override take(): CounterDelta {
    const add = this.#pending;
    this.#taken += add;
    this.#pending = 0;
    return { labelValues: this.labelValues, add };
  }

  override clear(): void {
    this.#pending = 0;
    this.#taken = 0;
    this.#exemplars?.clear();
    this.ops = 0;
  }
}

const IGNORED: CounterChild = { inc: () => undefined };

function countable(value: number): boolean {
  return typeof value === 'number' && value >= 0 && value !== Number.POSITIVE_INFINITY;
}

function refuseCount(table: SeriesOwner, value: unknown): void {
  refuseValue(table, 'finite numbers that are not negative', value);
}
