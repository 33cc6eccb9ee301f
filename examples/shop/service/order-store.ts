import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { profile } from 'phanos';
import { HttpError } from './answer.js';
import type { Order } from './order.js';

/** Orders that are kept, so that a long run fills no disk: order 2001 takes the place of order 1. */
const KEPT = 2000;

/** Keeps orders as files. */
export class OrderStore {
  readonly #folder: string;
  #last = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  nextNumber(): number {
    this.#last++;
    return this.#last;
  }

  /** Another name first: whoever reads at the same time finds the old file or the new one, never half of it. */
  @profile
  async save(order: Order): Promise<void> {
    const path = this.#path(order.number);
    await writeFile(`${path}.new`, JSON.stringify(order));
    await rename(`${path}.new`, path);
  }

  @profile
  async load(number: number): Promise<Order> {
    const missing = `there is no order ${number}`;
    if (!Number.isInteger(number)) throw new HttpError(404, missing);
    const text = await readFile(this.#path(number), 'utf8').catch((cause: unknown) => {
      throw new HttpError(404, missing, { cause });
    });
    const order = JSON.parse(text) as Order;
    if (order.number !== number) throw new HttpError(404, `order ${number} is not kept any more`);
    return order;
  }

  #path(number: number): string {
    return join(this.#folder, `order-${number % KEPT}.json`);
  }
}
