import { expect, test } from 'vitest';
import { shardName, shardOf, shardQueue } from '../../src/amqp/topology.js';

// Frozen: a producer whose shard changes would be counted twice.
test.each([
  ['', '', 19],
  ['shop', 'web-1', 53],
  ['shop', 'web-2', 60],
  ['shopw', 'eb-1', 16],
  ['orders', '10.0.0.7:3000', 32],
  ['účtárna', 'pod-7f9c', 27],
])('%s on %s has the shard %i', (job, instance, shard) => {
  expect(shardOf({ job, instance })).toBe(shard);
});

test('shards are spread evenly over jobs and instances', () => {
  const counts = new Array<number>(64).fill(0);
  for (let job = 0; job < 8; job++) for (let pod = 0; pod < 800; pod++) counts[shardOf({ job: `job-${job}`, instance: `pod-${pod}` })]!++;
  expect(Math.min(...counts)).toBeGreaterThan(60);
  expect(Math.max(...counts)).toBeLessThan(145);
});

test('names have two digits', () => {
  expect([shardName(0), shardName(63), shardQueue(7)]).toEqual(['s00', 's63', 'phanos.v2.s07']);
});
