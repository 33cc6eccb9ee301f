import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../random.js';

/** The service that the shop buys from. It takes its time, and now and then refuses. */
export class SupplierService {
  readonly #random = new Random(3);
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));

  /** Listens on a free port of this machine, and returns the URL. */
  async listen(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    const refuses = this.#random.percent(7);
    await sleep(1 + this.#random.below(8));
    if (refuses) response.writeHead(503).end();
    else response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ reservation: randomUUID() }));
  }
}
