import { profile } from 'phanos';
import { type Answer, HttpError } from './answer.js';
import { Cards } from './cards.js';
import { Catalogue } from './catalogue.js';
import { Checkout } from './checkout.js';
import { Invoices } from './invoices.js';
import { OrderStore, type Till } from './order-store.js';
import { Orders } from './orders.js';
import { PriceList, type PriceRow } from './price-list.js';
import { Prices } from './prices.js';
import { makeProducts } from './product.js';
import { Router } from './router.js';
import { Signer } from './signer.js';
import { Supplier } from './supplier.js';

/** What the shop needs of the world. */
export interface ShopSurroundings {
  /** For orders; shared by all processes of the shop. */
  readonly folder: string;
  readonly till: Till;
  /** What orders and receipts are signed with. */
  readonly key: string;
  readonly supplierUrl: string;
  /** Hears of the price lists that were sent to this process, so that others can charge the same. */
  readonly onPrices: (rows: readonly PriceRow[]) => void;
}

/** The shop: its parts, and which of them answers which route. */
export class Shop {
  readonly router: Router;
  readonly #prices = new PriceList();

  constructor({ folder, till, key, supplierUrl, onPrices }: ShopSurroundings) {
    const products = makeProducts();
    const prices = this.#prices;
    const signer = new Signer(key);
    const store = new OrderStore(folder, till);
    const catalogue = new Catalogue(products, prices);
    const orders = new Orders({ products, prices, signer, store });
    const checkout = new Checkout({ cards: new Cards(), signer, store, supplier: new Supplier(supplierUrl) });
    const invoices = new Invoices(store, prices);
    const lists = new Prices(prices, onPrices);
    this.router = new Router({
      'GET /': () => catalogue.home(),
      'GET /products': (request) => catalogue.list(request),
      'GET /products/:id': (request) => catalogue.show(request),
      'GET /search': (request) => catalogue.search(request),
      'POST /orders': (request) => orders.place(request),
      'POST /orders/:number/payment': (request) => checkout.pay(request),
      'GET /orders/:number/invoice': (request) => invoices.download(request),
      'POST /prices': (request) => lists.import(request),
      'anything else': () => this.notFound(),
    });
  }

  /** Takes over prices that another process was sent. */
  setPrices(rows: readonly PriceRow[]): void {
    this.#prices.set(rows);
  }

  @profile
  notFound(): Answer {
    throw new HttpError(404, 'there is nothing here; begin at /');
  }
}
