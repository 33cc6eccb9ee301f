import { checkKnownKeys } from '../diagnostics/options.js';
import type { InfoState } from '../record/batch.js';
import { labelNameFault } from '../record/names.js';
import type { LabelArguments } from './arguments.js';
import { defineMetric, MAX_LABELS } from './definition.js';
import type { LabelInput } from './label-reader.js';
import { contextLabelsOf, type Labels, METRIC_OPTIONS, Metric, type MetricOptions } from './metric.js';
import { COUNT, RECORD } from './metric-host.js';
import { refuseValue, shownError } from './refusal.js';
import { Series, type SeriesOwner } from './series.js';

/** The pairs of an info: label names and what they say. Numbers and booleans are written as text. */
export type InfoPairs = Readonly<Record<string, string | number | boolean>>;

/** A handle on one series of an info: it looks nothing up. */
export interface InfoChild {
  info(pairs: InfoPairs): void;
}

/** Facts that don't change often, as labels: a version, a build. Exposed as `<name>_info{…} 1`. */
export class Info<const L extends string = never> extends Metric<L, InfoSeries> {
  constructor(options: MetricOptions<L>) {
    checkKnownKeys('Info', options, METRIC_OPTIONS);
    const { name, help, units = 'info', labelNames = [], labels = {}, job, profiler } = options;
    const parts = { name, kind: 'info', help, units, job, labelNames, constants: labels, contextLabels: contextLabelsOf(options) } as const;
    super(defineMetric(parts), (table, values) => new InfoSeries(table, values), profiler);
    this.operations = { info: (value, labelValues) => this.#info(value, labelValues) };
    this.defaultOperation = 'info';
  }

  /** Says `pairs` from now on, instead of what was said before. */
  info(pairs: InfoPairs, ...labels: LabelArguments<L>): void {
    this.#info(pairs, labels[0]);
  }

  /** The handle for these labels. */
  labels(labels: Labels<L>): InfoChild {
    const series = this.table.bind(labels);
    if (series === 'changing') return { info: (pairs) => this.#info(pairs, labels) };
    return series ?? IGNORED;
  }

  /** What was said last for these labels; undefined if nothing was. */
  value(...args: LabelArguments<L>): Readonly<Record<string, string>> | undefined {
    return this.table.peek(args[0])?.current;
  }

  #info(pairs: InfoPairs, labels: LabelInput | undefined): void {
    const { table } = this;
    if (table.lanes === 0) return;
    const text = checkedPairs(table, pairs);
    if (text === undefined) return;
    if ((table.lanes & COUNT) !== 0) {
      const series = table.find(labels);
      if (series === undefined) return;
      series.say(text);
    }
    if ((table.lanes & RECORD) !== 0) this.record('info', { ...pairs }, labels);
  }
}

/** One info series. */
export class InfoSeries extends Series<'info'> implements InfoChild {
  #pairs: Readonly<Record<string, string>> | undefined;

  get current(): Readonly<Record<string, string>> | undefined {
    return this.#pairs;
  }

  info(pairs: InfoPairs): void {
    const { lanes } = this.table;
    if (lanes === 0) return;
    const text = checkedPairs(this.table, pairs);
    if (text === undefined) return;
    if ((lanes & COUNT) !== 0) this.say(text);
    if ((lanes & RECORD) !== 0) this.record('info', { ...pairs });
  }

  /** @internal */
  say(pairs: Readonly<Record<string, string>>): void {
    if (this.removed) return this.successor()?.say(pairs);
    this.#pairs = pairs;
    this.touch();
  }

  override take(): InfoState | undefined {
    return this.#pairs === undefined ? undefined : { labelValues: this.labelValues, pairs: this.#pairs };
  }

  override clear(): void {
    this.#pairs = undefined;
    this.ops = 0;
  }
}

const IGNORED: InfoChild = { info: () => undefined };

/** The pairs as text, or undefined if they were refused. */
function checkedPairs(table: SeriesOwner, pairs: InfoPairs): Readonly<Record<string, string>> | undefined {
  if (typeof pairs !== 'object' || pairs === null || Array.isArray(pairs)) {
    refuseValue(table, 'an object of names and texts', pairs);
    return undefined;
  }
  const text: Record<string, string> = {};
  try {
    const entries = Object.entries(pairs);
    if (entries.length + table.definition.schema.labelNames.length > MAX_LABELS) {
      return refusePairs(table, `${entries.length} facts are too many; facts and labels together can be ${MAX_LABELS} at most`);
    }
    for (const [name, value] of entries) {
      const fault = pairFault(table, name, value);
      if (fault !== undefined) return refusePairs(table, fault);
      text[name] = String(value);
    }
  } catch (error) {
    return refusePairs(table, `they can't be read: ${shownError(error)}`);
  }
  return text;
}

function pairFault({ definition, labelValueLength }: SeriesOwner, name: string, value: unknown): string | undefined {
  const fault = definition.schema.labelNames.includes(name) ? 'it is a label of the metric' : labelNameFault(name);
  if (fault !== undefined) return `'${name}' can't name a fact; ${fault}`;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    return `the fact '${name}' is of type ${typeof value}; give a string, number or boolean`;
  }
  const { length } = String(value);
  return length > labelValueLength ? `the fact '${name}' has ${length} characters, ${labelValueLength} are allowed` : undefined;
}

function refusePairs(table: SeriesOwner, fault: string): undefined {
  table.refuse('value', fault);
}
