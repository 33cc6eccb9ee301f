import { createHash } from 'node:crypto';
import { profile } from 'phanos';
import { Random } from '../random.js';
import { PRODUCT_COUNT } from './product.js';

/** One line of a price list. */
export interface PriceRow {
  readonly id: number;
  /** In cents. */
  readonly price: number;
}

/** What each product costs at present. */
export class PriceList {
  readonly #cents = new Map<number, number>();

  constructor() {
    const random = new Random(11);
    for (let id = 1; id <= PRODUCT_COUNT; id++) this.#cents.set(id, 900 + random.below(90_000));
  }

  /** In cents. */
  priceOf(id: number): number {
    return this.#cents.get(id) ?? 0;
  }

  /** Takes over all rows. */
  set(rows: readonly PriceRow[]): void {
    for (const { id, price } of rows) this.#cents.set(id, price);
  }

  /** Takes over all rows, and returns a fingerprint of the whole list. */
  @profile
  update(rows: readonly PriceRow[]): string {
    this.set(rows);
    const hash = createHash('sha256');
    for (const [id, cents] of this.#cents) hash.update(`${id}:${cents}\n`);
    return hash.digest('hex');
  }
}
