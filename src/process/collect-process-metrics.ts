import { checkKnownKeys, expectBoolean, expectString, expectWhole, invalidOption } from '../diagnostics/options.js';
import { PhanosError } from '../diagnostics/phanos-error.js';
import { checkBuckets } from '../metrics/buckets.js';
import { getDefaultOwner, isOwner, type Metric, type MetricOwner } from '../metrics/metric.js';
import { activeSources } from './active.js';
import { cpuSource } from './cpu.js';
import { eventLoopSource } from './event-loop.js';
import { startSource, versionSource } from './facts.js';
import { filesSource } from './files.js';
import { garbageSource } from './garbage.js';
import { heapSource } from './heap.js';
import { Instruments } from './instruments.js';
import { memorySource } from './memory.js';
import type { Source } from './source.js';

/** Options of {@link collectProcessMetrics}. */
export interface ProcessMetricsOptions {
  /** Profiler that shows them. @default the default profiler */
  readonly profiler?: MetricOwner;
  /** In front of each name. @default '' */
  readonly prefix?: string;
  /** Labels that all of them have. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Also `nodejs_active_{resources,handles,requests}_total`, for dashboards that were made for prom-client: gauges with the ending of counters,
   * which Prometheus's own lint rejects.
   * @default false
   */
  readonly legacyNames?: boolean;
  /** Upper bounds of `nodejs_gc_duration_seconds`, in seconds. @default [0.001, 0.01, 0.1, 1, 2, 5] */
  readonly gcDurationBuckets?: readonly number[];
  /** Milliseconds between two looks at the event loop, from which its lag is told. @default 10 */
  readonly eventLoopMonitoringPrecision?: number;
}

/** Process metrics that are being collected. */
export interface ProcessMetrics {
  /** Takes the metrics off `/metrics` and releases what observes. Does nothing the second time. */
  stop(): void;
}

const KNOWN = ['profiler', 'prefix', 'labels', 'legacyNames', 'gcDurationBuckets', 'eventLoopMonitoringPrecision'] as const;
const GC_BUCKETS: readonly number[] = [0.001, 0.01, 0.1, 1, 2, 5];

/** Collections by the profiler that shows them. */
const running = new WeakMap<MetricOwner, { readonly key: string; readonly collection: ProcessMetrics }>();

/**
 * Shows what the process uses: CPU, memory, heap, event loop, garbage collection, handles, files, start and version, under the names that dashboards for
 * Node.js know. They are read at each scrape. In a worker thread only what is the thread's own is shown, for the rest is the main thread's to tell.
 *
 * Called again with the same options it gives what is running. Throws METRIC_CONFLICT if other ones run or if a name is taken, and a TypeError or
 * RangeError that names a wrong option.
 */
export function collectProcessMetrics(options: ProcessMetricsOptions = {}): ProcessMetrics {
  const { profiler, ...settings } = normalize(options);
  const key = JSON.stringify(settings);
  const known = running.get(profiler);
  if (known?.key === key) return known.collection;
  if (known !== undefined) {
    throw new PhanosError(
      'METRIC_CONFLICT',
      'process metrics are being collected with other options; call stop() on what collectProcessMetrics returned first',
    );
  }
  // Then nothing is counted, and nothing is to be observed.
  if (process.env.PHANOS_DISABLED === '1') return { stop: () => undefined };
  const metrics: Metric[] = [];
  const owner: MetricOwner = {
    metricHost: profiler.metricHost,
    getMetric: (name) => profiler.getMetric(name),
    addMetric: (metric) => {
      profiler.addMetric(metric);
      metrics.push(metric);
    },
    deleteMetric: (name) => profiler.deleteMetric(name),
  };
  const sources: Source[] = [];
  const stop = (): void => {
    if (running.get(profiler)?.collection === collection) running.delete(profiler);
    for (const source of sources.splice(0)) source.stop?.();
    for (const metric of metrics.splice(0)) if (profiler.getMetric(metric.name) === metric) profiler.deleteMetric(metric.name);
  };
  const collection: ProcessMetrics = { stop };
  try {
    for (const source of sourcesOf(new Instruments({ ...settings, profiler: owner }), settings)) sources.push(source);
  } catch (error) {
    stop();
    throw error;
  }
  for (const { metrics: group, collect } of sources) for (const { table } of group) table.beforeDrain = collect;
  running.set(profiler, { key, collection });
  return collection;
}

type Settings = Required<Omit<ProcessMetricsOptions, 'profiler'>>;

/** One after the other, so that those before a failing one can be stopped. */
function* sourcesOf(make: Instruments, { legacyNames, gcDurationBuckets, eventLoopMonitoringPrecision }: Settings): Generator<Source> {
  if (process.getBuiltinModule('node:worker_threads').isMainThread) {
    yield cpuSource(make);
    yield startSource(make);
    yield memorySource(make);
    const files = filesSource(make);
    if (files !== undefined) yield files;
  }
  yield eventLoopSource(make, eventLoopMonitoringPrecision);
  yield* activeSources(make, legacyNames);
  yield heapSource(make);
  yield versionSource(make);
  yield garbageSource(make, gcDurationBuckets);
}

function normalize(options: ProcessMetricsOptions): Settings & { readonly profiler: MetricOwner } {
  const where = 'collectProcessMetrics';
  checkKnownKeys(where, options, KNOWN);
  const { profiler = getDefaultOwner(), prefix = '', labels = {}, legacyNames = false } = options;
  const { gcDurationBuckets = GC_BUCKETS, eventLoopMonitoringPrecision = 10 } = options;
  if (!isOwner(profiler)) throw invalidOption(where, 'profiler', 'a profiler', profiler);
  if (typeof labels !== 'object' || labels === null) throw invalidOption(where, 'labels', 'an object of label names and texts', labels);
  return {
    profiler,
    prefix: expectString(where, 'prefix', prefix),
    labels,
    legacyNames: expectBoolean(where, 'legacyNames', legacyNames),
    gcDurationBuckets: checkBuckets('nodejs_gc_duration_seconds', gcDurationBuckets),
    eventLoopMonitoringPrecision: expectWhole(where, 'eventLoopMonitoringPrecision', eventLoopMonitoringPrecision, 1),
  };
}
