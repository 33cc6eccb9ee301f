import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Order } from '../../examples/shop/service/order.js';
import { OrderStore } from '../../examples/shop/service/order-store.js';
import { newFolder } from '../support/project.js';

let folder: string;

beforeEach(async () => {
  folder = await newFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function order(number: number): Order {
  return { number, customer: 'Ada', lines: [], total: 0, signature: '' };
}

test('tills of one folder never give the same number, also when one is replaced', async () => {
  const [first, second] = [1, 2].map((number) => new OrderStore(folder, { number, of: 2 })) as [OrderStore, OrderStore];
  const numbers = [first.nextNumber(), second.nextNumber(), first.nextNumber(), second.nextNumber()];
  expect(numbers).toEqual([1, 2, 3, 4]);
  for (const number of numbers) await first.save(order(number));
  // What a killed process leaves.
  await writeFile(join(folder, 'order-7.json.new'), '{');
  const successor = new OrderStore(folder, { number: 1, of: 2 });
  expect(successor.nextNumber()).toBe(5);
  expect(await successor.load(4)).toEqual(order(4));
  await expect(successor.load(6)).rejects.toThrow('there is no order 6');
});

test('each till keeps a thousand orders', async () => {
  const store = new OrderStore(folder, { number: 2, of: 2 });
  for (let i = 0; i < 1002; i++) await store.save(order(store.nextNumber()));
  const files = await readdir(folder);
  expect(files).toHaveLength(1000);
  expect(files).not.toContain('order-4.json');
  expect(files).toContain('order-6.json');
});
