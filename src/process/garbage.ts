import { COUNT } from '../metrics/metric-host.js';
import type { Instruments } from './instruments.js';
import type { Source } from './source.js';

const MILLISECONDS = 1e3;

/** A garbage collection as Node.js tells of it; its types leave `detail` out. */
interface Collected {
  readonly duration: number;
  readonly detail?: { readonly kind?: number };
}

/** Every garbage collection of this thread, by kind. */
export function garbageSource(make: Instruments, buckets: readonly number[]): Source {
  const { PerformanceObserver, constants } = process.getBuiltinModule('node:perf_hooks');
  const kinds = new Map<unknown, string>([
    [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
    [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
    [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
    [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
  ]);
  const durations = make.histogram('nodejs_gc_duration_seconds', 'Duration of garbage collections by kind, in seconds.', ['kind'], buckets);
  for (const kind of kinds.values()) durations.labels({ kind });
  /** Counts only: handlers want records of what the program does. */
  const count = (entries: readonly Collected[]): void => {
    if ((durations.table.lanes & COUNT) === 0) return;
    for (const { duration, detail } of entries) {
      const kind = kinds.get(detail?.kind) ?? 'other';
      durations.table.find({ kind })?.add(duration / MILLISECONDS);
    }
  };
  const observer = new PerformanceObserver((list) => count(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  return {
    metrics: [durations],
    // Those that nobody was told of yet.
    collect: () => count(observer.takeRecords()),
    stop: () => observer.disconnect(),
  };
}
