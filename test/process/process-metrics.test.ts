import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Counter, collectProcessMetrics, Gauge, type ProcessMetrics, type ProcessMetricsOptions } from 'phanos';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { measured, untyped } from '../metrics/measured.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { eventually } from '../support/eventually.js';
import { promtoolCheckMetrics } from '../support/prometheus.js';

const running: ProcessMetrics[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  for (const collection of running.splice(0)) collection.stop();
});

/** A profiler that shows process metrics. */
function collecting(options: ProcessMetricsOptions = {}) {
  const all = measured();
  const collection = collectProcessMetrics({ profiler: all.profiler, ...options });
  running.push(collection);
  return { ...all, collection };
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Keeps the thread busy. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('names', () => {
  test('are those that dashboards know, and promtool finds nothing to say', { timeout: 330_000 }, async () => {
    const { profiler, samples } = collecting();
    const file = new (await import('node:net')).Socket();
    const found = new Set(Object.keys(await samples()).map((name) => name.replace(/\{.*/, '')));
    for (const name of [
      ...['user_', 'system_', ''].map((which) => `process_cpu_${which}seconds_total`),
      ...['start_time_seconds', 'resident_memory_bytes'].map((which) => `process_${which}`),
      ...['', 'min_', 'max_', 'mean_', 'stddev_', 'p50_', 'p90_', 'p99_'].map((which) => `nodejs_eventloop_lag_${which}seconds`),
      ...['heap_size_total', 'heap_size_used', 'external_memory'].map((which) => `nodejs_${which}_bytes`),
      ...['total', 'used', 'available'].map((which) => `nodejs_heap_space_size_${which}_bytes`),
      ...['bucket', 'sum', 'count'].map((which) => `nodejs_gc_duration_seconds_${which}`),
      'nodejs_active_resources',
      'nodejs_active_handles',
      'nodejs_eventloop_utilization',
      'nodejs_version_info',
      ...(process.platform === 'linux'
        ? ['process_virtual_memory_bytes', 'process_heap_bytes', 'process_open_fds', 'process_max_fds']
        : []),
    ]) {
      expect(found).toContain(name);
    }
    file.destroy();
    expect(await promtoolCheckMetrics(await profiler.metrics())).toEqual([]);
  });

  test('[legacyNames] also those that promtool rejects, and no more of these', { timeout: 330_000 }, async () => {
    const { profiler } = collecting({ legacyNames: true });
    expect((await promtoolCheckMetrics(await profiler.metrics())).sort()).toEqual(
      ['handles', 'requests', 'resources'].map((name) => `nodejs_active_${name}_total non-counter metrics should not have "_total" suffix`),
    );
  });

  test('[prefix] [labels] are on all of them', async () => {
    const { samples } = collecting({ prefix: 'my_', labels: { zone: 'a' } });
    const names = Object.keys(await samples());
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !name.startsWith('my_') || !name.includes('zone="a"'))).toEqual([]);
  });
});

describe('values', () => {
  test('are those of this process', async () => {
    const { samples } = collecting();
    const [cpu, memory] = [process.cpuUsage(), process.memoryUsage()];
    const first = await samples();
    const of = (name: string): number => first[`${name}{worker="0"}`] as number;
    expect(of('process_start_time_seconds')).toBeCloseTo(Date.now() / 1000 - process.uptime(), -1);
    expect(first.process_cpu_user_seconds_total).toBeGreaterThanOrEqual(cpu.user / 1e6);
    expect(of('process_resident_memory_bytes') / memory.rss).toBeCloseTo(1, 0);
    expect(of('nodejs_heap_size_used_bytes')).toBeGreaterThan(memory.heapUsed / 10);
    const [major, minor, patch] = process.versions.node.split('.');
    expect(first[`nodejs_version_info{version="${process.version}",major="${major}",minor="${minor}",patch="${patch}"}`]).toBe(1);
    block(60);
    const second = await samples();
    const used = (second.process_cpu_seconds_total as number) - (first.process_cpu_seconds_total as number);
    expect(used).toBeGreaterThan(0.02);
    expect(second['nodejs_eventloop_utilization{worker="0"}']).toBeGreaterThan(0.3);
  });

  test.runIf(process.platform === 'linux')('of open files rise and fall with them', async () => {
    const { open } = await import('node:fs/promises');
    const { samples } = collecting();
    const files = async (): Promise<number> => (await samples())['process_open_fds{worker="0"}'] as number;
    const before = await files();
    const opened = await Promise.all(Array.from({ length: 50 }, () => open('/dev/null')));
    const meanwhile = await files();
    await Promise.all(opened.map((file) => file.close()));
    expect(meanwhile - before).toBeGreaterThan(30);
    expect(meanwhile - (await files())).toBeGreaterThan(30);
  });

  test.each(['right after a reading', 'later'])('of the lag tell of a loop that stalls %s', async (when) => {
    const { samples } = collecting();
    const most = async (): Promise<number> => (await samples())['nodejs_eventloop_lag_max_seconds{worker="0"}'] as number;
    await most();
    if (when === 'later') await later(50);
    block(150);
    await later(30);
    expect(await most()).toBeGreaterThan(0.1);
    expect((await samples())['nodejs_eventloop_lag_p50_seconds{worker="0"}']).toBeLessThan(0.1);
  });

  test('count every garbage collection once, those before a scrape included', async () => {
    const seen: number[] = [];
    const own = new PerformanceObserver((list) => void seen.push(list.getEntries().length));
    own.observe({ entryTypes: ['gc'] });
    const { samples } = collecting();
    const all = async (): Promise<number> => {
      const counts = Object.entries(await samples()).filter(([name]) => name.startsWith('nodejs_gc_duration_seconds_count'));
      return counts.reduce((sum, [, count]) => sum + count, 0);
    };
    for (let i = 0; i < 10; i++) {
      collectGarbage();
      if (i % 3 === 0) await later(1);
    }
    // Node.js tells of a collection at the end of the turn in which it happened.
    await nextTurn();
    const counted = await all();
    expect(counted).toBeGreaterThanOrEqual(10);
    await later(20);
    const expected = seen.reduce((sum, n) => sum + n, 0) + own.takeRecords().length;
    expect(await all()).toBeGreaterThanOrEqual(expected);
    own.disconnect();
    expect((await samples())['nodejs_gc_duration_seconds_count{kind="major"}']).toBeGreaterThanOrEqual(10);
  });

  test('of what is active fall to 0 with the last of a type', async () => {
    const { createServer } = await import('node:net');
    const { samples } = collecting({ legacyNames: true });
    const before = (await samples())['nodejs_active_handles_total{worker="0"}'] as number;
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const meanwhile = await samples();
    expect(meanwhile['nodejs_active_handles{type="Server",worker="0"}']).toBe(1);
    expect(meanwhile['nodejs_active_handles_total{worker="0"}']).toBe(before + 1);
    await new Promise((resolve) => server.close(resolve));
    const left = await eventually('the server is gone', async () => {
      const now = await samples();
      return now['nodejs_active_handles_total{worker="0"}'] === before && now;
    });
    expect(left['nodejs_active_handles{type="Server",worker="0"}']).toBe(0);
  });

  test('make no records', async () => {
    const { samples, records } = collecting();
    await samples();
    collectGarbage();
    await later(10);
    expect(await records()).toEqual([]);
  });
});

