import { checkKnownKeys } from '../diagnostics/options.js';
import type { SummaryDelta } from '../record/batch.js';
import type { LabelArguments, RecordingArguments } from './arguments.js';
import { defineMetric } from './definition.js';
import { type HistogramChild, ignored, mergeLabels, type Observed, observable, refuseObservation } from './histogram.js';
import { contextLabelsOf, type Labels, METRIC_OPTIONS, Metric, type MetricOptions } from './metric.js';
import { COUNT, RECORD } from './metric-host.js';
import { Series } from './series.js';
import type { LabelInput } from './series-table.js';
import { startTimer } from './timer.js';

/** A handle on one series of a summary: it looks nothing up. */
export type SummaryChild = HistogramChild;

/** Sum and count of observed values, from which Prometheus derives averages. */
export class Summary<const L extends string = never> extends Metric<L, SummarySeries> {
  constructor(options: MetricOptions<L>) {
    checkKnownKeys('Summary', options, METRIC_OPTIONS);
    const { name, help, units = '', labelNames = [], labels = {}, job, profiler } = options;
    const parts = {
      name,
      kind: 'summary',
      help,
      units,
      job,
      labelNames,
      constants: labels,
      contextLabels: contextLabelsOf(options),
    } as const;
    super(defineMetric(parts), (table, values) => new SummarySeries(table, values), profiler);
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
  labels(labels: Labels<L>): SummaryChild {
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

/** One summary series. */
export class SummarySeries extends Series<'summary'> implements SummaryChild {
  #count = 0;
  #sum = 0;
  #takenCount = 0;
  #takenSum = 0;

  get total(): Observed {
    return { count: this.#takenCount + this.#count, sum: this.#takenSum + this.#sum };
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
    this.#count++;
    this.#sum += value;
    this.touch();
  }

  override take(): SummaryDelta {
    const delta = { labelValues: this.labelValues, count: this.#count, sum: this.#sum };
    this.#takenCount += this.#count;
    this.#takenSum += this.#sum;
    this.#count = 0;
    this.#sum = 0;
    return delta;
  }

  override clear(): void {
    this.#count = 0;
    this.#sum = 0;
    this.#takenCount = 0;
    this.#takenSum = 0;
    this.ops = 0;
  }
}
