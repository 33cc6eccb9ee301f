import { randomUUID } from 'node:crypto';
import type { DiagnosticCount } from 'phanos';
import { temporaryFolder } from '../folder.js';
import { ShopServer } from '../service/server.js';
import { Shop } from '../service/shop.js';
import { Ledger } from './ledger.js';
import type { HouseOptions, OpenShop } from './open-shop.js';

/** The shop in this process. */
export class OneProcess implements OpenShop {
  readonly url: string;
  readonly ledger: Ledger;
  readonly workers = [];
  readonly broken = new Promise<never>(() => undefined);
  readonly #server: ShopServer;

  private constructor(url: string, ledger: Ledger, server: ShopServer) {
    this.url = url;
    this.ledger = ledger;
    this.#server = server;
  }

  static async open({ port, supplierUrl }: HouseOptions): Promise<OneProcess> {
    const ledger = new Ledger();
    const till = { number: 1, of: 1 };
    const shop = new Shop({ folder: temporaryFolder(), till, key: randomUUID(), supplierUrl, onPrices: () => undefined });
    const server = new ShopServer(shop.router, {
      visited: (visit) => ledger.visited(process.pid, visit),
      faulted: (fault) => ledger.faults.add(fault),
    });
    return new OneProcess(await server.listen(port), ledger, server);
  }

  killOldest(): void {
    // This process has the rest of the demonstration to carry.
  }

  async close(): Promise<readonly DiagnosticCount[]> {
    await this.#server.close();
    return [];
  }
}
