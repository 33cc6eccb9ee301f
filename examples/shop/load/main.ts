import { Customers } from './customers.js';
import type { FromLoad, ToLoad } from './messages.js';
import { Mix } from './mix.js';
import { SupplierService } from './supplier-service.js';

/** The load process: the world around the shop, its customers and its supplier. The shop starts it, and tells it when to begin and to end. */

const supplier = new SupplierService();
let customers: Customers | undefined;

// Ctrl-C reaches this process as well, but the shop decides when the load ends. Without the shop there is nothing to do here.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());
process.on('message', (message: ToLoad) => {
  if (message.type === 'start') customers = new Customers({ ...message, mix: new Mix(message.seed) });
  else if (message.type === 'died') customers?.atRisk.died(message.pid, message.at);
  else void stop();
});
tell({ type: 'ready', supplierUrl: await supplier.listen() });

async function stop(): Promise<void> {
  await customers?.stop();
  supplier.close();
  if (customers === undefined) return;
  const { tally, atRisk, late } = customers;
  tell({ type: 'done', tally, atRisk: atRisk.tally, late });
}

function tell(message: FromLoad): void {
  process.send?.(message);
}
