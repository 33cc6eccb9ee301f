import { Summary } from 'phanos';
import { expect, test } from 'vitest';
import { measured, untyped } from './measured.js';

test('adds up what it observes', async () => {
  const { profiler, records } = measured({ errorRaisedLabel: false });
  const size = new Summary({ name: 'size', help: 'Sizes.', profiler });
  expect(await profiler.metrics()).toBe('# HELP size Sizes.\n# TYPE size summary\nsize_sum 0\nsize_count 0\n');
  size.observe(2);
  size.observe(-0.5);
  expect(await profiler.metrics()).toBe('# HELP size Sizes.\n# TYPE size summary\nsize_sum 1.5\nsize_count 2\n');
  size.observe(1);
  expect(size.value()).toEqual({ count: 3, sum: 2.5 });
  expect(await records()).toEqual([
    ['size', 'observe', 2, {}],
    ['size', 'observe', -0.5, {}],
    ['size', 'observe', 1, {}],
  ]);
});

test('takes labels before and after the value, and by handle', async () => {
  const { profiler, samples, records } = measured();
  const size = new Summary({ name: 'size', labelNames: ['kind'], profiler });
  size.observe(1, { kind: 'a' });
  size.observe({ kind: 'a' }, 2);
  size.labels({ kind: 'a' }).observe(4);
  size.labels({ kind: 'b' });
  expect(await samples()).toEqual({
    'size_sum{kind="a"}': 7,
    'size_count{kind="a"}': 3,
    'size_sum{kind="b"}': 0,
    'size_count{kind="b"}': 0,
  });
  expect((await records()).map(([, , value, labels]) => [value, labels.kind])).toEqual([
    [1, 'a'],
    [2, 'a'],
    [4, 'a'],
  ]);
});

test('infinities add up', async () => {
  const { profiler, samples } = measured();
  const size = new Summary({ name: 'size', profiler });
  size.observe(Number.POSITIVE_INFINITY);
  expect(await samples()).toEqual({ size_sum: Number.POSITIVE_INFINITY, size_count: 1 });
  size.observe(Number.NEGATIVE_INFINITY);
  expect(await samples()).toEqual({ size_sum: Number.NaN, size_count: 2 });
});

test.each([
  ['NaN', Number.NaN],
  ['null', untyped(null)],
  ['a text', untyped('1')],
  ['nothing', untyped(undefined)],
])('refuses %s', async (_what, value) => {
  const { profiler, samples, records, troubles } = measured();
  const size = new Summary({ name: 'size', profiler });
  size.observe(value);
  size.labels({}).observe(value);
  expect(await samples()).toEqual({ size_sum: 0, size_count: 0 });
  expect(await records()).toEqual([]);
  expect(troubles('value')).toEqual({ size: 2 });
});
