/** Every route of the shop, with the profiled method that answers it: each request is one root call of that method. */
export const ROUTES = {
  'GET /': 'Catalogue:home',
  'GET /products': 'Catalogue:list',
  'GET /products/:id': 'Catalogue:show',
  'GET /search': 'Catalogue:search',
  'POST /orders': 'Orders:place',
  'POST /orders/:number/payment': 'Checkout:pay',
  'GET /orders/:number/invoice': 'Invoices:download',
  'POST /prices': 'Prices:import',
  'anything else': 'Shop:notFound',
} as const;

export type Route = keyof typeof ROUTES;

/** Where the shop listens. */
export const HOST = '127.0.0.1';

/** How the load process signs its requests, so that the shop can tell them from those of other visitors. */
export const LOAD_AGENT = 'shop-load';

/** Header in which an answer says which process it comes from. */
export const PROCESS_HEADER = 'x-process';
