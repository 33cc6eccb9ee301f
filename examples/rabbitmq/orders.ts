import { Counter, profile, profiler } from 'phanos';

/** A service that hands its series over to collectors behind a broker: PHANOS_COLLECTOR=amqp://… in the environment, and nothing of it in here. */

profiler.config({ job: 'orders' });
await profiler.ready(); // says why, if there is no broker, or no collector has begun yet

const sold = new Counter({ name: 'orders_sold', help: 'Items sold.', labelNames: ['kind'] });

class Orders {
  @profile async place(kind: string): Promise<string> {
    sold.inc({ kind });
    return this.#confirm(kind);
  }

  @profile async #confirm(kind: string): Promise<string> {
    return `sold one ${kind}`;
  }
}

const orders = new Orders();
for (let i = 0; i < 10; i++) await orders.place(i % 2 === 0 ? 'book' : 'pen');
await profiler.close();
console.log('10 orders');
