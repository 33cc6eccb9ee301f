import { Gauge } from 'phanos';
import { expect, test } from 'vitest';
import { measured, untyped } from './measured.js';

test('goes up and down and is shown as it is', async () => {
  const { profiler, records } = measured({ errorRaisedLabel: false });
  const queued = new Gauge({ name: 'queued', help: 'Jobs that wait.', profiler });
  queued.set(5);
  queued.inc();
  queued.inc(2.5);
  queued.dec();
  queued.dec(0.5);
  expect(queued.value()).toBe(7);
  expect(await profiler.metrics()).toBe('# HELP queued Jobs that wait.\n# TYPE queued gauge\nqueued 7\n');
  expect(await records()).toEqual([
    ['queued', 'set', 5, {}],
    ['queued', 'inc', 1, {}],
    ['queued', 'inc', 2.5, {}],
    ['queued', 'dec', 1, {}],
    ['queued', 'dec', 0.5, {}],
  ]);
});

test('takes labels before and after the value, for each operation', async () => {
  const { profiler, samples, records } = measured({ errorRaisedLabel: false });
  const queued = new Gauge({ name: 'queued', labelNames: ['queue'], profiler });
  queued.set({ queue: 'a' }, 5);
  queued.set(6, { queue: 'b' });
  queued.inc({ queue: 'a' });
  queued.inc({ queue: 'a' }, 2);
  queued.inc(3, { queue: 'b' });
  queued.dec({ queue: 'a' });
  queued.dec({ queue: 'a' }, 4);
  queued.dec(5, { queue: 'b' });
  expect(await samples()).toEqual({ 'queued{queue="a"}': 3, 'queued{queue="b"}': 4 });
  expect([queued.value({ queue: 'a' }), queued.value({ queue: 'b' }), queued.value({ queue: 'c' })]).toEqual([3, 4, 0]);
  expect((await records()).map(([, operation, value, { queue }]) => [operation, value, queue])).toEqual([
    ['set', 5, 'a'],
    ['set', 6, 'b'],
    ['inc', 1, 'a'],
    ['inc', 2, 'a'],
    ['inc', 3, 'b'],
    ['dec', 1, 'a'],
    ['dec', 4, 'a'],
    ['dec', 5, 'b'],
  ]);
});

test('a handle sets its series and makes records', async () => {
  const { profiler, samples, records } = measured({ errorRaisedLabel: false });
  const queued = new Gauge({ name: 'queued', labelNames: ['queue'], profiler });
  const mail = queued.labels({ queue: 'mail' });
  expect(await samples()).toEqual({ 'queued{queue="mail"}': 0 });
  mail.set(3);
  mail.inc();
  mail.inc(2);
  mail.dec();
  mail.dec(10);
  expect(await samples()).toEqual({ 'queued{queue="mail"}': -5 });
  expect((await records()).map(([, operation, value]) => [operation, value])).toEqual([
    ['set', 3],
    ['inc', 1],
    ['inc', 2],
    ['dec', 1],
    ['dec', 10],
  ]);
});

test.each([
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [-0, '-0'],
  [1e21, '1e+21'],
  [-1.5e-7, '-1.5e-7'],
  [Number.MAX_SAFE_INTEGER, '9007199254740991'],
])('%d can be set', async (value, shown) => {
  const { profiler, lines } = measured();
  const odd = new Gauge({ name: 'odd', profiler });
  odd.set(value);
  expect(odd.value()).toBe(value);
  expect(await lines()).toEqual([`odd ${shown}`]);
});

test('inc and dec take negative numbers', async () => {
  const { profiler, samples } = measured();
  const level = new Gauge({ name: 'level', profiler });
  level.inc(-3);
  level.dec(-1);
  expect(await samples()).toEqual({ level: -2 });
});

test.each([
  ['null', null],
  ['a text', '1'],
  ['a bigint', 1n],
  ['a boolean', true],
  ['an object', {}],
  ['a symbol', Symbol('s')],
])('refuses %s for each operation, in either order, by handle too', async (_what, value) => {
  const { profiler, samples, records, troubles } = measured();
  const level = new Gauge({ name: 'level', labelNames: ['tank'], profiler });
  const one = level.labels({ tank: 'one' });
  one.set(7);
  for (const operation of ['set', 'inc', 'dec'] as const) {
    level[operation](untyped(value), { tank: 'one' });
    level[operation]({ tank: 'one' }, untyped(value));
    one[operation](untyped(value));
  }
  expect(await samples()).toEqual({ 'level{tank="one"}': 7 });
  expect(await records()).toHaveLength(1);
  expect((troubles('value').level ?? 0) + (troubles('labels').level ?? 0)).toBe(9);
});

test('set without a value is refused', async () => {
  const { profiler, samples, troubles } = measured();
  const level = new Gauge({ name: 'level', profiler });
  level.set(4);
  level.set(untyped(undefined));
  level.labels({}).set(untyped(undefined));
  expect(await samples()).toEqual({ level: 4 });
  expect(troubles('value')).toEqual({ level: 2 });
});
