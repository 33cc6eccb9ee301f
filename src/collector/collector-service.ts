import type { ServerResponse } from 'node:http';
import { monotonicClock } from '../diagnostics/clock.js';
import type { ExposedFamily } from '../exposition/exposed-family.js';
import { Gate } from './access/gate.js';
import { apiRoutes } from './api/api-routes.js';
import { type RunningServer, startHttpServer } from './http-server.js';
import { AmqpIngest } from './ingest/amqp/amqp-ingest.js';
import { type IngestHost, ingestRoutes } from './ingest/ingest-routes.js';
import { ProducerSlots } from './ingest/producer-slots.js';
import { RequestBodies } from './ingest/request-body.js';
import { scrapeFamilies } from './own-families.js';
import { answerPage } from './page.js';
import { answerJson, answerText } from './plain-answer.js';
import { type Readiness, type ReadinessCheck, readinessOf } from './readiness.js';
import { type Route, type Routes, routerOf } from './router.js';
import { Scrapes } from './scrape.js';
import { SelfMetrics } from './self-metrics.js';
import { ServiceFigures, type ServiceRefusal, serviceFamilies } from './service-figures.js';
import { type CollectorServiceOptions, type NormalServiceOptions, normalizeServiceOptions } from './service-options.js';
import { type Store, Stores } from './stores.js';
import { clearSocketPath, protectSocket } from './unix-socket.js';

/** Milliseconds between two looks at who is silent and what has expired. */
const TICK = 1000;
/** Milliseconds that messages under way get when the service closes. */
const AMQP_PATIENCE = 3000;
/** Milliseconds that the last snapshot may take. */
const SNAPSHOT_PATIENCE = 3000;

/** A collector as a program of its own: takes measurements from many processes over HTTP and unix sockets, keeps them safe, shows them. */
export class CollectorService {
  readonly stores: Stores;
  /** More that has a say in whether the service is ready. */
  readonly checks: ReadinessCheck[] = [];
  readonly #options: NormalServiceOptions;
  readonly #figures = new ServiceFigures();
  readonly #self = new SelfMetrics();
  readonly #bodies = new RequestBodies();
  readonly #servers: RunningServer[] = [];
  readonly #startedAt = Date.now();
  #main!: Store;
  #records!: Store;
  #amqp: AmqpIngest | undefined;
  #slots!: ProducerSlots;
  #ticking: NodeJS.Timeout | undefined;
  #isDraining = false;
  #closing: Promise<void> | undefined;

