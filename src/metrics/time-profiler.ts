import { TIME_BUCKETS, TIME_PROFILER_FAMILY } from '../record/default-families.js';
import type { ContextLabel } from './definition.js';
import { type DefaultOptions, Histogram, type HistogramOptions } from './histogram.js';

/** Name of the default metric that times each profiled call; argument of `profiler.deleteMetric`. */
export const TIME_PROFILER = 'time_profiler';

/** Measures what takes time, in milliseconds. A histogram whose default units and buckets fit durations. */
export class TimeProfiler<const L extends string = never> extends Histogram<L> {
  constructor(options: HistogramOptions<L>) {
    super({ units: 'mS', buckets: TIME_BUCKETS, ...options });
  }
}

/** The default metric: `phanos_time_profiler_seconds`, with the call path as labels. */
export class DefaultTimeProfiler extends Histogram {
  constructor(contextLabels: readonly ContextLabel[], more: DefaultOptions = {}) {
    const { name, help, units, bounds } = TIME_PROFILER_FAMILY;
    super({ name: TIME_PROFILER, help, units, buckets: bounds, profiler: null, ...more }, { contextLabels, exposedName: name });
  }
}
