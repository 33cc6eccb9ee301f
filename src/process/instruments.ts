import { Counter } from '../metrics/counter.js';
import { Gauge } from '../metrics/gauge.js';
import { Histogram } from '../metrics/histogram.js';
import { Info } from '../metrics/info.js';
import type { MetricOwner } from '../metrics/metric.js';

/** What all process metrics of a profiler have in common. */
export interface InstrumentsOptions {
  readonly profiler: MetricOwner;
  readonly prefix: string;
  /** Constant labels. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Makes process metrics. What is a matter of one process is kept apart by worker and goes with it; what is used up adds up and stays. */
export class Instruments {
  readonly #options: InstrumentsOptions;

  constructor(options: InstrumentsOptions) {
    this.#options = options;
  }

  /** A gauge of this process. */
  gauge<const L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    const { exposedName, ...options } = this.#base(name, help);
    return new Gauge<L>({ ...options, labelNames, merge: 'liveall' }, { exposedName });
  }

  counter(name: string, help: string): Counter {
    return new Counter(this.#own(name, help));
  }

  histogram<const L extends string>(name: string, help: string, labelNames: readonly L[], buckets: readonly number[]): Histogram<L> {
    return new Histogram({ ...this.#own(name, help), labelNames, buckets });
  }

  info(name: string, help: string): Info {
    return new Info(this.#own(name, help));
  }

  #own(name: string, help: string) {
    const { exposedName: _, ...options } = this.#base(name, help);
    return options;
  }

  #base(ending: string, help: string) {
    const { profiler, prefix, labels } = this.#options;
    const name = `${prefix}${ending}`;
    return { name, exposedName: name, help, labels, profiler };
  }
}
