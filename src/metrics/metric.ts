import { expectBoolean, invalidOption } from '../diagnostics/options.js';
import type { RecordValue } from '../record/recorded.js';
import { type ContextLabel, checkSameDefinition, type MetricDefinition } from './definition.js';
import type { LabelInput } from './label-reader.js';
import { type MetricHost, RECORD } from './metric-host.js';
import { shown, shownError } from './refusal.js';
import type { Series } from './series.js';
import { type SeriesFactory, SeriesTable } from './series-table.js';

/** Values of the labels `L`. Numbers and booleans are written as text. */
export type Labels<L extends string> = Readonly<Record<L, string | number | boolean>>;

/** Where a metric registers: a profiler. */
export interface MetricOwner {
  /** @internal */
  readonly metricHost: MetricHost;
  getMetric(name: string): Metric | undefined;
  addMetric(metric: Metric): void;
  deleteMetric(name: string): void;
}

let defaultOwner: MetricOwner | undefined;

/** The profiler that metrics register with unless told otherwise; set once by the default profiler. */
export function setDefaultOwner(owner: MetricOwner): void {
  defaultOwner = owner;
}

/** The profiler that metrics register with unless told otherwise; undefined until there is one. */
export function getDefaultOwner(): MetricOwner | undefined {
  return defaultOwner;
}

/** True for profilers, and what stands in for one. */
export function isOwner(value: unknown): value is MetricOwner {
  if (typeof value !== 'object' || value === null) return false;
  const { getMetric, addMetric, deleteMetric } = value as MetricOwner;
  return [getMetric, addMetric, deleteMetric].every((method) => typeof method === 'function');
}

/** Options that all metrics share. */
export interface MetricOptions<L extends string = never> {
  /** Letters, digits, `_` and `:`; no leading digit; not ending in `_total`, `_sum`, … of another kind. */
  readonly name: string;
  /** One sentence for `# HELP`. Default: made from the name. */
  readonly help?: string;
  /** `mS`, `ms`, `s` and `B` are exposed in seconds and bytes, anything else as it is. */
  readonly units?: string;
  /** Labels that each call must give, in the order of the output. Default: none. */
  readonly labelNames?: readonly L[];
  /** Labels that always have the same value. Default: none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Job of its records. Default: the profiler's. */
  readonly job?: string;
  /** Adds the call path as label `method`. Default: false, only records carry it. */
  readonly method?: boolean;
  /** Profiler to register with, or null for none until `profiler.addMetric(metric)`. Default: the default profiler. */
  readonly profiler?: MetricOwner | null;
}

/** Arguments of {@link Metric.storeOperation}. */
export interface StoredOperation<L extends string> {
  /** Name of one of the metric's operations. Default: its `defaultOperation`. */
  readonly operation?: string;
  readonly value?: unknown;
  readonly labelValues?: Labels<L>;
  /** Call path for the record, and for the label `method` of a metric that has it, as `profiler.currentNode.context` gives it. Default: the running call's. */
  readonly method?: string;
}

/** What `operations` maps names to. */
// biome-ignore lint/suspicious/noExplicitAny: each operation takes the value of its own kind
export type Operation = (value: any, labelValues?: any) => void;

/** Keys of {@link MetricOptions}, for the check of unknown ones. */
export const METRIC_OPTIONS = ['name', 'help', 'units', 'labelNames', 'labels', 'job', 'method', 'profiler'] as const;

/**
 * A metric as users hold it. Two with the same definition are handles on the same series.
 *
 * Recording never throws: what can't be recorded is refused, counted by reason and logged once a minute and cause.
 */
export abstract class Metric<L extends string = string, S extends Series = Series> {
  /** Operations by name, for `storeOperation`; subclasses add theirs. */
  operations: Record<string, Operation> = {};
  /** Operation of `storeOperation` when none is named. */
  defaultOperation = '';
  /** @internal */
  readonly table: SeriesTable<S>;

  constructor(definition: MetricDefinition, make: SeriesFactory<S>, owner: MetricOwner | null = defaultOwner ?? null) {
    checkOwner(definition, owner);
    const known = owner?.getMetric(definition.name);
    if (known !== undefined) {
      checkSameDefinition(known.table.definition, definition);
      this.table = known.table as SeriesTable<S>;
      return;
    }
    this.table = new SeriesTable(definition, make);
    owner?.addMetric(this);
  }

  get name(): string {
    return this.table.definition.name;
  }

  get help(): string {
    return this.table.definition.help;
  }

  get units(): string {
    return this.table.definition.units;
  }

  get labelNames(): readonly L[] {
    return this.table.definition.labelNames as readonly L[];
  }

  /** Runs an operation by name; its record carries `method` as call path. An unknown operation is refused and counted. */
  storeOperation(stored: StoredOperation<L> = {}): void {
    const { table, operations } = this;
    if (typeof stored !== 'object' || stored === null) {
      table.refuse('operation', `storeOperation takes an object such as { operation, value, labelValues, method }, got ${shown(stored)}`);
      return;
    }
    const { operation = this.defaultOperation, value, labelValues, method } = stored;
    if (method !== undefined && typeof method !== 'string') {
      table.refuse('operation', `method is a call path, a text; got ${shown(method)}`);
      return;
    }
    const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (typeof run !== 'function') {
      table.refuse('operation', `unknown operation ${shown(operation)}; known operations: ${Object.keys(operations).join(', ') || 'none'}`);
      return;
    }
    const failed = (error: unknown): void => table.refuse('operation_error', `operation '${operation}' threw ${shownError(error)}`);
    const outer = table.methodOverride;
    table.methodOverride = method;
    try {
      const returned: unknown = run.call(this, value, labelValues);
      if (returned instanceof Promise) returned.catch(failed);
    } catch (error) {
      failed(error);
    } finally {
      table.methodOverride = outer;
    }
  }

  /** Called when the records of a root call were handed to every handler. Override it to drop what you gathered during the call. */
  cleanup(): void {}

  /** Removes the series of these labels from the output. False if there is none. */
  remove(labels?: Labels<L>): boolean {
    return this.table.remove(labels);
  }

  /** Removes all series; a metric without labels begins again. */
  reset(): void {
    this.table.reset();
  }

  /** Puts a record into the running root's buffer if the labels are right. */
  protected record(operation: string, value: RecordValue, labels: LabelInput | undefined): void {
    if ((this.table.lanes & RECORD) !== 0) this.table.record(operation, value, labels);
  }
}

/** The context labels that the option `method` asks for. */
export function contextLabelsOf({ name, method = false }: Pick<MetricOptions, 'name' | 'method'>): readonly ContextLabel[] {
  return expectBoolean(`metric '${name}'`, 'method', method) ? ['method'] : [];
}

function checkOwner({ kind, name }: MetricDefinition, owner: MetricOwner | null): void {
  if (owner === null || isOwner(owner)) return;
  throw invalidOption(`${kind} '${name}'`, 'profiler', 'a profiler, or null for none', owner);
}
