import { createServer as createPlainServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { PhanosError } from '../diagnostics/phanos-error.js';
import { type ConnectionRefusal, watchConnections } from './connection-refusals.js';

/** Milliseconds for a request to arrive whole. */
const REQUEST_TIMEOUT = 10_000;
/** Longer than the usual scrape interval of 15 s, so that Prometheus needs one connection only. */
const IDLE_TIMEOUT = 65_000;
/** Bytes of all headers of a request. */
const MAX_HEADERS = 16 * 1024;

/** Where to listen: a TCP address, or a unix socket. */
export type ListenTarget = { readonly host: string; readonly port: number } | { readonly path: string };

export interface HttpServerOptions {
  readonly target: ListenTarget;
  /**
   * Whether the server keeps the process alive when nothing else does.
   * @default false
   */
  readonly keepAlive?: boolean;
  /** Certificate and key, for HTTPS. @default plain HTTP */
  readonly tls?: TlsOptions | undefined;
  /**
   * Connections at a time; more are closed at once.
   * @default 1000
   */
  readonly maxConnections?: number;
  /**
   * Milliseconds that answers under way get when the server closes.
   * @default 1000
   */
  readonly grace?: number;
  /** Told of each connection that was ended before there was a request on it. */
  readonly onRefused?: (reason: ConnectionRefusal) => void;
}

/** A server that listens. */
export interface RunningServer {
  /** Without a path: `http://127.0.0.1:9464`, or `unix:/run/phanos.sock`. */
  readonly url: string;
  /** 0 for a unix socket. */
  readonly port: number;
  /** Stops listening, lets answers under way end for a moment, and cuts what is left. */
  close(): Promise<void>;
}

/** Starts to listen. Rejects with PORT_TAKEN if another program listens there, with LISTEN_FAILED if it can't be listened on for another reason. */
export async function startHttpServer(respond: RequestListener, options: HttpServerOptions): Promise<RunningServer> {
  const { target, keepAlive = false, tls, maxConnections = 1000, grace = 1000, onRefused } = options;
  const limits: ServerOptions = {
    requestTimeout: REQUEST_TIMEOUT,
    headersTimeout: REQUEST_TIMEOUT,
    keepAliveTimeout: IDLE_TIMEOUT,
    maxHeaderSize: MAX_HEADERS,
    connectionsCheckingInterval: 5000,
  };
  const server =
    tls === undefined
      ? createPlainServer(limits, respond)
      : createSecureServer({ ...limits, handshakeTimeout: REQUEST_TIMEOUT, ...tls }, respond);
  server.maxConnections = maxConnections;
  // Without a listener node:http would ask the client to go on and send its body.
  server.on('checkContinue', respond);
  if (onRefused !== undefined) watchConnections(server, onRefused);
  if (!keepAlive) server.on('connection', (socket) => socket.unref());
  await listen(server, target);
  if (!keepAlive) server.unref();
  const port = 'path' in target ? 0 : (server.address() as AddressInfo).port;
  let closed: Promise<void> | undefined;
  return {
    url: 'path' in target ? `unix:${target.path}` : `${tls === undefined ? 'http' : 'https'}://${urlHost(target.host)}:${port}`,
    port,
    close() {
      closed ??= close(server, grace);
      return closed;
    },
  };
}

function listen(server: Server, target: ListenTarget): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays, for an error that nobody listens to would end the process.
    server.on('error', (error) => reject(listenError(error, target)));
    server.listen(target, resolve);
  });
}

function listenError(error: NodeJS.ErrnoException, target: ListenTarget): PhanosError {
  const isTaken = error.code === 'EADDRINUSE';
  if ('path' in target) {
    const remedy = isTaken ? 'stop it, or choose another path' : 'choose a path that this process may write';
    const what = isTaken ? `another program listens on ${target.path}` : `can't listen on ${target.path} (${error.message})`;
    return new PhanosError(isTaken ? 'PORT_TAKEN' : 'LISTEN_FAILED', `${what}; ${remedy}`, { cause: error });
  }
  const { host, port } = target;
  if (isTaken) {
    const remedy = `stop whoever listens there, or choose another port, for example ${port < 65_535 ? port + 1 : port - 1}, or 0 for any free one`;
    return new PhanosError('PORT_TAKEN', `port ${port} of ${host} is taken; ${remedy}`, { cause: error });
  }
  const remedy = 'choose a host and port that this process may use';
  return new PhanosError('LISTEN_FAILED', `can't listen on port ${port} of ${host} (${error.message}); ${remedy}`, { cause: error });
}

function close(server: Server, grace: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), grace);
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
