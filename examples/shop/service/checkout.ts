import { profile } from 'phanos';
import { type Answer, HttpError, jsonAnswer, type ShopRequest } from './answer.js';
import type { Cards } from './cards.js';
import type { OrderStore } from './order-store.js';
import type { Signer } from './signer.js';
import type { Supplier } from './supplier.js';

/** What payments need of the shop. */
export interface CheckoutParts {
  readonly cards: Cards;
  readonly signer: Signer;
  readonly store: OrderStore;
  readonly supplier: Supplier;
}

/** Takes payments. */
export class Checkout {
  readonly #parts: CheckoutParts;

  constructor(parts: CheckoutParts) {
    this.#parts = parts;
  }

  @profile
  async pay({ params, body }: ShopRequest): Promise<Answer> {
    const { cards, signer, store, supplier } = this.#parts;
    const order = await store.load(Number(params.number));
    const card = this.readCard(body);
    const [token, reservation] = await Promise.all([cards.tokenOf(card), supplier.reserve(order)]);
    const receipt = { order: order.number, total: order.total, token, reservation };
    return jsonAnswer({ ...receipt, signature: signer.sign(receipt) });
  }

  @profile
  readCard(body: Buffer): string {
    const card = new URLSearchParams(body.toString()).get('card');
    if (card === null) throw new HttpError(400, 'give the number of a card');
    return card;
  }
}