describe('stop', () => {
  test('takes them off the page and releases what observes; it may be called again, and they may be collected anew', async () => {
    const disconnect = vi.spyOn(PerformanceObserver.prototype, 'disconnect');
    const { profiler, collection, samples } = collecting();
    const mine = new Counter({ name: 'mine', profiler });
    mine.inc();
    expect(Object.keys(await samples()).length).toBeGreaterThan(30);
    collection.stop();
    expect(disconnect).toHaveBeenCalledTimes(1);
    expect([await samples(), [...profiler.registeredMetrics.keys()]]).toEqual([{ mine_total: 1 }, ['mine']]);
    collection.stop();
    expect(disconnect).toHaveBeenCalledTimes(1);
    const again = collectProcessMetrics({ profiler });
    expect(again).not.toBe(collection);
    collection.stop();
    expect(Object.keys(await samples()).length).toBeGreaterThan(30);
    again.stop();
    expect(await samples()).toEqual({ mine_total: 1 });
  });

  test('leaves metrics alone that were replaced or deleted meanwhile', async () => {
    const { profiler, collection, samples, logged } = collecting();
    profiler.deleteMetric('nodejs_version_info');
    profiler.addMetric(new Gauge({ name: 'process_open_fds', profiler: null }));
    logged.length = 0;
    collection.stop();
    expect([await samples(), logged]).toEqual([{ process_open_fds: 0 }, []]);
  });
});

describe('asked for again', () => {
  test('with the same options it is the same collection, with others a conflict', () => {
    const { profiler, collection } = collecting({ legacyNames: true });
    expect(collectProcessMetrics({ profiler, legacyNames: true })).toBe(collection);
    expect(() => collectProcessMetrics({ profiler })).toThrow('process metrics are being collected with other options');
    expect(() => collectProcessMetrics({ profiler })).toThrow(expect.objectContaining({ code: 'METRIC_CONFLICT' }));
  });
});

test('what fails leaves nothing behind', () => {
  const { profiler } = measured();
  new Counter({ name: 'nodejs_gc_duration_seconds', profiler });
  const disconnect = vi.spyOn(PerformanceObserver.prototype, 'observe');
  expect(() => collectProcessMetrics({ profiler })).toThrow(expect.objectContaining({ code: 'METRIC_CONFLICT' }));
  expect([[...profiler.registeredMetrics.keys()], disconnect.mock.calls]).toEqual([['nodejs_gc_duration_seconds'], []]);
});

test.each<[unknown, string]>([
  [{ legacy: true }, "collectProcessMetrics: unknown option 'legacy', known are "],
  [{ legacyNames: 1 }, 'collectProcessMetrics: legacyNames must be true or false, got 1'],
  [{ profiler: {} }, 'collectProcessMetrics: profiler must be a profiler, got an object'],
  [{ prefix: 5 }, 'collectProcessMetrics: prefix must be a string, got 5'],
  [{ prefix: '1' }, "counter '1process_cpu_user_seconds_total': invalid metric name; "],
  [{ labels: { le: 'a' } }, "invalid label name 'le'; "],
  [{ labels: null }, 'collectProcessMetrics: labels must be an object of label names and texts, got null'],
  [{ gcDurationBuckets: [2, 1] }, "histogram 'nodejs_gc_duration_seconds': buckets must ascend, but 1 follows 2"],
  [{ eventLoopMonitoringPrecision: 0 }, 'collectProcessMetrics: eventLoopMonitoringPrecision must be at least 1, got 0'],
  [null, 'collectProcessMetrics: options must be an object, got null'],
])('%j is refused', (options, message) => {
  const { profiler } = measured();
  const given = typeof options === 'object' && options !== null ? { profiler, ...options } : options;
  expect(() => collectProcessMetrics(untyped(given))).toThrow(message);
  expect(profiler.registeredMetrics.size).toBe(0);
});
