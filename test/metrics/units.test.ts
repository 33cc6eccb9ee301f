import { Counter, Enum, Gauge, Histogram, Info, ResponseSize, Summary, TimeProfiler } from 'phanos';
import { expect, test } from 'vitest';
import { measured } from './measured.js';

test.each([
  ['mS', 'latency_seconds', 1.5],
  ['ms', 'latency_seconds', 1.5],
  ['s', 'latency_seconds', 1500],
  ['seconds', 'latency_seconds', 1500],
  ['B', 'latency_bytes', 1500],
  ['bytes', 'latency_bytes', 1500],
  ['', 'latency', 1500],
  ['items', 'latency', 1500],
  ['constructor', 'latency', 1500],
])('units %j are exposed as %s', async (units, name, shown) => {
  const { profiler, samples, calls } = measured();
  const latency = new Gauge({ name: 'latency', units, profiler });
  latency.set(1500);
  expect(latency.value()).toBe(1500);
  expect(await samples()).toEqual({ [name]: shown });
  await profiler.flush();
  expect(calls[0]?.records[0]).toMatchObject({ units, value: ['set', 1500] });
});

test('a name that ends in its unit is not given it again', async () => {
  const { profiler, samples } = measured();
  new Gauge({ name: 'latency_seconds', units: 'mS', profiler }).set(1);
  new Gauge({ name: 'seconds', units: 's', profiler }).set(1);
  new Counter({ name: 'sent_bytes', units: 'B', profiler }).inc();
  new Counter({ name: 'got_bytes_total', units: 'B', profiler }).inc();
  new Gauge({ name: 'microseconds', units: 's', profiler }).set(1);
  expect(await samples()).toEqual({
    latency_seconds: 0.001,
    seconds: 1,
    sent_bytes_total: 1,
    got_bytes_total: 1,
    microseconds_seconds: 1,
  });
});

test('each kind of number is divided, bounds too, and counts are not', async () => {
  const { profiler, samples } = measured();
  const shared = { units: 'mS', profiler } as const;
  new Counter({ name: 'waited', ...shared }).inc(2500);
  new Summary({ name: 'waits', ...shared }).observe(2500);
  const latency = new Histogram({ name: 'latency', buckets: [0.1, 2500, 3000], ...shared });
  latency.observe(2500);
  latency.observe(0.0625);
  expect(latency.value()).toEqual({ count: 2, sum: 2500.0625 });
  expect(await samples()).toEqual({
    waited_seconds_total: 2.5,
    waits_seconds_sum: 2.5,
    waits_seconds_count: 1,
    'latency_seconds_bucket{le="0.0001"}': 1,
    'latency_seconds_bucket{le="2.5"}': 2,
    'latency_seconds_bucket{le="3"}': 2,
    'latency_seconds_bucket{le="+Inf"}': 2,
    latency_seconds_sum: 2.5000625,
    latency_seconds_count: 2,
  });
});

test('infos and enums have no units on /metrics, only in records', async () => {
  const { profiler, samples, calls } = measured();
  new Info({ name: 'build', units: 'mS', profiler }).info({ v: '1' });
  new Enum({ name: 'mode', units: 's', states: ['on'], profiler }).state('on');
  new Info({ name: 'plain', profiler }).info({ v: '1' });
  new Enum({ name: 'bare', states: ['on'], profiler }).state('on');
  expect(await samples()).toEqual({ 'build_info{v="1"}': 1, 'mode{mode="on"}': 1, 'plain_info{v="1"}': 1, 'bare{bare="on"}': 1 });
  await profiler.flush();
  expect(calls.map(({ metric, records }) => [metric, records[0]?.units])).toEqual([
    ['build', 'mS'],
    ['mode', 's'],
    ['plain', 'info'],
    ['bare', 'enum'],
  ]);
});

test('a TimeProfiler is a histogram of milliseconds, with bounds from 100 µs to 10 s', async () => {
  const { profiler, lines, calls } = measured();
  const imports = new TimeProfiler({ name: 'import', labelNames: ['step'], profiler });
  imports.observe({ step: 'read' }, 0.1);
  imports.labels({ step: 'read' }).observe(10_000.9);
  expect(await lines()).toEqual([
    ...[
      ['0.0001', 1],
      ['0.00025', 1],
      ['0.0005', 1],
      ['0.001', 1],
      ['0.0025', 1],
      ['0.005', 1],
      ['0.01', 1],
      ['0.025', 1],
      ['0.05', 1],
      ['0.1', 1],
      ['0.25', 1],
      ['0.5', 1],
      ['1', 1],
      ['2.5', 1],
      ['5', 1],
      ['10', 1],
      ['+Inf', 2],
    ].map(([bound, count]) => `import_seconds_bucket{step="read",le="${bound}"} ${count}`),
    'import_seconds_sum{step="read"} 10.001',
    'import_seconds_count{step="read"} 2',
  ]);
  await profiler.flush();
  expect(calls[0]?.records[0]).toMatchObject({ metric: 'histogram', units: 'mS', value: ['observe', 0.1] });
});

test('a ResponseSize is a histogram of bytes, with bounds from 64 B to 16 MiB', async () => {
  const { profiler, lines, calls } = measured();
  const upload = new ResponseSize({ name: 'upload', profiler });
  upload.observe(64);
  upload.observe(65);
  const bounds = ['64', '256', '1024', '4096', '16384', '65536', '262144', '1048576', '4194304', '16777216', '+Inf'];
  expect(await lines()).toEqual([
    ...bounds.map((bound, i) => `upload_bytes_bucket{le="${bound}"} ${i === 0 ? 1 : 2}`),
    'upload_bytes_sum 129',
    'upload_bytes_count 2',
  ]);
  await profiler.flush();
  expect(calls[0]?.records[0]).toMatchObject({ metric: 'histogram', units: 'B', value: ['observe', 64] });
});

test('units and buckets of both may be others', async () => {
  const { profiler, samples } = measured();
  new TimeProfiler({ name: 'import', units: 's', buckets: [1], profiler }).observe(2);
  expect(await samples()).toEqual({
    'import_seconds_bucket{le="1"}': 0,
    'import_seconds_bucket{le="+Inf"}': 1,
    import_seconds_sum: 2,
    import_seconds_count: 1,
  });
});
