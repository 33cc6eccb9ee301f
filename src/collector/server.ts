import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PhanosError } from '../diagnostics/phanos-error.js';
import type { BeforeScrape } from './before-scrape.js';
import type { Collector } from './collector.js';
import { PAGE } from './page.js';
import { answer, answerText, refuseMethod } from './plain-answer.js';
import { Scrapes } from './scrape.js';
import { normalizeServerOptions, type ServerOptions } from './server-options.js';

/** Milliseconds for a request to arrive whole; none of ours has a body. */
const REQUEST_TIMEOUT = 10_000;
/** Longer than the usual scrape interval of 15 s, so that Prometheus needs one connection only. */
const IDLE_TIMEOUT = 65_000;
/** Milliseconds that answers under way get when the server closes. */
const CLOSE_GRACE = 1_000;

/** A server that listens. */
export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Stops listening, lets answers under way end for a second, and cuts what is left. */
  close(): Promise<void>;
}

/**
 * Serves a collector over HTTP: `/metrics`, `/-/metrics`, `/-/healthy`, `/-/ready` and a page of links at `/`.
 *
 * Rejects with PORT_TAKEN if another program listens there, with LISTEN_FAILED if the address can't be listened on for another reason.
 */
export async function startServer(collector: Collector, beforeScrape: BeforeScrape, options?: ServerOptions): Promise<RunningServer> {
  const { host, port, keepAlive } = normalizeServerOptions(options);
  const routes = answerers(collector, beforeScrape);
  const respond: Answerer = (request, response) => route(routes.get(pathOf(request)), request, response);
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT, headersTimeout: REQUEST_TIMEOUT, keepAliveTimeout: IDLE_TIMEOUT },
    respond,
  );
  // Without a listener node:http would ask the client to go on and send its body.
  server.on('checkContinue', respond);
  if (!keepAlive) server.on('connection', (socket) => socket.unref());
  await listen(server, host, port);
  if (!keepAlive) server.unref();
  const { port: actualPort } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    url: `http://${urlHost(host)}:${actualPort}`,
    port: actualPort,
    close() {
      closed ??= close(server);
      return closed;
    },
  };
}

type Answerer = (request: IncomingMessage, response: ServerResponse) => void;

function answerers(collector: Collector, beforeScrape: BeforeScrape): ReadonlyMap<string, Answerer> {
  const { self } = collector;
  const metrics = new Scrapes({ families: () => collector.families, beforeScrape, self });
  const own = new Scrapes({ families: () => collector.ownFamilies });
  return new Map<string, Answerer>([
    ['/', (_request, response) => answer(response, 200, 'text/html; charset=utf-8', PAGE)],
    ['/metrics', (request, response) => void metrics.handle(request, response)],
    ['/-/metrics', (request, response) => void own.handle(request, response)],
    ['/-/healthy', (_request, response) => answerText(response, 200, 'phanos is healthy.')],
    ['/-/ready', (_request, response) => answerText(response, 200, 'phanos is ready.')],
  ]);
}

function route(answerer: Answerer | undefined, request: IncomingMessage, response: ServerResponse): void {
  const withBody = hasBody(request);
  // Nobody reads the body, and the rest of it must not be taken for the next request.
  if (withBody) response.setHeader('connection', 'close');
  if (answerer === undefined) {
    answerText(response, 404, 'There is nothing here; the measurements are at /metrics.');
  } else if (!refuseMethod(request, response)) {
    if (withBody) answerText(response, 413, 'Requests here carry no body; send this one without.');
    else answerer(request, response);
  }
}

/** Path without query, also of a request in absolute form, as proxies send it. */
function pathOf(request: IncomingMessage): string {
  const path = (request.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] ?? '';
  return path === '' ? '/' : path;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays, for an error that nobody listens to would end the process.
    server.on('error', (error) => reject(listenError(error, host, port)));
    server.listen({ host, port }, resolve);
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): PhanosError {
  if (error.code === 'EADDRINUSE') {
    const remedy = `stop whoever listens there, or choose another port, for example ${port < 65_535 ? port + 1 : port - 1}, or 0 for any free one`;
    return new PhanosError('PORT_TAKEN', `port ${port} of ${host} is taken; ${remedy}`, { cause: error });
  }
  const remedy = 'choose a host and port that this process may use';
  return new PhanosError('LISTEN_FAILED', `can't listen on port ${port} of ${host} (${error.message}); ${remedy}`, { cause: error });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** An address that a browser on this machine can open. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
