import { profile } from 'phanos';
import { type Answer, HttpError, jsonAnswer, type ShopRequest } from './answer.js';
import { itemsSold, orderValue } from './metrics.js';
import { checkForm, type Order, type OrderForm } from './order.js';
import type { OrderStore } from './order-store.js';
import type { PriceList } from './price-list.js';
import type { Product } from './product.js';
import type { Signer } from './signer.js';

/** What orders need of the shop. */
export interface OrdersParts {
  readonly products: readonly Product[];
  readonly prices: PriceList;
  readonly signer: Signer;
  readonly store: OrderStore;
}

/** Takes orders. */
export class Orders {
  readonly #parts: OrdersParts;

  constructor(parts: OrdersParts) {
    this.#parts = parts;
  }

  @profile
  async place({ body }: ShopRequest): Promise<Answer> {
    const { signer, store } = this.#parts;
    const form = checkForm(this.parse(body));
    const unsigned = { number: store.nextNumber(), ...form, total: this.total(form) };
    const order: Order = { ...unsigned, signature: signer.sign(unsigned) };
    await store.save(order);
    this.#count(order);
    return jsonAnswer(order, 201);
  }

  @profile
  parse(body: Buffer): unknown {
    try {
      return JSON.parse(body.toString());
    } catch (cause) {
      throw new HttpError(400, 'the order is no JSON', { cause });
    }
  }

  @profile
  total({ lines }: OrderForm): number {
    return lines.reduce((sum, { product, quantity }) => sum + quantity * this.#parts.prices.priceOf(product), 0);
  }

  #count({ lines, total }: Order): void {
    orderValue.observe(total / 100);
    for (const { product, quantity } of lines) {
      const kind = this.#parts.products[product - 1]?.kind ?? 'unknown';
      itemsSold.inc(quantity, { kind });
    }
  }
}
