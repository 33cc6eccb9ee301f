import { afterEach, beforeEach, expect, test } from 'vitest';
import { CollectorService } from '../../../src/collector/collector-service.js';
import { encodeBatch } from '../../../src/record/batch-encoder.js';
import { aBatch, aDelta } from '../a-batch.js';

let service: CollectorService;

beforeEach(async () => {
  service = await CollectorService.start({ listen: { host: '127.0.0.1', port: 0 }, limits: { seriesPerFamily: 30 } });
});
afterEach(() => service.close());

async function send(...families: unknown[]): Promise<void> {
  const body = Buffer.from(encodeBatch({ ...aBatch(...families), oldest: 1 }));
  const response = await fetch(`${service.url}/v2/batches`, { method: 'POST', body });
  expect(await response.json()).toMatchObject({ kind: 'stored' });
}

async function get(path: string): Promise<unknown> {
  const response = await fetch(`${service.url}${path}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  return response.json();
}

const time = {
  name: 'phanos_time_profiler_seconds',
  unit: 'seconds',
  divisor: 1000,
  labelNames: ['method', 'function', 'error_raised'],
  bounds: [1, 10],
};
const call = (method: string, error: boolean, counts: number[], sum: number): object => ({
  labelValues: [method, `${method} as a function`, String(error)],
  counts,
  sum,
});

test('the call tree: calls, errors and seconds of each path, over all producers, the slowest first', async () => {
  await send(
    aDelta('histogram', time, [
      call('Orders:place', false, [1, 2, 0], 12),
      call('Orders:place', true, [1, 0, 0], 0.5),
      call('Orders:place.price', false, [3, 0, 0], 1.5),
      call('Orders:place.store.write', false, [0, 0, 1], 40),
      call('price.list:load', false, [1, 0, 0], 1),
    ] as never),
  );
  const place = {
    name: 'Orders:place',
    calls: 4,
    errors: 1,
    seconds: 0.0125,
    children: [
      { name: 'price', calls: 3, errors: 0, seconds: 0.0015, children: [] },
      { name: 'store', calls: 0, errors: 0, seconds: 0, children: [{ name: 'write', calls: 1, errors: 0, seconds: 0.04, children: [] }] },
    ],
  };
  const load = { name: 'price.list:load', calls: 1, errors: 0, seconds: 0.001, children: [] };
  expect(await get('/api/v1/tree')).toEqual({ shop: [place, load] });
  expect(await get('/api/v1/tree?job=shop')).toEqual({ shop: [place, load] });
  expect(await get('/api/v1/tree?job=other')).toEqual({});
});

test('cardinality: the families with the most series, which labels make them, what was folded and refused', async () => {
  const users = { name: 'requests', labelNames: ['user', 'kind'] };
  await send(
    aDelta('counter', { name: 'small' }, [{ labelValues: [], add: 1 }]),
    aDelta(
      'counter',
      users,
      Array.from({ length: 50 }, (_, i) => ({ labelValues: [`user "${i}",x="1"`, i % 2 === 0 ? 'a' : 'b'], add: 1 })),
    ),
    aDelta('gauge', { name: 'small' }, [{ labelValues: [], value: 1 }]),
  );
  const { series, families } = (await get('/api/v1/cardinality')) as { series: number; families: { labels: object[] }[] };
  expect(series).toBe(32);
  expect(families).toHaveLength(2);
  expect(families[0]).toMatchObject({ store: 'main', name: 'requests', series: 31, folded: 20, refused: 0 });
  expect(families[0]?.labels[0]).toEqual({ name: 'user', values: 30 });
  expect(families[0]?.labels).toContainEqual({ name: 'kind', values: 2 });
  expect(families[1]).toMatchObject({ name: 'small', series: 1, folded: 0, refused: 1 });
});

test('status, producers and families', async () => {
  await send(aDelta('counter', { name: 'small', help: 'Small ones.' }, [{ labelValues: [], add: 1 }]));
  expect(await get('/api/v1/status')).toMatchObject({
    ready: true,
    reasons: [],
    stores: [
      { name: 'main', producers: 1, produced: 3, applied: 3 },
      { name: 'records', producers: 0, produced: 0, applied: 0 },
    ],
  });
  expect(await get('/api/v1/producers')).toMatchObject([
    { store: 'main', job: 'shop', instance: 'here', worker: '0', boot: 'b', life: 'live' },
  ]);
  expect(await get('/api/v1/families')).toEqual([
    { store: 'main', name: 'small', kind: 'counter', help: 'Small ones.', unit: '', series: 1 },
  ]);
});
