import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProducerIdentity } from '../record/batch.js';
import type { Welcome } from '../record/pipe.js';
import { loadCollector } from './collector-loader.js';
import type { Deltas } from './delta-table.js';
import type { EmbeddedCollector, EmbeddedCollectorOptions, Served, ServeOptions } from './embedded-collector.js';
import { Hub } from './hub.js';
import type { SeriesLane } from './series-lane.js';
import { watchWorkers } from './watch-workers.js';
import { WorkerSlots } from './worker-slots.js';

/** What a {@link LocalLane} works on. */
export interface LocalLaneOptions {
  readonly identity: ProducerIdentity;
  /** Asks the gauges, then takes what happened since the last time. */
  readonly drain: () => Promise<Deltas>;
  /** Bounds for the collector; the client keeps them too. */
  readonly limits: EmbeddedCollectorOptions['limits'];
  /** True for the one lane of the process that collects for its workers and threads. */
  readonly servesWorkers: boolean;
}

/**
 * The collector in this process: for itself, and for the workers and threads that it starts.
 *
 * It has nothing to do until somebody looks: series aggregate in place, and a scrape takes what happened since the last one.
 */
export class LocalLane implements SeriesLane {
  readonly isLocal = true;
  readonly #options: LocalLaneOptions;
  readonly #hub: Hub;
  readonly #slots = new WorkerSlots();
  readonly #stopWatching: () => void;
  #collector: Promise<EmbeddedCollector> | undefined;
  #serving: Promise<Served> | undefined;
  #seq = 0;
  #produced = 0;

  constructor(options: LocalLaneOptions) {
    this.#options = options;
    this.#hub = new Hub({
      hello: (asked) => this.#welcome(asked),
      receive: async (body) => (await this.#load()).receive(body),
      gone: (worker) => this.#gone(worker),
      text: () => this.text(),
      serve: (serveOptions) => this.#serveWorkers(serveOptions),
    });
    this.#stopWatching = options.servesWorkers ? watchWorkers(this.#hub) : () => undefined;
  }

  async ready(): Promise<void> {
    await this.#load();
  }

  async serve(options: ServeOptions): Promise<Served> {
    const { url, close } = await (await this.#load()).serve(options);
    return { role: 'server', url, close };
  }

  async text(): Promise<string> {
    return (await this.#load()).text();
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await (await this.#load()).handle(request, response);
  }

  /** Brings the collector up to date, if it was ever asked for. */
  async flush(): Promise<void> {
    if (this.#collector !== undefined) await this.#bring(await this.#collector);
  }

  async close(): Promise<void> {
    this.#stopWatching();
    this.#hub.close();
    const collector = this.#collector;
    this.#collector = undefined;
    await (await collector)?.close();
  }

  async #welcome(asked: string | undefined): Promise<Welcome> {
    const { epoch } = await this.#load();
    return { worker: this.#slots.take(asked), epoch };
  }

  #gone(worker: string): void {
    this.#slots.free(worker);
    void this.#collector?.then((collector) => collector.end({ worker }));
  }

  /** What workers ask for: one server for all of them, with the options of the first. */
  #serveWorkers(options: ServeOptions): Promise<Served> {
    this.#serving ??= this.serve(options).catch((error: unknown) => {
      this.#serving = undefined;
      throw error;
    });
    return this.#serving;
  }

  #load(): Promise<EmbeddedCollector> {
    this.#collector ??= this.#create().catch((error: unknown) => {
      this.#collector = undefined;
      throw error;
    });
    return this.#collector;
  }

  async #create(): Promise<EmbeddedCollector> {
    const create = await loadCollector();
    const collector: EmbeddedCollector = create({
      beforeScrape: async () => {
        await Promise.all([this.#bring(collector), this.#hub.flush()]);
      },
      limits: this.#options.limits ?? {},
    });
    return collector;
  }

  async #bring(collector: EmbeddedCollector): Promise<void> {
    const { families, ops } = await this.#options.drain();
    if (families.length === 0) return;
    this.#seq++;
    this.#produced += ops;
    const totals = { ops, produced: this.#produced, dropped: 0 };
    const { identity } = this.#options;
    collector.apply({
      producer: identity,
      seq: this.#seq,
      oldest: this.#seq,
      heartbeat: 0,
      ...totals,
      whole: false,
      goodbye: false,
      families,
    });
  }
}
