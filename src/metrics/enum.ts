import { misuse } from '../diagnostics/misuse.js';
import { checkKnownKeys, expectString, invalidOption } from '../diagnostics/options.js';
import type { EnumMerge, EnumState } from '../record/batch.js';
import type { LabelArguments, RecordingArguments } from './arguments.js';
import { defineMetric } from './definition.js';
import type { LabelInput } from './label-reader.js';
import { contextLabelsOf, type Labels, METRIC_OPTIONS, Metric, type MetricOptions } from './metric.js';
import { COUNT, RECORD } from './metric-host.js';
import { shown } from './refusal.js';
import { Series, type SeriesOwner } from './series.js';

/** Options of an enum. */
export interface EnumOptions<L extends string = never, S extends string = string> extends MetricOptions<L> {
  /** All states, at least one; the first is the state of the beginning. */
  readonly states: readonly S[];
  /**
   * How the states of several workers become one: the `state` of the worker that changed last among those that live, or the `count` of living workers
   * in each state. Default: `state`
   */
  readonly merge?: EnumMerge;
}

/** A handle on one series of an enum: it looks nothing up. */
export interface EnumChild<S extends string = string> {
  state(state: S): void;
}

const ENUM_OPTIONS = [...METRIC_OPTIONS, 'states', 'merge'] as const;

/** Which of a few states something is in. Exposed as one sample a state, 1 for the current one. */
export class Enum<const L extends string = never, const S extends string = string> extends Metric<L, EnumSeries> {
  constructor(options: EnumOptions<L, S>) {
    checkKnownKeys('Enum', options, ENUM_OPTIONS);
    const { name, help, units = 'enum', labelNames = [], labels = {}, job, profiler, states, merge } = options;
    checkStates(name, states);
    const parts = {
      name,
      kind: 'enum',
      help,
      units,
      job,
      labelNames,
      constants: labels,
      contextLabels: contextLabelsOf(options),
      states,
      merge,
    } as const;
    super(defineMetric(parts), (table, values) => new EnumSeries(table, values), profiler);
    this.operations = { state: (value, labelValues) => this.#state(value, labelValues) };
    this.defaultOperation = 'state';
  }

  /** Is in `state` from now on. A state that was not declared is refused. */
  state(...args: RecordingArguments<L, S>): void;
  state(first: string | LabelInput, second?: string | LabelInput): void {
    if (typeof first === 'object') this.#state(second as string, first);
    else this.#state(first, second as LabelInput | undefined);
  }

  /** The handle for these labels; its series exists from now on, in the first state. */
  labels(labels: Labels<L>): EnumChild<S> {
    const series = this.table.bind(labels);
    if (series === 'changing') return { state: (state) => this.#state(state, labels) };
    return series ?? IGNORED;
  }

  /** The state for these labels; undefined if there is no such series. */
  value(...args: LabelArguments<L>): S | undefined {
    return this.table.peek(args[0])?.current as S | undefined;
  }

  #state(state: string, labels: LabelInput | undefined): void {
    const { table } = this;
    if (table.lanes === 0) return;
    if (!table.definition.schema.states.includes(state)) return refuseState(table, state);
    if ((table.lanes & COUNT) !== 0) {
      const series = table.find(labels);
      if (series === undefined) return;
      series.enter(state);
    }
    if ((table.lanes & RECORD) !== 0) this.record('state', state, labels);
  }
}

/** One enum series. */
export class EnumSeries extends Series<'enum'> implements EnumChild {
  #state = this.table.definition.schema.states[0] as string;

  get current(): string {
    return this.#state;
  }

  state(state: string): void {
    const { lanes } = this.table;
    if (lanes === 0) return;
    if (!this.table.definition.schema.states.includes(state)) return refuseState(this.table, state);
    if ((lanes & COUNT) !== 0) this.enter(state);
    if ((lanes & RECORD) !== 0) this.record('state', state);
  }

  /** @internal */
  enter(state: string): void {
    if (this.removed) return this.successor()?.enter(state);
    this.#state = state;
    this.touch();
  }

  override take(): EnumState {
    return { labelValues: this.labelValues, state: this.#state };
  }

  override clear(): void {
    this.#state = this.table.definition.schema.states[0] as string;
    this.ops = 0;
  }
}

const IGNORED: EnumChild = { state: () => undefined };

function checkStates(name: string, states: readonly string[]): void {
  if (!Array.isArray(states)) throw invalidOption(`enum '${name}'`, 'states', 'an array of texts', states);
  if (states.length === 0) throw misuse('OPTION_INVALID', `enum '${name}': states is empty; give at least one state`);
  for (const [i, state] of states.entries()) expectString(`enum '${name}'`, `states[${i}]`, state);
  const twice = states.find((state, i) => states.indexOf(state) !== i);
  if (twice !== undefined) throw misuse('OPTION_INVALID', `enum '${name}': state '${twice}' is given twice`);
}

function refuseState(table: SeriesOwner, state: unknown): void {
  table.refuse('state', `unknown state ${shown(state)}; known states: ${table.definition.schema.states.join(', ')}`);
}
