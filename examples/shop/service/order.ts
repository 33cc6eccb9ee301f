import { profile } from 'phanos';
import { HttpError } from './answer.js';
import { PRODUCT_COUNT } from './product.js';

/** One kind of thing in an order. */
export interface OrderLine {
  readonly product: number;
  readonly quantity: number;
}

/** An accepted order. */
export interface Order {
  readonly number: number;
  readonly customer: string;
  readonly lines: readonly OrderLine[];
  /** In cents. */
  readonly total: number;
  /** Of all the other fields, by the shop's key. */
  readonly signature: string;
}

/** What a customer sends. */
export type OrderForm = Pick<Order, 'customer' | 'lines'>;

/** Most of one thing in an order. */
const MAX_QUANTITY = 20;

/** Throws a 400 that names the first fault. Functions are profiled without a decorator: wherever it is called, it is `checkForm` in the path. */
export const checkForm = profile('order:checkForm', (form: unknown): OrderForm => {
  if (typeof form !== 'object' || form === null) throw new HttpError(400, 'an order is an object');
  const { customer, lines } = form as Partial<OrderForm>;
  if (typeof customer !== 'string' || customer === '') throw new HttpError(400, 'customer: give a name');
  if (!Array.isArray(lines) || lines.length === 0) throw new HttpError(400, 'lines: give at least one');
  return { customer, lines: lines.map(checkLine) };
});

function checkLine(line: Partial<OrderLine>, i: number): OrderLine {
  const { product, quantity } = line;
  if (!isWhole(product, PRODUCT_COUNT)) throw new HttpError(400, `lines[${i}]: there is no product ${product}`);
  if (!isWhole(quantity, MAX_QUANTITY)) throw new HttpError(400, `lines[${i}]: quantity is 1 to ${MAX_QUANTITY}, got ${quantity}`);
  return { product, quantity };
}

function isWhole(value: unknown, highest: number): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= highest;
}
