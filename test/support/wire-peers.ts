import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Peers on a wire that misbehave as tests want it. */

/** A way to a TCP server that can be cut and clogged, and that keeps what clients sent. */
export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [client: Socket, server: Socket]>();
  readonly #sent: Buffer[][] = [];
  #refuses = false;
  #stalled = false;

  private constructor(target: number) {
    this.#server = createServer((client) => this.#accept(client, target));
  }

  static async to(port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(port);
    await listen(proxy.#server);
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What the clients sent, connection by connection. */
  get sent(): Buffer[] {
    return this.#sent.map((chunks) => Buffer.concat(chunks));
  }

  /** Closes all connections at once, both ways. New ones are taken, unless `refuse` is true. */
  cut(refuse = false): void {
    this.#refuses = refuse;
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
    this.#pairs.clear();
  }

  /** Lets nothing through any more, in neither direction, while connections stay open: what is left of a network that lost its way. */
  stall(): void {
    this.#stalled = true;
    this.stallOpen();
  }

  /** The same for connections that are open now; new ones work. */
  stallOpen(): void {
    for (const pair of this.#pairs) {
      for (const socket of pair) {
        socket.removeAllListeners('drain');
        socket.pause();
      }
    }
  }

  /** Takes new connections again, and lets them work; what was stalled stays so. */
  resume(): void {
    this.#stalled = false;
    this.#refuses = false;
  }

  async close(): Promise<void> {
    this.cut(true);
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket, target: number): void {
    client.on('error', () => undefined);
    if (this.#refuses) {
      client.resetAndDestroy();
      return;
    }
    const server = connect(target, '127.0.0.1');
    server.on('error', () => undefined);
    const pair = [client, server] as const;
    const chunks: Buffer[] = [];
    this.#pairs.add(pair);
    this.#sent.push(chunks);
    client.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (!server.write(chunk)) client.pause();
    });
    server.on('data', (chunk: Buffer) => {
      if (!client.write(chunk)) server.pause();
    });
    server.on('drain', () => client.resume());
    client.on('drain', () => server.resume());
    client.on('close', () => this.#drop(pair));
    server.on('close', () => this.#drop(pair));
    if (this.#stalled) for (const socket of pair) socket.pause();
  }

  #drop(pair: readonly [Socket, Socket]): void {
    if (!this.#pairs.delete(pair)) return;
    for (const socket of pair) socket.destroy();
  }
}

/** A peer that accepts connections and never says a word. */
export class SilentPeer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      // Read, or the end of a connection would not be seen.
      socket
        .on('error', () => undefined)
        .on('close', () => this.#sockets.delete(socket))
        .resume();
    });
  }

  static async start(): Promise<SilentPeer> {
    const peer = new SilentPeer();
    await listen(peer.#server);
    return peer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }
}

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}
