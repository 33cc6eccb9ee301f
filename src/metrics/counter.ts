import { checkKnownKeys } from '../diagnostics/options.js';
import type { CounterDelta } from '../record/batch.js';
import type { CountingArguments, LabelArguments } from './arguments.js';
import { defineMetric } from './definition.js';
import { contextLabelsOf, type Labels, METRIC_OPTIONS, Metric, type MetricOptions } from './metric.js';
import { COUNT, RECORD } from './metric-host.js';
import { refuseValue } from './refusal.js';
import { Series, type SeriesOwner } from './series.js';
import type { LabelInput } from './series-table.js';

/** A handle on one series of a counter: it looks nothing up. */
export interface CounterChild {
  /** @param value finite and not negative. Default: 1 */
  inc(value?: number): void;
}

/** Counts things that only ever grow. Exposed as `<name>_total`. */
export class Counter<const L extends string = never> extends Metric<L, CounterSeries> {
  constructor(options: MetricOptions<L>) {
    checkKnownKeys('Counter', options, METRIC_OPTIONS);
    const { name, help, units = '', labelNames = [], labels = {}, job, profiler } = options;
    const parts = {
      name,
      kind: 'counter',
      help,
      units,
      job,
      labelNames,
      constants: labels,
      contextLabels: contextLabelsOf(options),
    } as const;
    super(defineMetric(parts), (table, values) => new CounterSeries(table, values), profiler);
    this.operations = { inc: (value, labelValues) => this.#inc(value, labelValues) };
    this.defaultOperation = 'inc';
  }

  /** Adds `value` (finite, not negative, 1 by default). */
  inc(...args: CountingArguments<L>): void;
  inc(first?: number | LabelInput, second?: number | LabelInput): void {
    if (typeof first === 'object') this.#inc(second as number | undefined, first);
    else this.#inc(first, second as LabelInput | undefined);
  }

  /** The handle for these labels; its series exists from now on, at 0. */
  labels(labels: Labels<L>): CounterChild {
    if (this.table.definition.contextLabels.length > 0) return { inc: (value) => this.#inc(value, labels) };
    return this.table.find(labels) ?? IGNORED;
  }

  /** What this process counted so far for these labels; 0 if there is nothing. */
  value(...args: LabelArguments<L>): number {
    return this.table.peek(args[0])?.total ?? 0;
  }

  #inc(value: number | undefined = 1, labels: LabelInput | undefined): void {
    const { table } = this;
    if (table.lanes === 0) return;
    if (!countable(value)) return refuseCount(this.table, value);
    if ((table.lanes & COUNT) !== 0) {
      const series = table.find(labels);
      if (series === undefined) return;
      series.add(value);
    }
    if ((table.lanes & RECORD) !== 0) this.record('inc', value, labels);
  }
}

/** One counter series. */
export class CounterSeries extends Series<'counter'> implements CounterChild {
  #pending = 0;
  #taken = 0;

  get total(): number {
    return this.#taken + this.#pending;
  }

  inc(value = 1): void {
    const { lanes } = this.table;
    if (lanes === 0) return;
    if (!countable(value)) return refuseCount(this.table, value);
    if ((lanes & COUNT) !== 0) this.add(value);
    if ((lanes & RECORD) !== 0) this.record('inc', value);
  }

  /** @internal */
  add(value: number): void {
    if (this.removed) return this.successor()?.add(value);
    this.#pending += value;
    this.touch();
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
