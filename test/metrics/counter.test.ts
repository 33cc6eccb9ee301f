import { Counter } from 'phanos';
import { expect, test } from 'vitest';
import { measured, untyped } from './measured.js';

test('counts what is added, one by default, and shows it as <name>_total', async () => {
  const { profiler, samples, records } = measured();
  const sold = new Counter({ name: 'sold', help: 'Items sold.', profiler });
  sold.inc();
  sold.inc(2.5);
  sold.inc(0);
  expect(sold.value()).toBe(3.5);
  expect(await profiler.metrics()).toBe('# HELP sold_total Items sold.\n# TYPE sold_total counter\nsold_total 3.5\n');
  expect(await samples()).toEqual({ sold_total: 3.5 });
  expect(await records()).toEqual([
    ['sold', 'inc', 1, { error_raised: false }],
    ['sold', 'inc', 2.5, { error_raised: false }],
    ['sold', 'inc', 0, { error_raised: false }],
  ]);
});

test('takes labels before and after the value', async () => {
  const { profiler, samples, records } = measured({ errorRaisedLabel: false });
  const sold = new Counter({ name: 'sold', labelNames: ['kind', 'shop'], profiler });
  sold.inc({ kind: 'book', shop: 'a' });
  sold.inc({ kind: 'book', shop: 'a' }, 2);
  sold.inc(3, { shop: 'a', kind: 'book' });
  sold.inc(1, { kind: 'pen', shop: 'b' });
  expect(sold.value({ kind: 'book', shop: 'a' })).toBe(6);
  expect(sold.value({ kind: 'never', shop: 'seen' })).toBe(0);
  expect(await samples()).toEqual({ 'sold_total{kind="book",shop="a"}': 6, 'sold_total{kind="pen",shop="b"}': 1 });
  expect(await records()).toEqual([
    ['sold', 'inc', 1, { kind: 'book', shop: 'a' }],
    ['sold', 'inc', 2, { kind: 'book', shop: 'a' }],
    ['sold', 'inc', 3, { shop: 'a', kind: 'book' }],
    ['sold', 'inc', 1, { kind: 'pen', shop: 'b' }],
  ]);
});

test('a handle counts for its labels and makes records', async () => {
  const { profiler, samples, records } = measured({ errorRaisedLabel: false });
  const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
  const books = sold.labels({ kind: 'book' });
  expect(await samples()).toEqual({ 'sold_total{kind="book"}': 0 });
  books.inc();
  books.inc(4);
  sold.inc({ kind: 'book' });
  expect(sold.value({ kind: 'book' })).toBe(6);
  expect(await samples()).toEqual({ 'sold_total{kind="book"}': 6 });
  expect(await records()).toEqual([
    ['sold', 'inc', 1, { kind: 'book' }],
    ['sold', 'inc', 4, { kind: 'book' }],
    ['sold', 'inc', 1, { kind: 'book' }],
  ]);
});

test('value is what was counted, whether scraped or not', async () => {
  const { profiler, samples } = measured();
  const sold = new Counter({ name: 'sold', profiler });
  sold.inc(2);
  await samples();
  sold.inc(3);
  expect(sold.value()).toBe(5);
  expect(await samples()).toEqual({ sold_total: 5 });
  expect(await samples()).toEqual({ sold_total: 5 });
});

test.each([
  ['a negative number', -1, '-1'],
  ['the least negative number', -Number.MIN_VALUE, '-5e-324'],
  ['NaN', Number.NaN, 'NaN'],
  ['Infinity', Number.POSITIVE_INFINITY, 'Infinity'],
  ['-Infinity', Number.NEGATIVE_INFINITY, '-Infinity'],
  ['a text', untyped('1'), "'1'"],
  ['a bigint', untyped(1n), '1n'],
  ['true', untyped(true), 'true'],
])('refuses %s', async (_what, value, shown) => {
  const { profiler, samples, records, troubles, logged } = measured();
  const sold = new Counter({ name: 'sold', profiler });
  const kinds = new Counter({ name: 'kinds', labelNames: ['kind'], profiler });
  sold.inc(value);
  kinds.inc(value, { kind: 'a' });
  kinds.inc({ kind: 'a' }, value);
  kinds.labels({ kind: 'a' }).inc(value);
  expect(await samples()).toEqual({ sold_total: 0, 'kinds_total{kind="a"}': 0 });
  expect(await records()).toEqual([]);
  expect(troubles('value')).toEqual({ sold: 1, kinds: 3 });
  expect(logged.map(({ level, fields, message }) => [level, fields, message])).toEqual([
    [
      'error',
      { metric: 'sold', reason: 'value' },
      `counter 'sold': takes finite numbers that are not negative, got ${shown}; nothing was recorded`,
    ],
    [
      'error',
      { metric: 'kinds', reason: 'value' },
      `counter 'kinds': takes finite numbers that are not negative, got ${shown}; nothing was recorded`,
    ],
  ]);
});

test.each([
  ['null', null],
  ['an object', {}],
  ['an object without a prototype', Object.create(null)],
  ['an array', [1]],
  ['a symbol', Symbol('s')],
  ['a function', () => 1],
  [
    'an object that can not be made a text',
    {
      toString() {
        throw new Error('no text');
      },
    },
  ],
])('refuses %s wherever a value stands', async (_what, value) => {
  const { profiler, samples, troubles } = measured();
  const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
  sold.inc(untyped(value), { kind: 'a' });
  sold.inc({ kind: 'a' }, untyped(value));
  sold.labels({ kind: 'a' }).inc(untyped(value));
  expect(await samples()).toEqual({ 'sold_total{kind="a"}': 0 });
  expect(Object.values(troubles('value')).concat(Object.values(troubles('labels')))).toEqual([3]);
});
