import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Collector } from '../../src/collector/collector.js';
import { Reception } from '../../src/collector/reception.js';
import type { ProducerIdentity } from '../../src/record/batch.js';
import { unpackBatch } from '../../src/record/batch-packing.js';
import type { Newcomer } from '../../src/record/pipe.js';
import type { CollectorAddress } from '../../src/ship/collector-option.js';
import { WorkerSlots } from '../../src/ship/worker-slots.js';

/**
 * What a peer does with a request instead of answering it: it never answers, or cuts the connection, before it has read the batch, after it has applied
 * it, or in the middle of its answer; or it answers with this.
 */
export type Behaviour =
  | 'stall'
  | 'cut'
  | 'apply and cut'
  | 'half an answer'
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> };

/** One request as it came. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Unpacked. */
  readonly body: string;
}

/** For a peer that speaks TLS. */
export interface PeerTls {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** A collector over HTTP that behaves as it is told, and else as it should. */
export class HttpPeer {
  collector = new Collector();
  readonly asked: Asked[] = [];
  /** Connections that were opened to it. */
  connections = 0;
  /** Where the collector says that it serves. */
  url: string | undefined;
  /** In front of all paths. */
  prefix = '';
  readonly #server: Server;
  readonly #slots = new WorkerSlots();
  readonly #scripts = new Map<string, Behaviour[]>();
  #name: CollectorAddress = 'unix:';

  readonly #isSecure: boolean;

  constructor(tls?: PeerTls) {
    const take = (request: IncomingMessage, response: ServerResponse): void => void this.#take(request, response);
    this.#isSecure = tls !== undefined;
    this.#server = tls === undefined ? createServer(take) : createSecureServer(tls, take);
    this.#server.on('connection', () => {
      this.connections++;
    });
  }

  /** @param where a port, 0 for any free one, or the path of a socket */
  static async start(where: number | string = 0, tls?: PeerTls): Promise<HttpPeer> {
    const peer = new HttpPeer(tls);
    await peer.listen(where);
    return peer;
  }

  /** Address for the option `collector`. */
  get name(): CollectorAddress {
    return this.#name;
  }

  async listen(where: number | string): Promise<void> {
    if (typeof where === 'string') this.#server.listen(where);
    else this.#server.listen(where, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    this.#name = typeof where === 'string' ? `unix:${where}` : `${this.#isSecure ? 'https' : 'http'}://127.0.0.1:${port}`;
  }

  /** What the next requests of this path meet, one after the other. */
  script(path: string, ...behaviours: readonly Behaviour[]): void {
    this.#scripts.set(path, [...(this.#scripts.get(path) ?? []), ...behaviours]);
  }

  of(path: string): Asked[] {
    return this.asked.filter((request) => request.path === path);
  }

  /** Closes every connection, and listens no more. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.slice(this.prefix.length) ?? '';
    const behaviour = this.#scripts.get(path)?.shift();
    if (behaviour === 'cut') {
      request.socket.destroy();
      return;
    }
    const packed = await buffer(request).catch(() => undefined);
    if (packed === undefined) return;
    const body = Buffer.from(unpackBatch(packed, request.headers['content-encoding']));
    this.asked.push({ method: request.method ?? '', path, headers: request.headers, body: body.toString() });
    if (behaviour === 'stall') return;
    if (typeof behaviour === 'object') {
      response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body);
      return;
    }
    const [status, answer] = await this.#answer(path, body);
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
    if (behaviour === 'apply and cut') request.socket.destroy();
    else if (behaviour === 'half an answer') {
      response.writeHead(status, { 'content-length': Buffer.byteLength(text) }).write(text.slice(0, text.length / 2));
      setImmediate(() => request.socket.destroy());
    } else response.writeHead(status).end(status === 204 ? undefined : text);
  }

  async #answer(path: string, body: Buffer): Promise<[status: number, body: object | string]> {
    if (path === '/metrics') return [200, this.collector.text()];
    if (path === '/v2/hello') {
      const { boot, worker } = JSON.parse(body.toString()) as Newcomer;
      const url = this.url === undefined ? {} : { url: this.url };
      return [200, { worker: this.#slots.take(boot, worker), epoch: this.collector.epoch, ...url }];
    }
    if (path === '/v2/gone') {
      const producer = JSON.parse(body.toString()) as ProducerIdentity;
      this.#slots.free(producer.boot);
      this.collector.end(producer);
      return [204, ''];
    }
    const answer = await new Reception(this.collector).receive(body);
    const statuses = { stored: 200, refused: 400, later: 503 };
    return [statuses[answer.kind], answer];
  }
}
