import { expect, test } from 'vitest';
import { foundStores } from '../../src/cli/found-stores.js';
import type { DurableCollector } from '../../src/collector/durable-collector.js';
import type { Recovered } from '../../src/collector/journal/recovery.js';

const store = (name: string, recovered?: Partial<Recovered>) => ({
  name,
  durable: { recovered: recovered && { records: 0, bytes: 0, tornBytes: 0, ...recovered } } as DurableCollector,
});
const shards = (count: number) => Array.from({ length: count }, (_, i) => store(`s0${i}`, { snapshot: 2, records: i, bytes: i * 10 }));

test('few stores get a line each, empty ones none', () => {
  expect(foundStores([store('main', { records: 3, bytes: 90 }), store('records', {}), store('s07')])).toEqual([
    'store main: found no snapshot, 3 records (90 bytes) behind it',
  ]);
});

test('many are told together, torn ones by name', () => {
  expect(foundStores([store('main', { records: 1, bytes: 9, tornBytes: 5 }), ...shards(5)])).toEqual([
    '6 stores: found 5 snapshots, 11 records (109 bytes) behind them',
    'store main: found no snapshot, 1 records (9 bytes) behind it, a torn tail of 5 bytes, cut off',
  ]);
});
