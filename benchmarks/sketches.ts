import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { Histogram, type HistogramChild, type HistogramOptions } from 'phanos';
import type { Group, Timed } from './harness.js';
import { BUCKETS, DURATIONS } from './many-series.js';
import type { Row } from './row.js';
import { countingProfiler } from './subjects.js';

/** What native buckets and exemplars add to an observation. */

export const sketches: Group = {
  name: 'sketches',
  cases: {
    observe: () => observing({}),
    native: () => observing({ native: true }),
    'exemplars without a span': () => observing({ exemplars: true }),
    'exemplars within a span': () => withinSpan(() => observing({ exemplars: true })),
  },
  rows(best) {
    const classic = { name: 'without', best: best('observe') };
    const row = (what: string, name: string): Row => ({
      what,
      best: best(name),
      unit: 'ns',
      beside: classic,
      budget: { kind: 'overFloor', limit: 30 },
    });
    return [
      row('histogram child.observe(n), native', 'native'),
      row('histogram child.observe(n), exemplars asked, no span', 'exemplars without a span'),
      row('histogram child.observe(n), exemplars asked, sampled span', 'exemplars within a span'),
    ];
  },
};

function observing(options: Pick<HistogramOptions, 'exemplars' | 'native'>): Timed {
  const profiler = countingProfiler({});
  const child: HistogramChild = new Histogram({ name: 'took', buckets: BUCKETS, profiler, ...options }).labels({});
  return {
    run(times) {
      for (let i = 0; i < times; i++) child.observe(DURATIONS[i & 65_535] as number);
      return times;
    },
  };
}

function withinSpan(make: () => Timed): Timed {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
  const { run } = make();
  return { run: (times) => context.with(trace.setSpanContext(context.active(), span), () => run(times)) };
}
