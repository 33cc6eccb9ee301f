import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../diagnostics/clock.js';
import { PhanosError } from '../diagnostics/phanos-error.js';
import type { Batch, ProducerIdentity } from '../record/batch.js';
import type { Exposed } from '../record/exposed.js';
import type { Answer } from '../record/pipe.js';
import type { ServeOptions } from '../record/serve-options.js';
import type { BeforeScrape } from './before-scrape.js';
import { Collector } from './collector.js';
import type { RunningServer } from './http-server.js';
import type { CollectorLimits } from './limits.js';
import type { Verdict } from './producers/producer-state.js';
import { Reception } from './reception.js';
import { Scrapes } from './scrape.js';
import { startServer } from './server.js';

/** The collector inside a measured process; the client loads this file when somebody first asks for its metrics. */

export interface EmbeddedCollectorOptions {
  /** Brings in what the process has counted since the last time; a scrape waits for it 200 ms at most. */
  readonly beforeScrape: BeforeScrape;
  /** Bounds on what is kept. */
  readonly limits?: Partial<CollectorLimits>;
  /** Milliseconds, for scrape durations and the lives of producers. @default the monotonic clock */
  readonly clock?: Clock;
}

export function createEmbeddedCollector(options: EmbeddedCollectorOptions): EmbeddedCollector {
  return new EmbeddedCollector(options);
}

/** A collector with its ways out. */
export class EmbeddedCollector {
  readonly #collector: Collector;
  readonly #reception: Reception;
  readonly #beforeScrape: BeforeScrape;
  readonly #scrapes: Scrapes;
  readonly #servers = new Set<RunningServer>();
  #closed = false;

  constructor({ beforeScrape, ...options }: EmbeddedCollectorOptions) {
    this.#collector = new Collector(options);
    this.#reception = new Reception(this.#collector);
    this.#beforeScrape = beforeScrape;
    this.#scrapes = new Scrapes({ families: () => this.#collector.families, beforeScrape, self: this.#collector.self });
  }

  /** Changes when the collector begins without what it knew before. */
  get epoch(): string {
    return this.#collector.epoch;
  }

  /** Takes an encoded batch of another process or thread. Never rejects. */
  async receive(body: Uint8Array | string): Promise<Answer> {
    return this.#reception.receive(body);
  }

  /** Returns what became of the batch: see {@link Collector.apply}. */
  apply(batch: Batch): Verdict {
    return this.#collector.apply(batch);
  }

  /** See {@link Collector.epochOf}. */
  epochOf(producer: ProducerIdentity): string {
    return this.#collector.epochOf(producer);
  }

  /** See {@link Collector.end}. */
  end(identity: Partial<ProducerIdentity>): number {
    return this.#collector.end(identity);
  }

  /** Everything in the format that suits an `Accept` header, the newest measurements included. */
  expose(accept: string | undefined): Promise<Exposed> {
    return this.#scrapes.expose(accept);
  }

  /** Answers a scrape inside another server. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#scrapes.handle(request, response);
  }

  /** Serves over HTTP until the server or the collector is closed. Rejects with PORT_TAKEN, LISTEN_FAILED or CLOSED. */
  async serve(options?: ServeOptions): Promise<RunningServer> {
    if (!this.#closed) {
      const server = await startServer(this.#collector, this.#beforeScrape, options);
      const { close } = server;
      const own: RunningServer = {
        ...server,
        close: () => {
          this.#servers.delete(own);
          return close();
        },
      };
      this.#servers.add(own);
      if (!this.#closed) return own;
      await server.close();
    }
    throw new PhanosError('CLOSED', 'this collector is closed and serves no more; make a new one');
  }

  /** Closes every server; what was collected can still be read by `expose`. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(Array.from(this.#servers, (server) => server.close()));
  }
}
