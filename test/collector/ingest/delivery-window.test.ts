import { setImmediate as turn } from 'node:timers/promises';
import type { ConsumeMessage } from 'amqplib';
import { expect, test } from 'vitest';
import { DeliveryWindow } from '../../../src/collector/ingest/amqp/delivery-window.js';

function aWindow(messages: number) {
  const acknowledged: (readonly [tag: number, messages: number])[] = [];
  const window = new DeliveryWindow(({ fields }, count) => acknowledged.push([fields.deliveryTag, count]));
  const done = Array.from({ length: messages }, (_, i) => window.add({ fields: { deliveryTag: i + 1 } } as ConsumeMessage));
  const settle = (...tags: number[]): void => {
    for (const tag of tags) done[tag - 1]!();
  };
  return { acknowledged, window, done: settle };
}

test('what is done in one turn is acknowledged at once, up to the last before which all is done', async () => {
  const { acknowledged, window, done } = aWindow(6);
  done(1, 2, 3, 5);
  expect(acknowledged).toEqual([]);
  await turn();
  expect([acknowledged, window.size]).toEqual([[[3, 3]], 3]);
  done(4);
  await turn();
  expect([acknowledged, window.size]).toEqual([
    [
      [3, 3],
      [5, 2],
    ],
    1,
  ]);
});

test('what waits for one before it is not acknowledged', async () => {
  const { acknowledged, done } = aWindow(3);
  done(3, 2);
  await turn();
  expect(acknowledged).toEqual([]);
  done(1);
  await turn();
  expect(acknowledged).toEqual([[3, 3]]);
});

test('empty resolves once the last one is acknowledged', async () => {
  const { acknowledged, window, done } = aWindow(2);
  let isEmpty = false;
  const emptied = window.empty().then(() => {
    isEmpty = true;
  });
  done(2);
  await turn();
  expect(isEmpty).toBe(false);
  done(1);
  await emptied;
  expect(acknowledged).toEqual([[2, 2]]);
  await window.empty();
});