  private constructor(options: NormalServiceOptions) {
    const { dataDir, durability, allowStateLoss, limits, recordRules, recordsBesideBatches, logger } = options;
    this.#options = options;
    this.stores = new Stores({ dataDir, durability, allowStateLoss, limits, recordRules, recordsBesideBatches, logger });
    this.checks.push(
      () => (this.#isDraining ? 'the service is shutting down' : undefined),
      () => this.stores.trouble,
      () => this.#amqp?.troubles.join('; ') || undefined,
    );
  }

  /**
   * Brings back what is stored, then listens.
   *
   * Rejects with a TypeError or RangeError for a wrong option; with PACKAGE_MISSING if RabbitMQ is to be read without amqplib; with DATA_DIR_LOCKED, JOURNAL_CORRUPT, JOURNAL_STATE_LOST or JOURNAL_FAILED if what is stored
   * can't be used; with PORT_TAKEN or LISTEN_FAILED if it can't listen.
   */
  static async start(options: CollectorServiceOptions = {}): Promise<CollectorService> {
    const service = new CollectorService(normalizeServiceOptions(options));
    try {
      await service.#start();
      return service;
    } catch (error) {
      await service.close();
      throw error;
    }
  }

  /** Where it listens on TCP: `http://127.0.0.1:9464`. */
  get url(): string | undefined {
    return this.#servers.find(({ port }) => port !== 0)?.url;
  }

  /** Everywhere it listens. */
  get addresses(): readonly string[] {
    return this.#servers.map(({ url }) => url);
  }

  get readiness(): Readiness {
    return readinessOf(this.checks);
  }

  /** Milliseconds since 1970. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** Takes nothing new, finishes what is under way, keeps it safe, and gives everything back. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(): Promise<void> {
    const { access, listen, socket, tls, grace, amqp, logger } = this.#options;
    const gate = await Gate.open(access, listen === undefined || isLoopback(listen.host));
    this.#main = await this.stores.open('main');
    this.#records = await this.stores.open('records');
    // Before anybody may scrape, so that nothing is missing from the first scrape.
    if (amqp !== undefined) this.#amqp = await AmqpIngest.open(this.stores, logger, amqp);
    this.#slots = new ProducerSlots(this.#main.durable.collector.producers, monotonicClock);
    this.#ticking = setInterval(() => this.stores.tick(), TICK);
    const onRefused = (reason: ServiceRefusal): void => this.#figures.refused(reason);
    const respond = routerOf({ routes: this.#routes(), gate, onRefused });
    const server = { keepAlive: true, grace, onRefused };
    if (listen !== undefined) this.#servers.push(await startHttpServer(respond, { ...server, target: listen, tls }));
    if (socket !== undefined) {
      await clearSocketPath(socket);
      this.#servers.push(await startHttpServer(respond, { ...server, target: { path: socket } }));
      await protectSocket(socket);
    }
    this.#amqp?.begin();
  }

  async #close(): Promise<void> {
    this.#isDraining = true;
    await Promise.all([this.#amqp?.stop(AMQP_PATIENCE), ...this.#servers.map((server) => server.close())]);
    clearInterval(this.#ticking);
    await Promise.race([this.stores.snapshot(), new Promise((resolve) => setTimeout(resolve, SNAPSHOT_PATIENCE).unref())]);
    await this.stores.close();
  }

  #routes(): Routes {
    const metrics = new Scrapes({ families: () => this.stores.families, self: this.#self });
    const own = new Scrapes({ families: () => this.#ownFamilies() });
    const get = (purpose: Route['purpose'], respond: Route['answer']): Route => ({ method: 'GET', purpose, answer: respond });
    const routes: Map<string, Route> = new Map<string, Route>([
      ['/', get('read', (_request, response) => answerPage(response, routes))],
      ['/metrics', get('read', (request, response) => metrics.handle(request, response))],
      ['/-/metrics', get('read', (request, response) => own.handle(request, response))],
      ['/-/healthy', get('open', (_request, response) => answerText(response, 200, 'phanos is healthy.'))],
      ['/-/ready', get('read', (_request, response) => this.#answerReady(response))],
      ...apiRoutes(this),
      ...ingestRoutes(this.#ingestHost(), this.#bodies),
    ]);
    return routes;
  }

  #ingestHost(): IngestHost {
    const { collector } = this.#main.durable;
    const isOpen = (): boolean => !this.#isDraining;
    return {
      hello: (newcomer) => ({
        worker: this.#slots.take(newcomer),
        epoch: collector.epoch,
        ...(this.url === undefined ? {} : { url: this.url }),
      }),
      gone: async (identity) => {
        this.#slots.free(identity);
        await this.#main.durable.end(identity);
      },
      receive: (body, encoding) => this.#main.durable.receive(body, encoding),
      receiveRecords: (body) => this.#records.durable.receiveRecords(body),
      get isOpen() {
        return isOpen();
      },
      onRefused: (reason) => this.#figures.refused(reason),
    };
  }

  *#ownFamilies(): Generator<ExposedFamily, void, undefined> {
    yield* this.stores.ownFamilies;
    if (this.#amqp !== undefined) yield* this.#amqp.families;
    yield* scrapeFamilies(this.#self);
    yield* serviceFamilies(this.#figures, this.#bodies, this.readiness.ready);
  }

  #answerReady(response: ServerResponse): void {
    const { ready, reasons } = this.readiness;
    answerJson(response, ready ? 200 : 503, { ready, reasons });
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
