import { gzipSync } from 'node:zlib';
import { Random } from '../random.js';
import { PRODUCT_COUNT } from '../service/product.js';
import type { Route } from '../service/routes.js';

/** A request to send. */
export interface Planned {
  readonly route: Route;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** How many of a hundred requests go to each route. */
const SHARES: readonly (readonly [route: Route, share: number])[] = [
  ['GET /', 2],
  ['GET /products', 16],
  ['GET /products/:id', 27],
  ['GET /search', 18],
  ['POST /orders', 16],
  ['POST /orders/:number/payment', 9],
  ['GET /orders/:number/invoice', 9],
  ['POST /prices', 2],
  ['anything else', 1],
];

const WORDS = [
  'oak',
  'lamp',
  'folding chair',
  'kitchen',
  'small hall table',
  'wool rug',
  'brass',
  'plain shelf',
  'reading corner',
  'steel',
] as const;
const CUSTOMERS = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald', 'Margaret'] as const;
/** Numbers that card makers publish for tests. */
const CARDS = ['4111111111111111', '5555555555554444', '378282246310005'] as const;
const WRONG_CARD = '4111111111111112';

/** How many orders are remembered to be paid, or to be asked for their invoice. */
const REMEMBERED = 200;

/** Decides what the customers do next: the same for the same seed, but for the numbers that the shop gives to orders. */
export class Mix {
  readonly #random: Random;
  readonly #unpaid: number[] = [];
  readonly #paid: number[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** Tells that an order was accepted. */
  remember(order: number): void {
    this.#unpaid.push(order);
    if (this.#unpaid.length > REMEMBERED) this.#unpaid.shift();
  }

  next(): Planned {
    let left = this.#random.next() * 100;
    for (const [route, share] of SHARES) {
      left -= share;
      if (left < 0) return this.#plan(route);
    }
    return this.#plan('anything else');
  }

  #plan(route: Route): Planned {
    const random = this.#random;
    switch (route) {
      case 'GET /':
        return { route, method: 'GET', path: '/' };
      case 'GET /products':
        return { route, method: 'GET', path: `/products?page=${random.percent(2) ? 'last' : 1 + random.below(15)}` };
      case 'GET /products/:id':
        return { route, method: 'GET', path: `/products/${1 + random.below(random.percent(5) ? 10 * PRODUCT_COUNT : PRODUCT_COUNT)}` };
      case 'GET /search':
        return { route, method: 'GET', path: `/search?q=${encodeURIComponent(random.percent(2) ? '' : random.of(WORDS))}` };
      case 'POST /orders':
        return this.#order();
      case 'POST /orders/:number/payment':
        return this.#payment();
      case 'GET /orders/:number/invoice':
        return this.#invoice();
      case 'POST /prices':
        return this.#priceList();
      case 'anything else':
        return { route, method: 'GET', path: `/wishes/${random.below(100)}` };
    }
  }

  #order(): Planned {
    const random = this.#random;
    const wrong = random.percent(8);
    const lines = Array.from({ length: 1 + random.below(8) }, () => ({
      product: 1 + random.below(PRODUCT_COUNT),
      quantity: wrong ? 0 : 1 + random.below(4),
    }));
    const form = JSON.stringify({ customer: random.of(CUSTOMERS), lines });
    const body = random.percent(2) ? form.slice(0, -3) : form;
    return { route: 'POST /orders', method: 'POST', path: '/orders', headers: { 'content-type': 'application/json' }, body };
  }

  #payment(): Planned {
    const order = this.#unpaid.shift();
    if (order === undefined) return this.#order();
    this.#paid.push(order);
    if (this.#paid.length > REMEMBERED) this.#paid.shift();
    const card = this.#random.percent(4) ? WRONG_CARD : this.#random.of(CARDS);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { route: 'POST /orders/:number/payment', method: 'POST', path: `/orders/${order}/payment`, headers, body: `card=${card}` };
  }

  #invoice(): Planned {
    const order = this.#paid[this.#random.below(this.#paid.length)];
    if (order === undefined) return this.#order();
    const currency = this.#random.percent(1) ? 'gold' : 'EUR';
    return { route: 'GET /orders/:number/invoice', method: 'GET', path: `/orders/${order}/invoice?currency=${currency}` };
  }

  #priceList(): Planned {
    const random = this.#random;
    const rows = Array.from({ length: 150 }, () => `${1 + random.below(PRODUCT_COUNT)},${(9 + random.next() * 900).toFixed(2)}`);
    if (random.percent(15)) rows[random.below(rows.length)] = '17,a bargain';
    const headers = { 'content-type': 'text/csv', 'content-encoding': 'gzip' };
    return { route: 'POST /prices', method: 'POST', path: '/prices', headers, body: gzipSync(`id,price\n${rows.join('\n')}\n`) };
  }
}
