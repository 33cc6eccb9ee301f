import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Diagnostics } from '../diagnostics/diagnostics.js';
import type { ProducerIdentity } from '../record/batch.js';
import type { Exposed } from '../record/exposed.js';
import type { Newcomer, Welcome } from '../record/pipe.js';
import type { ServeOptions } from '../record/serve-options.js';
import { loadCollector } from './collector-loader.js';
import type { Deltas } from './delta-table.js';
import type { EmbeddedCollector, EmbeddedCollectorOptions, Served } from './embedded-collector.js';
import { FirstServer } from './first-server.js';
import { Hub } from './hub.js';
import type { Delivered, SeriesLane } from './series-lane.js';
import { watchWorkers } from './watch-workers.js';
import { WorkerSlots } from './worker-slots.js';

/** What a {@link LocalLane} works on. */
export interface LocalLaneOptions {
  readonly identity: ProducerIdentity;
  /** Asks the gauges, then takes what happened since the last time, in pieces that take a moment each. */
  readonly drainSlices: () => Promise<Iterable<Deltas>>;
  /** Bounds for the collector; the client keeps them too. */
  readonly limits: EmbeddedCollectorOptions['limits'];
  readonly diagnostics: Diagnostics;
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
  readonly #server: FirstServer;
  readonly #stopWatching: () => void;
  #collector: Promise<EmbeddedCollector> | undefined;
  #seq = 0;
  #produced = 0;

  constructor(options: LocalLaneOptions) {
    this.#options = options;
    this.#hub = new Hub({
      hello: (newcomer) => this.#welcome(newcomer),
      receive: async (body) => (await this.#load()).receive(body),
      gone: (producer) => this.#gone(producer),
      expose: (accept) => this.expose(accept),
      serve: (serveOptions) => this.#server.forWorkers(serveOptions),
    });
    this.#server = new FirstServer((serveOptions) => this.#listen(serveOptions), options.diagnostics);
    this.#stopWatching = options.servesWorkers ? watchWorkers(this.#hub) : () => undefined;
  }

  get delivered(): Delivered {
    return { produced: this.#produced, confirmed: this.#produced, dropped: 0 };
  }

  async ready(): Promise<void> {
    await this.#load();
  }

  serve(options: ServeOptions): Promise<Served> {
    return this.#server.own(options);
  }

  async expose(accept: string | undefined): Promise<Exposed> {
    return (await this.#load()).expose(accept);
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

  async #welcome({ boot, worker }: Newcomer): Promise<Welcome> {
    const { epoch } = await this.#load();
    return { worker: this.#slots.take(boot, worker), epoch };
  }

  #gone(producer: ProducerIdentity): void {
    this.#slots.free(producer.boot);
    void this.#collector?.then((collector) => collector.end(producer));
  }

  async #listen(options: ServeOptions): Promise<Served> {
    const { url, close } = await (await this.#load()).serve(options);
    return { role: 'server', url, close };
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
    let isFirst = true;
    for (const deltas of await this.#options.drainSlices()) {
      // There is a second piece only where very many series have changed.
      if (!isFirst) await nextTurn();
      isFirst = false;
      this.#apply(collector, deltas);
    }
  }

  #apply(collector: EmbeddedCollector, { families, ops }: Deltas): void {
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

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
