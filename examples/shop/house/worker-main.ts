import { profiler } from 'phanos';
import { FLUSH_INTERVAL } from '../at-risk.js';
import { ShopServer } from '../service/server.js';
import { Shop } from '../service/shop.js';
import { Trouble } from '../trouble.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

/** A worker of the cluster: the shop in one of several processes that share its port. The primary starts it, and tells it when to close. */

let shop: Shop | undefined;
let opening: Promise<ShopServer | undefined> | undefined;

// Ctrl-C reaches this process as well, but the primary decides when it ends. Without the primary Node.js ends workers itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('message', (message: ToWorker) => {
  if (message.type === 'open') opening = open(message);
  else if (message.type === 'prices') shop?.setPrices(message.rows);
  else if (message.type === 'close') void close();
});

// The same line as in a program of one process: what is counted goes to the primary.
profiler.config({ job: 'shop', flushInterval: FLUSH_INTERVAL });
tell({ type: 'ready' });

async function open({ port, surroundings, prices }: Extract<ToWorker, { type: 'open' }>): Promise<ShopServer | undefined> {
  shop = new Shop({ ...surroundings, onPrices: (rows) => tell({ type: 'prices', rows }) });
  shop.setPrices(prices);
  const server = new ShopServer(shop.router, {
    visited: (visit) => tell({ type: 'visited', visit }),
    faulted: (fault) => tell({ type: 'faulted', fault }),
  });
  try {
    tell({ type: 'opened', url: await server.listen(port) });
    return server;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    tell({ type: 'failed', sentence: error.message });
    return undefined;
  }
}

async function close(): Promise<void> {
  await (await opening)?.close();
  await profiler.close();
  tell({ type: 'closed', refused: profiler.diagnostics() }, () => process.exit());
}

function tell(message: FromWorker, told?: () => void): void {
  process.send?.(message, undefined, undefined, told ?? (() => undefined));
}
