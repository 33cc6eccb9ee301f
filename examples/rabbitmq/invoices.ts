import { profile, profiler } from 'phanos';
import { ImpProfHandler } from 'phanos/rabbitmq';

/** A service that sends records as Python phanos does, for whoever consumes those: AMQP_URL names the broker. */

const handler = new ImpProfHandler('imp_prof', { url: process.env.AMQP_URL ?? 'amqp://127.0.0.1' });
// With 'off' the series stay out of it: of one job a collector takes records or batches, not both.
profiler.config({ job: 'invoices', handlers: [handler], collector: 'off' });
await handler.ready();

const total = profile('invoices:total', (prices: readonly number[]) => prices.reduce((sum, price) => sum + price, 0));

for (let i = 0; i < 20; i++) total([i, i + 1]);
await profiler.close(); // waits until the broker has confirmed them
console.log('20 invoices', JSON.stringify(handler.delivery));
