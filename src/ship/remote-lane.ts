import type { IncomingMessage, ServerResponse } from 'node:http';
import { awake, within } from '../diagnostics/waiting.js';
import type { Exposed } from '../record/exposed.js';
import type { ServeOptions } from '../record/serve-options.js';
import type { Served } from './embedded-collector.js';
import { FLUSH_PATIENCE, Hub } from './hub.js';
import { Producer, type ProducerOptions } from './producer.js';
import type { Delivered, SeriesLane } from './series-lane.js';
import type { Transport } from './transport.js';
import { watchWorkers } from './watch-workers.js';

const PLAIN = { 'content-type': 'text/plain; charset=utf-8' };

/**
 * A collector elsewhere: in the primary, the main thread, or a service.
 *
 * Workers that this process starts itself reach it through this process, which hands on their bytes and the answers as they are.
 */
export class RemoteLane implements SeriesLane {
  readonly isLocal = false;
  readonly #transport: Transport;
  readonly #producer: Producer;
  readonly #hub: Hub;
  readonly #stopWatching: () => void;
  readonly #exit = (): void => this.#producer.handOverNow(true);

  /** @param servesWorkers true for the one lane of the process that its own workers and threads go through */
  constructor(options: ProducerOptions, servesWorkers: boolean) {
    const { transport } = options;
    this.#transport = transport;
    this.#hub = new Hub({
      hello: (newcomer) => transport.hello(newcomer, true),
      receive: (body) => transport.send({ seq: 0, ops: 0, body: typeof body === 'string' ? Buffer.from(body) : body }),
      gone: (producer) => transport.gone(producer),
      expose: (accept) => transport.expose(accept),
      serve: (serveOptions) => transport.serve(serveOptions),
    });
    this.#producer = new Producer(options);
    this.#stopWatching = servesWorkers ? watchWorkers(this.#hub) : () => undefined;
    transport.onFlush(
      async () => {
        await Promise.all([this.#producer.handOver(), this.#hub.flush()]);
      },
      () => this.#producer.handOverNow(false),
    );
    process.on('exit', this.#exit);
  }

  get delivered(): Delivered {
    return this.#producer.delivered;
  }

  ready(): Promise<void> {
    return this.#producer.ready();
  }

  serve(options: ServeOptions): Promise<Served> {
    return awake(this.#transport.serve(options));
  }

  async expose(accept: string | undefined): Promise<Exposed> {
    // A scrape shows what is there; what can't be handed over at once shows at a later one.
    await within(FLUSH_PATIENCE, Promise.all([this.#producer.handOver(), this.#hub.flush()]));
    return awake(this.#transport.expose(accept));
  }

  async handle({ method, headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { ...PLAIN, allow: 'GET, HEAD' }).end('Metrics are read with GET.\n');
      return;
    }
    try {
      const { contentType, body } = await this.expose(headers.accept);
      response.writeHead(200, { 'content-type': contentType, vary: 'Accept' }).end(body);
    } catch (error) {
      response.writeHead(503, PLAIN).end(`${(error as Error).message}\n`);
    }
  }

  /** Threads of this process may live no longer than it does. */
  async flush(): Promise<void> {
    await Promise.all([this.#producer.flush(), this.#hub.flush()]);
  }

  async close(): Promise<void> {
    process.off('exit', this.#exit);
    await this.#hub.flush();
    await this.#producer.close();
    this.#stopWatching();
    this.#hub.close();
  }
}
