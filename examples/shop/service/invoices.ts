import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { profile } from 'phanos';
import { type Answer, answer, type ShopRequest } from './answer.js';
import type { Order } from './order.js';
import type { OrderStore } from './order-store.js';
import { page } from './page.js';
import type { PriceList } from './price-list.js';

const zip = promisify(gzip);

/** Writes invoices. */
export class Invoices {
  readonly #store: OrderStore;
  readonly #prices: PriceList;

  constructor(store: OrderStore, prices: PriceList) {
    this.#store = store;
    this.#prices = prices;
  }

  @profile
  async download({ params, query }: ShopRequest): Promise<Answer> {
    const order = await this.#store.load(Number(params.number));
    const html = this.render(order, query.get('currency') ?? 'EUR');
    const body = await this.compress(html);
    return answer(200, 'text/html; charset=utf-8', body, { 'content-encoding': 'gzip' });
  }

  @profile
  render({ number, customer, lines, total, signature }: Order, currency: string): string {
    const format = this.formatOf(currency);
    const rows = lines.map(({ product, quantity }) => {
      const price = this.#prices.priceOf(product) / 100;
      return `<tr><td>${product}</td><td>${quantity}</td><td>${format.format(price)}</td><td>${format.format(quantity * price)}</td></tr>`;
    });
    const sum = `<p>${format.format(total / 100)}</p><small>${signature}</small>`;
    return page(`Invoice ${number}`, `<p>${customer}</p><table>${rows.join('\n')}</table>${sum}`);
  }

  @profile
  async compress(html: string): Promise<Buffer> {
    return zip(html);
  }

  /** A fault left in on purpose: nobody checks the currency, so `?currency=gold` makes Intl throw and the shop answer 500. */
  formatOf(currency: string): Intl.NumberFormat {
    return new Intl.NumberFormat('en', { style: 'currency', currency });
  }
}
