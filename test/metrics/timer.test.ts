import { Gauge, Histogram, Summary } from 'phanos';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { measured, untyped } from './measured.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ['mS', 1500],
  ['ms', 1500],
  ['s', 1.5],
  ['', 1.5],
])('a timer observes in units of %j and gives the duration back', async (units, duration) => {
  const { profiler, records } = measured({ errorRaisedLabel: false });
  const metrics = [
    new Histogram({ name: 'latency', units, profiler }),
    new Summary({ name: 'latencies', units, profiler }),
    new Gauge({ name: 'last', units, profiler }),
  ];
  for (const metric of metrics) {
    const end = metric.startTimer();
    vi.advanceTimersByTime(1500);
    expect(end()).toBe(duration);
  }
  expect(await records()).toEqual([
    ['latency', 'observe', duration, {}],
    ['latencies', 'observe', duration, {}],
    ['last', 'set', duration, {}],
  ]);
});

test('each call of what startTimer gave observes the time since the start', () => {
  const { profiler } = measured();
  const latency = new Histogram({ name: 'latency', units: 'mS', profiler });
  const end = latency.startTimer();
  vi.advanceTimersByTime(100);
  end();
  vi.advanceTimersByTime(50);
  end();
  expect(latency.value()).toEqual({ count: 2, sum: 250 });
});

test('labels may come at the start, at the end, and at both', async () => {
  const { profiler, samples } = measured();
  const latency = new Summary({ name: 'latency', units: 'mS', labelNames: ['method', 'code'], profiler });
  const start = latency.startTimer({ method: 'GET' });
  vi.advanceTimersByTime(1000);
  start({ code: 200 });
  latency.startTimer({ method: 'GET', code: 500 })();
  latency.startTimer()({ method: 'PUT', code: 200 });
  latency.startTimer({ method: 'PUT', code: 200 })({ code: 201 });
  expect(Object.entries(await samples()).filter(([name]) => name.includes('_count'))).toEqual([
    ['latency_seconds_count{method="GET",code="200"}', 1],
    ['latency_seconds_count{method="GET",code="500"}', 1],
    ['latency_seconds_count{method="PUT",code="200"}', 1],
    ['latency_seconds_count{method="PUT",code="201"}', 1],
  ]);
  expect(latency.value({ method: 'GET', code: 200 })).toEqual({ count: 1, sum: 1000 });
});

test('a label that neither end gives is refused; the duration comes back all the same', () => {
  const { profiler, troubles } = measured();
  const latency = new Histogram({ name: 'latency', units: 'mS', labelNames: ['method', 'code'], profiler });
  const end = latency.startTimer({ method: 'GET' });
  vi.advanceTimersByTime(20);
  expect(end()).toBe(20);
  expect(troubles('labels')).toEqual({ latency: 1 });
});

test('handles have timers as well, those for refused labels too', () => {
  const { profiler } = measured();
  const latency = new Histogram({ name: 'latency', units: 'mS', labelNames: ['method'], profiler });
  const sums = new Summary({ name: 'sums', units: 's', labelNames: ['method'], profiler });
  const ends = [
    latency.labels({ method: 'GET' }).startTimer(),
    sums.labels({ method: 'GET' }).startTimer(),
    latency.labels(untyped({ wrong: 'x' })).startTimer(),
    sums.labels(untyped({ wrong: 'x' })).startTimer(),
  ];
  vi.advanceTimersByTime(2000);
  expect(ends.map((end) => end())).toEqual([2000, 2, 2000, 2]);
  expect(latency.value({ method: 'GET' })).toEqual({ count: 1, sum: 2000 });
  expect(sums.value({ method: 'GET' })).toEqual({ count: 1, sum: 2 });
});
