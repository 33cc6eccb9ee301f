import type { Diagnostics } from '../diagnostics/diagnostics.js';
import { outOfRange } from '../diagnostics/misuse.js';
import { PhanosError } from '../diagnostics/phanos-error.js';
import type { ContextLabel } from '../metrics/definition.js';
import type { DefaultOptions } from '../metrics/histogram.js';
import type { Metric } from '../metrics/metric.js';
import type { MetricHost } from '../metrics/metric-host.js';
import { DefaultResponseSize, RESPONSE_SIZE } from '../metrics/response-size.js';
import type { SeriesTable } from '../metrics/series-table.js';
import { DefaultTimeProfiler, TIME_PROFILER } from '../metrics/time-profiler.js';
import type { MetricKind } from '../record/recorded.js';
import type { CallPath, Engine } from './engine.js';

/** Exposed names of the default metrics, which no other metric may have, whether they are there or not. */
const DEFAULT_FAMILIES: readonly string[] = ['phanos_time_profiler_seconds', 'phanos_response_size_bytes'];

const ABSOLUTE: ReadonlySet<MetricKind> = new Set(['enum', 'gauge', 'info']);

/** How default metrics are made. */
export interface DefaultForm {
  readonly callPath: CallPath;
  readonly errorRaisedLabel: boolean;
  readonly options: DefaultOptions;
}

/** The metrics of a profiler by name. */
export class MetricRegistry {
  readonly #metrics = new Map<string, Metric>();
  /** How much of the call path the default metrics carried the last time. */
  readonly #paths = new Map<string, CallPath>();
  /** Tables of default metrics that were replaced and whose series are still in the output, one for each set of label names. */
  readonly #replaced = new Map<string, SeriesTable[]>();
  readonly #host: MetricHost;
  readonly #diagnostics: Diagnostics;

  constructor(host: MetricHost, diagnostics: Diagnostics) {
    this.#host = host;
    this.#diagnostics = diagnostics;
  }

  /** In the order in which their records are handed over. */
  get all(): ReadonlyMap<string, Metric> {
    return this.#metrics;
  }

  /** Adds a metric, in the place of one of the same name; that one's series leave the output, with a warning. Throws METRIC_CONFLICT, or a RangeError. */
  add(metric: Metric): void {
    this.#checkPlace(metric);
    this.#checkLengths(metric);
    const { name } = metric;
    const known = this.#metrics.get(name);
    const isOther = known !== undefined && known.table !== metric.table;
    if (isOther) this.#diagnostics.report('warn', `replaced ${name}`, { metric: name }, `metric '${name}' existed and was replaced`);
    this.#put(metric, false);
  }

  /** @param goesOn in the same series as the metric in whose place it is put; else those leave the output */
  #put(metric: Metric, goesOn: boolean): void {
    const { name, table } = metric;
    const known = this.#metrics.get(name);
    if (known !== undefined && known.table !== table) {
      if (goesOn) this.#keepReplaced(known);
      else this.#retire(known);
    }
    this.#metrics.set(name, metric);
    table.attach(this.#host);
  }

  /** Takes a metric and its series out; used later, it records nothing. False if there is none of this name. */
  delete(name: string): boolean {
    const metric = this.#metrics.get(name);
    if (metric === undefined) return false;
    this.#retire(metric);
    return this.#metrics.delete(name);
  }

