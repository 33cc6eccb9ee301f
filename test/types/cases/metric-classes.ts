// Metrics of the user's own: subclasses with operations, and code that is generic over labels.
import { Counter, Enum, Gauge, Histogram, type Labels, Metric, Profiler, profiler } from 'phanos';
import { type Same, same } from './same.js';

class Basket extends Histogram<'kind'> {
  readonly #open = new Map<string, number>();

  constructor(name: string) {
    super({ name, labelNames: ['kind'], buckets: [1, 10, 100] });
    this.operations = { ...this.operations, put: (value: number, labels: Labels<'kind'>) => this.put(value, labels) };
    this.defaultOperation = 'put';
  }

  put(count: number, labels: Labels<'kind'>): void {
    this.#open.set(String(labels.kind), count);
    this.observe(count, labels);
    this.storeOperation({ operation: 'observe', value: count, labelValues: labels, method: profiler.currentNode.context });
  }

  override cleanup(): void {
    this.#open.clear();
  }

  wrong(): void {
    // @ts-expect-error a missing label
    this.observe(1);
    // @ts-expect-error another label
    this.storeOperation({ value: 1, labelValues: { shop: 'corner' } });
    // @ts-expect-error an unknown argument
    this.storeOperation({ values: 1 });
  }
}

/** Handed on with labels of its own. */
class Labelled<const L extends string> extends Counter<L> {
  twice(labels: Labels<L>): void {
    this.labels(labels).inc(2);
  }
}

class Unlabelled extends Counter {
  twice(): void {
    this.inc(2);
  }
}

const basket = new Basket('basket');
basket.put(1, { kind: 'book' });
basket.storeOperation({ value: 2, labelValues: { kind: 'book' } });
// @ts-expect-error a missing label
basket.put(1, {});

const labelled = new Labelled({ name: 'labelled', labelNames: ['a', 'b'] });
same<Same<typeof labelled, Labelled<'a' | 'b'>>>();
labelled.twice({ a: 1, b: 2 });
labelled.inc({ a: 1, b: 2 });
// @ts-expect-error a missing label
labelled.twice({ a: 1 });

const unlabelled = new Unlabelled({ name: 'unlabelled' });
unlabelled.twice();
// @ts-expect-error no labels
unlabelled.inc(1, { a: 'b' });
// @ts-expect-error a subclass without labels can't be given any
new Unlabelled({ name: 'unlabelled', labelNames: ['a'] });

// All metrics are metrics, and register with any profiler.
const own = new Profiler();
profiler.addMetric(basket);
own.addMetric(labelled);
own.addMetric(new Enum({ name: 'mood', states: ['bad', 'good'], profiler: null }));
own.addMetric(new Gauge({ name: 'depth', labelNames: ['queue'], profiler: own }));
export const found: Metric | undefined = own.registeredMetrics.get('labelled');
export const known: ReadonlyMap<string, Metric> = profiler.registeredMetrics;
export const isMetric: boolean = found instanceof Metric;
// @ts-expect-error no metric
own.addMetric({ name: 'sold' });
// @ts-expect-error Metric is the class of all, not one to make
new Metric({ name: 'sold' });
// @ts-expect-error names are read only
basket.name = 'other';
