import { RESPONSE_SIZE_FAMILY, SIZE_BUCKETS } from '../record/default-families.js';
import type { ContextLabel } from './definition.js';
import { type DefaultOptions, Histogram, type HistogramOptions } from './histogram.js';

/** Name of the default metric that sizes what root calls return; argument of `profiler.deleteMetric`. */
export const RESPONSE_SIZE = 'response_size';

/** Measures sizes in bytes. A histogram whose default units and buckets fit responses. */
export class ResponseSize<const L extends string = never> extends Histogram<L> {
  constructor(options: HistogramOptions<L>) {
    super({ units: 'B', buckets: SIZE_BUCKETS, ...options });
  }
}

/** The default metric: `phanos_response_size_bytes`, with the call path as labels. */
export class DefaultResponseSize extends Histogram {
  constructor(contextLabels: readonly ContextLabel[], more: DefaultOptions = {}) {
    const { name, help, units, bounds } = RESPONSE_SIZE_FAMILY;
    super({ name: RESPONSE_SIZE, help, units, buckets: bounds, profiler: null, ...more }, { contextLabels, exposedName: name });
  }
}
