import { Counter, Histogram } from 'phanos';
import type { Group, Timed } from './harness.js';
import type { Row } from './row.js';
import { countingProfiler, expectEqual, sampleSum } from './subjects.js';

/** Counters and histograms, each operation beside prom-client's. */

const LABEL_NAMES = ['kind', 'shop'] as const;
/** 4 x 2 label sets, met in turn. */
const KINDS = ['book', 'music', 'film', 'game'];
const SHOPS = ['prague', 'brno'];

export const instruments: Group = {
  name: 'instruments',
  cases: {
    'child.inc': () =>
      phanosCounter((counter) => {
        const child = counter.labels({ kind: 'book', shop: 'brno' });
        return () => child.inc();
      }),
    'prom child.inc': () =>
      promCounter((counter) => {
        const child = counter.labels({ kind: 'book', shop: 'brno' });
        return () => child.inc();
      }),
    'inc(value, labels)': () =>
      phanosCounter((counter) => (i) => counter.inc(1, { kind: KINDS[i & 3] as string, shop: SHOPS[(i >> 2) & 1] as string })),
    'inc(labels, value)': () =>
      phanosCounter((counter) => (i) => counter.inc({ kind: KINDS[i & 3] as string, shop: SHOPS[(i >> 2) & 1] as string }, 1)),
    'inc(labels)': () =>
      phanosCounter((counter) => (i) => counter.inc({ kind: KINDS[i & 3] as string, shop: SHOPS[(i >> 2) & 1] as string })),
    'inc, labels swapped': () =>
      phanosCounter((counter) => (i) => counter.inc({ shop: SHOPS[(i >> 2) & 1] as string, kind: KINDS[i & 3] as string })),
    'prom inc': () =>
      promCounter((counter) => (i) => counter.inc({ kind: KINDS[i & 3] as string, shop: SHOPS[(i >> 2) & 1] as string }, 1)),
    'child.observe': () =>
      phanosHistogram((histogram) => {
        const child = histogram.labels({ kind: 'book', shop: 'brno' });
        return (i) => child.observe(observedValue(i));
      }),
    'prom child.observe': () =>
      promHistogram((histogram) => {
        const child = histogram.labels({ kind: 'book', shop: 'brno' });
        return (i) => child.observe(observedValue(i));
      }),
    'observe(value, labels)': () =>
      phanosHistogram(
        (histogram) => (i) => histogram.observe(observedValue(i), { kind: KINDS[i & 3] as string, shop: SHOPS[(i >> 2) & 1] as string }),
      ),
    'observe(labels, value)': () =>
      phanosHistogram(
        (histogram) => (i) => histogram.observe({ kind: KINDS[i & 3] as string, shop: SHOPS[(i >> 2) & 1] as string }, observedValue(i)),
      ),
    'prom observe': () =>
      promHistogram(
        (histogram) => (i) => histogram.observe({ kind: KINDS[i & 3] as string, shop: SHOPS[(i >> 2) & 1] as string }, observedValue(i)),
      ),
  },
  rows(best) {
    const row = (what: string, name: string, peer: string, limit?: number): Row => ({
      what,
      best: best(name),
      unit: 'ns',
      beside: { name: 'prom-client', best: best(peer) },
      ...(limit === undefined ? {} : { budget: { kind: 'atMost', limit } }),
    });
    return [
      row('counter child.inc()', 'child.inc', 'prom child.inc', 10),
      row('counter.inc(1, { 2 labels })', 'inc(value, labels)', 'prom inc', 100),
      row('counter.inc({ 2 labels }, 1)', 'inc(labels, value)', 'prom inc', 100),
      row('counter.inc({ 2 labels })', 'inc(labels)', 'prom inc', 100),
      row('counter.inc({ 2 labels, not in declared order })', 'inc, labels swapped', 'prom inc', 100),
      row('histogram child.observe(n)', 'child.observe', 'prom child.observe', 30),
      row('histogram.observe(n, { 2 labels })', 'observe(value, labels)', 'prom observe'),
      row('histogram.observe({ 2 labels }, n)', 'observe(labels, value)', 'prom observe'),
    ];
  },
};

/** Seconds over four decades, so that every bucket gets some, in an order that no branch predictor knows. */
const OBSERVED = Float64Array.from({ length: 4096 }, () => 10 ** (Math.random() * 4 - 2.7));

function observedValue(i: number): number {
  return OBSERVED[i & 4095] as number;
}

type Operation = (i: number) => void;
type Name = (typeof LABEL_NAMES)[number];

function phanosCounter(prepare: (counter: Counter<Name>) => Operation): Timed {
  const profiler = countingProfiler({});
  const operation = prepare(new Counter({ name: 'sold', labelNames: LABEL_NAMES, profiler }));
  return repeated(operation, async (times) => expectEqual('sold', sampleSum(await profiler.metrics(), 'sold_total'), times));
}

function phanosHistogram(prepare: (histogram: Histogram<Name>) => Operation): Timed {
  const profiler = countingProfiler({});
  const operation = prepare(new Histogram({ name: 'paid', labelNames: LABEL_NAMES, profiler }));
  return repeated(operation, async (times) => expectEqual('paid', sampleSum(await profiler.metrics(), 'paid_count'), times));
}

async function promCounter(prepare: (counter: import('prom-client').Counter<Name>) => Operation): Promise<Timed> {
  const { Counter, Registry } = await import('prom-client');
  const registry = new Registry();
  const operation = prepare(new Counter({ name: 'sold_total', help: 'Sold.', labelNames: LABEL_NAMES, registers: [registry] }));
  return repeated(operation, async (times) => expectEqual('sold', sampleSum(await registry.metrics(), 'sold_total'), times));
}

async function promHistogram(prepare: (histogram: import('prom-client').Histogram<Name>) => Operation): Promise<Timed> {
  const { Histogram, Registry } = await import('prom-client');
  const registry = new Registry();
  const operation = prepare(new Histogram({ name: 'paid', help: 'Paid.', labelNames: LABEL_NAMES, registers: [registry] }));
  return repeated(operation, async (times) => expectEqual('paid', sampleSum(await registry.metrics(), 'paid_count'), times));
}

function repeated(operation: Operation, verify: (times: number) => Promise<void>): Timed {
  return {
    run(times) {
      for (let i = 0; i < times; i++) operation(i);
      return times;
    },
    verify,
  };
}
