import type { ProducerIdentity } from '../record/batch.js';
import { loadCollector } from './collector-loader.js';
import type { DeltaTable } from './delta-table.js';
import type { EmbeddedCollector, EmbeddedCollectorOptions } from './embedded-collector.js';

/** What a {@link LocalProducer} works on. */
export interface LocalProducerOptions {
  readonly deltas: DeltaTable;
  readonly identity: () => ProducerIdentity;
  /** Lets gauges that are asked set themselves. */
  readonly askGauges: () => Promise<void>;
  /** Bounds for the collector; the client keeps them too. */
  readonly limits: EmbeddedCollectorOptions['limits'];
}

/**
 * Hands the deltas of this process to a collector in the same process.
 *
 * It has nothing to do until somebody looks: series aggregate in place, and a scrape takes what happened since the last one.
 */
export class LocalProducer {
  readonly #options: LocalProducerOptions;
  #collector: Promise<EmbeddedCollector> | undefined;
  #identity: ProducerIdentity | undefined;
  #seq = 0;
  #produced = 0;

  constructor(options: LocalProducerOptions) {
    this.#options = options;
  }

  /** The collector, loaded and brought up to date when first asked for. */
  collector(): Promise<EmbeddedCollector> {
    this.#collector ??= this.#load();
    return this.#collector;
  }

  /** Asks the gauges and applies what happened, if a collector was ever asked for. */
  async flush(): Promise<void> {
    if (this.#collector === undefined) return;
    await this.#bring(await this.#collector);
  }

  async close(): Promise<void> {
    const collector = this.#collector;
    this.#collector = undefined;
    await (await collector)?.close();
  }

  async #load(): Promise<EmbeddedCollector> {
    try {
      const create = await loadCollector();
      const collector: EmbeddedCollector = create({ beforeScrape: () => this.#bring(collector), limits: this.#options.limits ?? {} });
      return collector;
    } catch (error) {
      this.#collector = undefined;
      throw error;
    }
  }

  async #bring(collector: EmbeddedCollector): Promise<void> {
    await this.#options.askGauges();
    const { families, ops } = this.#options.deltas.drain();
    if (families.length === 0) return;
    this.#seq++;
    this.#produced += ops;
    // One and the same for good: another would be another producer, whose gauges add to those of this one.
    this.#identity ??= this.#options.identity();
    collector.apply({
      producer: this.#identity,
      seq: this.#seq,
      oldest: this.#seq,
      heartbeat: 0,
      ops,
      produced: this.#produced,
      dropped: 0,
      whole: false,
      goodbye: false,
      families,
    });
  }
}
