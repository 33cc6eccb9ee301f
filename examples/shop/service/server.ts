import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Trouble } from '../trouble.js';
import { type Answer, answer, HttpError } from './answer.js';
import { type Fault, faultOf } from './faults.js';
import { answers, requestsInFlight } from './metrics.js';
import type { Router } from './router.js';
import { HOST, LOAD_AGENT, PROCESS_HEADER, type Route } from './routes.js';

/** Most bytes of a request's body. */
const BODY_LIMIT = 256 * 1024;
/** Milliseconds for which an idle connection stays; the load's own connections are never idle for so long. */
const IDLE_TIMEOUT = 65_000;
/** Milliseconds that answers under way get at the end. */
const GRACE = 2000;

/** An answer to somebody else than the load process: to you, for example. */
export interface Visit {
  readonly route: Route;
  readonly status: number;
  /** Of the body. */
  readonly bytes: number;
}

/** Hears what a server has to tell besides its answers. */
export interface ServerListener {
  visited(visit: Visit): void;
  /** An error that nobody expected was answered with 500. */
  faulted(fault: Fault): void;
}

/** The shop over HTTP. */
export class ShopServer {
  readonly #router: Router;
  readonly #listener: ServerListener;
  readonly #server: Server;

  constructor(router: Router, listener: ServerListener) {
    this.#router = router;
    this.#listener = listener;
    this.#server = createServer({ keepAliveTimeout: IDLE_TIMEOUT }, (request, response) => void this.#serve(request, response));
  }

  /** Listens, and returns the URL. Rejects with a sentence if the port is taken. */
  async listen(port: number): Promise<string> {
    this.#server.listen({ host: HOST, port });
    try {
      await once(this.#server, 'listening');
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const reason = code === 'EADDRINUSE' ? `port ${port} of ${HOST} is taken` : message;
      throw new Trouble(`${reason}; choose another port for the shop, or leave --shop-port out for any free one`, { cause });
    }
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Answers what is under way, then closes. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const impatience = setTimeout(() => this.#server.closeAllConnections(), GRACE);
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    await closed;
    clearTimeout(impatience);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requestsInFlight.inc();
    try {
      const url = new URL(request.url ?? '/', 'http://shop');
      const body = await readBody(request);
      const { route, params, respond } = this.#router.find(request.method ?? 'GET', url.pathname);
      const given = await this.#answer(async () => respond({ params, query: url.searchParams, headers: request.headers, body }));
      this.#count(request, route, given);
      response.writeHead(given.status, { ...given.headers, [PROCESS_HEADER]: process.pid }).end(given.body);
    } catch (error) {
      // No route was asked, so no call was profiled either: a URL that is none, a body that is too long, a client that is gone.
      const status = error instanceof HttpError ? error.status : 400;
      response.writeHead(status, { connection: 'close' }).end();
    } finally {
      requestsInFlight.dec();
    }
  }

  async #answer(respond: () => Promise<Answer>): Promise<Answer> {
    try {
      return await respond();
    } catch (error) {
      const expected = error instanceof HttpError;
      if (!expected) this.#listener.faulted(faultOf(error));
      const [status, sentence] = expected ? [error.status, error.message] : [500, 'something went wrong in the shop'];
      return answer(status, 'text/plain; charset=utf-8', Buffer.from(`${sentence}\n`));
    }
  }

  #count(request: IncomingMessage, route: Route, { status, body }: Answer): void {
    answers.inc({ route, status });
    if (request.headers['user-agent'] !== LOAD_AGENT) this.#listener.visited({ route, status, bytes: body.length });
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT) throw new HttpError(413, `a body has ${BODY_LIMIT} bytes at most`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
