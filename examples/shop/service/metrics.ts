import { Counter, Enum, Gauge, Histogram, Info, Summary } from 'phanos';

/** What the shop counts besides its calls. */

export const itemsSold = new Counter({ name: 'shop_items_sold', help: 'Items in accepted orders.', labelNames: ['kind'] });

export const answers = new Counter({ name: 'shop_answers', help: 'Answers by route and status.', labelNames: ['route', 'status'] });

export const requestsInFlight = new Gauge({ name: 'shop_requests_in_flight', help: 'Requests that wait for their answer.' });

export const orderValue = new Histogram({
  name: 'shop_order_value_euros',
  help: 'Worth of accepted orders.',
  buckets: [500, 1000, 2500, 5000, 10_000, 25_000],
});

export const priceListRows = new Summary({ name: 'shop_price_list_rows', help: 'Rows of imported price lists.' });

export const supplierState = new Enum({
  name: 'shop_supplier',
  help: 'What the supplier did when it was asked last.',
  states: ['unknown', 'answered', 'refused'],
});

// Asked at each scrape only.
new Gauge({
  name: 'shop_memory',
  help: 'Memory of the process.',
  units: 'B',
  labelNames: ['area'],
  collect(gauge) {
    const { rss, heapUsed } = process.memoryUsage();
    gauge.set(rss, { area: 'resident' });
    gauge.set(heapUsed, { area: 'heap' });
  },
});

new Info({ name: 'shop_build', help: 'What the shop runs on.' }).info({ node: process.version });
