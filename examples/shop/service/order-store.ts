import { readdirSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { profile } from 'phanos';
import { HttpError } from './answer.js';
import type { Order } from './order.js';

/** Orders that each till keeps, so that a long run fills no disk: order 1001 of a till takes the place of its first. */
const KEPT = 1000;

/** One of the processes that take orders into the same folder: the first of three is `{ number: 1, of: 3 }`. */
export interface Till {
  readonly number: number;
  readonly of: number;
}

/** Keeps orders as files, in a folder that all processes of the shop share. */
export class OrderStore {
  readonly #folder: string;
  readonly #till: Till;
  #last: number;

  constructor(folder: string, till: Till) {
    this.#folder = folder;
    this.#till = till;
    this.#last = lastNumber(folder, till);
  }

  /** No other till gives the same number, and no later process of this till either, once the order is saved. */
  nextNumber(): number {
    this.#last += this.#till.of;
    return this.#last;
  }

  /** Another name first: whoever reads at the same time finds the whole file or none, also if this process is killed. */
  @profile
  async save(order: Order): Promise<void> {
    const path = this.#path(order.number);
    await writeFile(`${path}.new`, JSON.stringify(order));
    await rename(`${path}.new`, path);
    await rm(this.#path(order.number - KEPT * this.#till.of), { force: true });
  }

  @profile
  async load(number: number): Promise<Order> {
    const missing = `there is no order ${number}`;
    if (!Number.isInteger(number)) throw new HttpError(404, missing);
    const text = await readFile(this.#path(number), 'utf8').catch((cause: unknown) => {
      throw new HttpError(404, missing, { cause });
    });
    return JSON.parse(text) as Order;
  }

  #path(number: number): string {
    return join(this.#folder, `order-${number}.json`);
  }
}

/** The highest number that an earlier process of this till has saved an order under. */
function lastNumber(folder: string, { number, of }: Till): number {
  const numbers = readdirSync(folder).flatMap((name) => Number(/^order-(\d+)\.json$/.exec(name)?.[1] ?? []));
  return numbers.filter((each) => each % of === number % of).reduce((a, b) => Math.max(a, b), number - of);
}
