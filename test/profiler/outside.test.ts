import { Counter } from 'phanos';
import { afterEach, expect, test, vi } from 'vitest';
import { measured } from '../metrics/measured.js';

/** Records that are made outside of calls, and how many are handed over at once. */

afterEach(() => {
  vi.useRealTimers();
});

test('records made outside of calls are handed over after the flush interval, a second by default', () => {
  vi.useFakeTimers();
  const { profiler, calls } = measured();
  const sold = new Counter({ name: 'sold', profiler });
  sold.inc(1);
  vi.advanceTimersByTime(600);
  sold.inc(2);
  vi.advanceTimersByTime(399);
  expect(calls).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(calls.map(({ records }) => records.map(({ value, item, method }) => [value[1], item, method]))).toEqual([
    [
      [1, '', ''],
      [2, '', ''],
    ],
  ]);
  sold.inc(3);
  vi.advanceTimersByTime(1000);
  expect(calls).toHaveLength(2);
  vi.advanceTimersByTime(10_000);
  expect(calls).toHaveLength(2);
});

test('the flush interval can be set, to more than a timer takes too', () => {
  vi.useFakeTimers();
  const quick = measured({ flushInterval: 10 });
  new Counter({ name: 'sold', profiler: quick.profiler }).inc();
  vi.advanceTimersByTime(10);
  expect(quick.calls).toHaveLength(1);
  const never = measured({ flushInterval: 1e12 });
  new Counter({ name: 'sold', profiler: never.profiler }).inc();
  vi.advanceTimersByTime(1e6);
  expect(never.calls).toEqual([]);
});

test('100 of them are handed over at once', () => {
  const { profiler, calls } = measured();
  const sold = new Counter({ name: 'sold', profiler });
  const kept = new Counter({ name: 'kept', profiler });
  for (let i = 0; i < 99; i++) (i % 2 === 0 ? sold : kept).inc();
  expect(calls).toEqual([]);
  sold.inc();
  expect(calls.map(({ metric, records }) => [metric, records.length])).toEqual([
    ['sold', 51],
    ['kept', 49],
  ]);
});

test('recordLimit says how many, inside of calls too', () => {
  const { profiler, calls } = measured({ recordLimit: 3, timeProfile: true });
  const sold = new Counter({ name: 'sold', profiler });
  for (let i = 0; i < 3; i++) sold.inc();
  expect(calls.map(({ records }) => records.length)).toEqual([3]);
  calls.length = 0;
  const child = profiler.profile('shop:child', () => 1);
  profiler.profile('shop:root', () => {
    for (let i = 0; i < 5; i++) child();
  })();
  expect(calls.map(({ records }) => records.map(({ method }) => method))).toEqual([
    ['shop:root.child', 'shop:root.child', 'shop:root.child'],
    ['shop:root.child', 'shop:root.child', 'shop:root'],
  ]);
});

test('clear forgets what was not handed over, and keeps the series', async () => {
  const { profiler, records, samples } = measured();
  const sold = new Counter({ name: 'sold', profiler });
  sold.inc();
  profiler.clear();
  expect(await records()).toEqual([]);
  expect(await samples()).toEqual({ sold_total: 1 });
  sold.inc();
  expect(await records()).toHaveLength(1);
});

test('a root call that records and calls nothing profiled hands its records over at ten times the limit, in order', async () => {
  const { profiler, calls } = measured({ recordLimit: 10, errorRaisedLabel: false });
  const sold = new Counter({ name: 'sold', profiler });
  const sizes: number[] = [];
  profiler.profile('shop:import', () => {
    for (let i = 1; i <= 250; i++) {
      sold.inc(i);
      sizes.push(calls.length);
    }
  })();
  expect(calls.map(({ records }) => records.length)).toEqual([100, 100, 50]);
  expect([sizes[98], sizes[99], sizes[199]]).toEqual([0, 1, 2]);
  expect(calls.flatMap(({ records }) => records.map(({ value }) => value[1]))).toEqual(Array.from({ length: 250 }, (_, i) => i + 1));
  expect(new Set(calls.flatMap(({ records }) => records.map(({ method }) => method)))).toEqual(new Set(['shop:import']));
});