  /** Takes the series of a metric out of the output, and those of the metrics in whose place it was put. */
  #retire({ name, table }: Metric): void {
    for (const each of [...(this.#replaced.get(name) ?? []), table]) {
      each.attach(this.#host);
      each.retire();
      each.attach(undefined);
    }
    this.#replaced.delete(name);
  }

  #keepReplaced({ name, table }: Metric): void {
    table.attach(undefined);
    const replaced = this.#replaced.get(name) ?? [];
    this.#replaced.set(name, replaced);
    const labelNames = ({ definition }: SeriesTable): string => definition.schema.labelNames.join();
    const alike = replaced.find((other) => labelNames(other) === labelNames(table));
    if (alike === undefined) replaced.push(table);
    else for (const series of table.series()) alike.adopt(series);
  }

  /**
   * Makes a default metric, or makes it anew. Its series go on, unless the call path is shown in another way now: the same label values would mean
   * other calls, so the series of before leave the output. A metric of the user's that has the name stays, with a warning.
   */
  addDefault(name: string, form: DefaultForm): void {
    const known = this.#metrics.get(name);
    if (known === undefined || isDefault(known)) {
      const goesOn = this.#paths.get(name) === form.callPath;
      this.#paths.set(name, form.callPath);
      const Default = name === TIME_PROFILER ? DefaultTimeProfiler : DefaultResponseSize;
      this.#put(new Default(labelsOf(form), form.options), goesOn);
      return;
    }
    const remedy = `give yours another name, or switch ${name === TIME_PROFILER ? 'timeProfile' : 'responseSizeProfile'} off`;
    const message = `metric '${name}' is one of yours and stays, so phanos's own of that name is not there; ${remedy}`;
    this.#diagnostics.report('warn', `default ${name}`, { metric: name }, message);
  }

  /** Names of the default metrics that are there. */
  get defaults(): string[] {
    return [TIME_PROFILER, RESPONSE_SIZE].filter((name) => isDefault(this.#metrics.get(name)));
  }

  /** Tables of gauges, infos and enums, whose series carry state. */
  absoluteTables(): SeriesTable[] {
    return [...this.#metrics.values()].map(({ table }) => table).filter(({ definition }) => ABSOLUTE.has(definition.kind));
  }

  /** What calls are measured with. A metric of the user's that has the name of a default one has other labels. */
  defaultTable(name: string): Engine['time'] {
    const metric = this.#metrics.get(name);
    return isDefault(metric) ? (metric?.table as unknown as Engine['time']) : undefined;
  }

  /** What is a label value in each series is bounded as those are that calls give. */
  #checkLengths({ name, table }: Metric): void {
    const { constantLabels, schema } = table.definition;
    const limit = this.#host.limits.labelValueLength;
    const values = [...constantLabels, ...schema.states.map((state) => ['a state', state] as const)];
    const long = values.find(([, value]) => value.length > limit);
    if (long === undefined) return;
    const what = schema.states.includes(long[1]) ? long[0] : `label '${long[0]}'`;
    throw outOfRange(
      'OPTION_INVALID',
      `metric '${name}': ${what} has ${long[1].length} characters, ${limit} are allowed; shorten it, or raise limits.labelValueLength before`,
    );
  }

  /** Two metrics whose samples have the same names would be refused by Prometheus, and by the collector before. */
  #checkPlace(metric: Metric): void {
    const { name, table } = metric;
    if (table.host !== undefined && table.host !== this.#host) {
      const remedy = `call its deleteMetric('${name}') first, or make a second metric`;
      throw new PhanosError('METRIC_CONFLICT', `metric '${name}' belongs to another profiler; ${remedy}`);
    }
    const family = table.definition.schema.name;
    const other = [...this.#metrics.values()].find((known) => known.name !== name && known.table.definition.schema.name === family);
    const isTaken = other !== undefined || (!isDefault(metric) && DEFAULT_FAMILIES.includes(family));
    if (!isTaken) return;
    const owner = other === undefined ? 'a metric of phanos itself' : `metric '${other.name}'`;
    throw new PhanosError('METRIC_CONFLICT', `metric '${name}' would be exposed as ${family}, just as ${owner} is; choose another name`);
  }
}

/** Labels that a default metric takes from the running call. */
function labelsOf({ callPath, errorRaisedLabel }: DefaultForm): ContextLabel[] {
  return [...(callPath === 'off' ? [] : ['method' as const]), 'function', ...(errorRaisedLabel ? ['error_raised' as const] : [])];
}

function isDefault(metric: unknown): boolean {
  return metric instanceof DefaultTimeProfiler || metric instanceof DefaultResponseSize;
}
