import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpAddress } from './http-address.js';

/** What is asked. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Without the prefix of the address. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Milliseconds until the answer must be there whole. */
  readonly patience: number;
}

/** What came back. */
export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/**
 * One connection to a collector, kept open from request to request. It never keeps the process alive, and each request has an end: it is answered, or
 * it rejects.
 */
export class HttpConnection {
  readonly #address: HttpAddress;
  readonly #agent: Agent;
  readonly #request: typeof import('node:http').request;
  /** The connection as it was last used, and what was sent on it. */
  #socket: Socket | undefined;
  #current: ClientRequest | undefined;

  constructor(address: HttpAddress) {
    this.#address = address;
    const { Agent, request } = process.getBuiltinModule(address.isSecure ? 'node:https' : 'node:http');
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
    this.#request = request;
  }

  /** Rejects with the error of the connection. Once more at once if a connection that was kept proves closed: everything here may be said twice. */
  async ask(request: HttpRequest): Promise<HttpReply> {
    const deadline = performance.now() + request.patience;
    for (;;) {
      try {
        return await this.#ask(request, deadline - performance.now());
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error;
      }
    }
  }

  /** Writes a request to the open connection without waiting for anything, as far as the system takes it at once. False if there is none that is free. */
  tell({ method, path, headers, body = new Uint8Array() }: Omit<HttpRequest, 'patience'>): boolean {
    const socket = this.#socket;
    const isFree = this.#current === undefined || this.#current.writableFinished;
    if (socket === undefined || socket.destroyed || socket.connecting || !isFree) return false;
    const lines = Object.entries(this.#headers(headers, body)).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `${method} ${this.#address.prefix}${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
    // In one piece: of several, TLS writes only the first one at once.
    socket.write(Buffer.concat([Buffer.from(head), body]));
    return true;
  }

  close(): void {
    this.#agent.destroy();
  }

  #headers(headers: HttpRequest['headers'], body: Uint8Array | undefined): Record<string, string> {
    const { authorization, hostHeader } = this.#address;
    return {
      host: hostHeader,
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-length': String(body.byteLength) }),
      ...headers,
    };
  }

  #ask({ method, path, headers, body }: HttpRequest, patience: number): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      const request = this.#request({
        ...this.#address.to,
        agent: this.#agent,
        method,
        path: this.#address.prefix + path,
        headers: this.#headers(headers, body),
      });
      const timer = setTimeout(
        () => request.destroy(new Error(`no answer within ${Math.ceil(patience)} ms`)),
        Math.max(0, patience),
      ).unref();
      const failed = (error: Error): void => {
        clearTimeout(timer);
        reject(request.reusedSocket && isHangUp(error) ? new StaleConnection() : error);
      };
      request.on('error', failed);
      request.on('socket', (socket) => {
        socket.unref();
        this.#socket = socket;
        this.#current = request;
      });
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => void chunks.push(chunk));
        response.on('error', failed);
        response.on('end', () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
        });
      });
      request.end(body);
    });
  }
}

/** The collector had closed the connection that was kept. */
class StaleConnection extends Error {}

function isHangUp(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE';
}
