import { expect, test } from 'vitest';
import { ALL_SHARDS, readShardList, shardListText } from '../../../src/collector/ingest/amqp/shard-list.js';

test.each([
  ['0-31', '0-31', 32],
  ['all', '0-63', 64],
  ['none', '', 0],
  ['7', '7', 1],
  ['s07', '7', 1],
  [' 40, 0-2 ,s01-s03 ', '0-3,40', 5],
  ['63,62,0', '0,62-63', 3],
])('%j is understood', (text, shown, count) => {
  const shards = readShardList(text);
  expect([shardListText(shards), shards.length]).toEqual([shown, count]);
  expect(shards).toEqual([...new Set(shards)].sort((a, b) => a - b));
});

test('all are 64', () => {
  expect(readShardList('0-63')).toEqual(ALL_SHARDS);
});

test.each([['64'], ['0-64'], ['5-2'], ['-1'], ['a'], [''], ['1,,2'], ['0-1-2'], ['1.5'], ['007']])('%j is refused', (text) => {
  expect(() => readShardList(text)).toThrow(
    expect.objectContaining({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(/^shards: '.*' is no shard or range of shards; write 0-31/),
    }),
  );
});
