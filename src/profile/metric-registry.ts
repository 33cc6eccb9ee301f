import type { Diagnostics } from '../diagnostics/diagnostics.js';
import { PhanosError } from '../diagnostics/phanos-error.js';
import type { ContextLabel } from '../metrics/definition.js';
import type { DefaultOptions } from '../metrics/histogram.js';
import type { Metric } from '../metrics/metric.js';
import type { MetricHost } from '../metrics/metric-host.js';
import { DefaultResponseSize, RESPONSE_SIZE } from '../metrics/response-size.js';
import type { SeriesTable } from '../metrics/series-table.js';
import { DefaultTimeProfiler, TIME_PROFILER } from '../metrics/time-profiler.js';
import type { MetricKind } from '../record/recorded.js';
import type { Engine } from './engine.js';

/** Exposed names of the default metrics, which no other metric may have, whether they are there or not. */
const DEFAULT_FAMILIES: readonly string[] = ['phanos_time_profiler_seconds', 'phanos_response_size_bytes'];

const ABSOLUTE: ReadonlySet<MetricKind> = new Set(['enum', 'gauge', 'info']);

/** The metrics of a profiler by name. */
export class MetricRegistry {
  readonly #metrics = new Map<string, Metric>();
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

  /**
   * Adds a metric, in the place of one of the same name; that one's series leave the output, with a warning. Only a default metric that is made
   * anew goes on in the same series. Throws METRIC_CONFLICT.
   */
  add(metric: Metric): void {
    this.#checkPlace(metric);
    const { name, table } = metric;
    const known = this.#metrics.get(name);
    if (known !== undefined && known.table !== table) {
      if (!isDefault(known) || !isDefault(metric)) {
        this.#diagnostics.report('warn', `replaced ${name}`, { metric: name }, `metric '${name}' existed and was replaced`);
        known.table.retire();
      }
      known.table.attach(undefined);
    }
    this.#metrics.set(name, metric);
    table.attach(this.#host);
  }

  /** Takes a metric and its series out; used later, it records nothing. False if there is none of this name. */
  delete(name: string): boolean {
    const metric = this.#metrics.get(name);
    if (metric === undefined) return false;
    metric.table.retire();
    metric.table.attach(undefined);
    return this.#metrics.delete(name);
  }

  /** Makes a default metric, or makes it anew: its labels depend on the configuration. */
  addDefault(name: string, labels: readonly ContextLabel[], options: DefaultOptions): void {
    this.add(name === TIME_PROFILER ? new DefaultTimeProfiler(labels, options) : new DefaultResponseSize(labels, options));
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

function isDefault(metric: unknown): boolean {
  return metric instanceof DefaultTimeProfiler || metric instanceof DefaultResponseSize;
}
