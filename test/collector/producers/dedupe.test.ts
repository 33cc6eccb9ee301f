import { expect, test } from 'vitest';
import { Collector } from '../../../src/collector/collector.js';
import { aDelta, aSchema } from '../a-batch.js';
import { AProducer } from '../a-producer.js';

const SCHEMA = aSchema({ name: 'n' });
const counted = (add: number) => [aDelta('counter', SCHEMA, [{ labelValues: [], add }])];
const total = (collector: Collector): number => Number(/^n_total (.*)$/m.exec(collector.text())?.[1] ?? 0);

test('a batch counts once, however often it comes', () => {
  const collector = new Collector();
  const batch = new AProducer().batch(counted(5));
  expect(collector.check(batch)).toBe('new');
  expect([collector.apply(batch), collector.apply(batch), collector.check(batch)]).toEqual(['new', 'duplicate', 'duplicate']);
  expect(total(collector)).toBe(5);
  expect(collector.self.batches).toEqual({ applied: 1, duplicate: 1, heartbeat: 0, later: 0, refused: 0 });
});

test('the order does not matter, and gaps close', () => {
  const collector = new Collector();
  const producer = new AProducer();
  const batches = [1, 10, 100, 1000].map((add) => producer.batch(counted(add), { oldest: 1 }));
  expect([2, 0, 3, 1].map((i) => collector.apply(batches[i]!))).toEqual(['new', 'new', 'new', 'new']);
  expect(batches.map((batch) => collector.apply(batch))).toEqual(['duplicate', 'duplicate', 'duplicate', 'duplicate']);
  expect(total(collector)).toBe(1111);
  expect(collector.producers.find(producer.identity)?.window.top).toBe(4);
});

test('each incarnation is a producer of its own', () => {
  const collector = new Collector();
  for (const identity of [{}, { boot: 'c' }, { worker: '1' }, { instance: 'there' }, { job: 'bank' }, { job: 'shop","here' }]) {
    expect(collector.apply(new AProducer(identity).batch(counted(1)))).toBe('new');
  }
  expect([total(collector), collector.producers.live]).toEqual([6, 6]);
});

test('an unknown producer begins with the oldest batch that it still holds', () => {
  const collector = new Collector();
  const producer = new AProducer();
  producer.seq = 40;
  const batches = [1, 2, 4].map((add) => producer.batch(counted(add), { oldest: 41 }));
  expect([collector.apply(batches[1]!), collector.apply(batches[0]!), collector.apply(batches[2]!)]).toEqual(['new', 'new', 'new']);
  expect(collector.apply({ ...batches[0]!, seq: 40 })).toBe('duplicate');
  expect(total(collector)).toBe(7);
  expect(collector.producers.strangers).toBe(1);
});

test('what is further ahead than 1024 has to come later', () => {
  const collector = new Collector();
  const producer = new AProducer();
  collector.apply(producer.batch(counted(1)));
  producer.seq = 1024;
  const near = producer.batch(counted(1), { oldest: 2 });
  const far = producer.batch(counted(1), { oldest: 2 });
  expect([collector.check(near), collector.check(far), collector.apply(far)]).toEqual(['new', 'later', 'later']);
  expect([collector.apply(near), collector.apply(far)]).toEqual(['new', 'later']);
  producer.seq = 1;
  collector.apply(producer.batch(counted(1)));
  expect(collector.apply(far)).toBe('new');
  expect(total(collector)).toBe(4);
  // The same for one that nobody knows yet.
  const stranger = new AProducer({ boot: 'other' });
  stranger.seq = 1024;
  expect(collector.check(stranger.batch(counted(1), { oldest: 1 }))).toBe('later');
  expect(collector.apply(stranger.batch(counted(1), { oldest: 1 }))).toBe('later');
  expect(collector.producers.size).toBe(1);
});

test('what a producer gave up is refused for good, and told', () => {
  const collector = new Collector();
  const producer = new AProducer();
  const [first, second, third] = [1, 10, 100].map((add) => producer.batch(counted(add), { oldest: 1 }));
  collector.apply(first!);
  collector.apply({ ...third!, oldest: 3 });
  expect(collector.check(second!)).toBe('duplicate');
  expect(collector.apply(second!)).toBe('duplicate');
  expect([total(collector), collector.producers.givenUp]).toEqual([101, 1]);
});

test('a heartbeat is no batch: it changes nothing but gaps, and is not counted as a duplicate', () => {
  const collector = new Collector();
  const producer = new AProducer();
  expect(collector.apply(producer.beat())).toBe('duplicate');
  expect(collector.producers.live).toBe(1);
  expect(collector.apply(producer.batch(counted(3)))).toBe('new');
  producer.batch(counted(4));
  expect(collector.apply(producer.beat())).toBe('duplicate');
  expect([total(collector), collector.producers.givenUp]).toEqual([3, 1]);
  expect(collector.self.batches).toEqual({ applied: 1, duplicate: 0, heartbeat: 2, later: 0, refused: 0 });
});

test('what is reserved is neither new nor known until it is applied', () => {
  const collector = new Collector();
  const batch = new AProducer().batch(counted(5));
  collector.reserve(batch);
  expect([collector.check(batch), total(collector)]).toEqual(['later', 0]);
  expect([collector.apply(batch), collector.check(batch), total(collector)]).toEqual(['new', 'duplicate', 5]);
  expect(collector.apply(batch)).toBe('duplicate');
});

test('what could not be made safe is new when it comes again', () => {
  const collector = new Collector();
  const batch = new AProducer().batch(counted(5));
  collector.reserve(batch);
  collector.release(batch);
  expect([collector.check(batch), collector.apply(batch), total(collector)]).toEqual(['new', 'new', 5]);
});

test('what is reserved is applied even if the producer has given it up meanwhile', () => {
  const collector = new Collector();
  const producer = new AProducer();
  const [first, second] = [1, 10].map((add) => producer.batch(counted(add), { oldest: 1 }));
  collector.reserve(first!);
  collector.apply({ ...second!, oldest: 2 });
  expect([collector.apply(first!), total(collector)]).toEqual(['new', 11]);
});

test('nor is it taken for given up by a snapshot, since it may be safe already', async () => {
  const collector = new Collector();
  const producer = new AProducer();
  const [first, second, third] = [1, 10, 100].map((add) => producer.batch(counted(add), { oldest: 1 }));
  collector.reserve(first!);
  collector.apply({ ...third!, oldest: 3 });
  expect(collector.producers.givenUp).toBe(0);
  const copy = new Collector();
  await copy.restore(collector.snapshot());
  expect([copy.apply(first!), total(copy)]).toEqual(['new', 101]);
  collector.release(first!);
  collector.apply({ ...producer.beat(), oldest: 4 });
  expect([collector.apply(first!), collector.apply(second!), collector.producers.givenUp]).toEqual(['duplicate', 'duplicate', 2]);
});

test('a heartbeat that repeats the number of a reserved batch is not that batch', () => {
  const collector = new Collector();
  const producer = new AProducer();
  const batch = producer.batch(counted(5));
  collector.reserve(batch);
  expect([collector.check(producer.beat()), collector.apply(producer.beat()), collector.check(batch)]).toEqual([
    'duplicate',
    'duplicate',
    'later',
  ]);
  expect([collector.apply(batch), total(collector)]).toEqual(['new', 5]);
});

test('with a reservation far behind, what is ahead has to come later', () => {
  const collector = new Collector();
  const producer = new AProducer();
  const first = producer.batch(counted(1), { oldest: 1 });
  collector.reserve(first);
  producer.seq = 1024;
  const far = producer.batch(counted(1), { oldest: 1025 });
  expect(collector.check(far)).toBe('later');
  collector.apply(first);
  expect([collector.apply(far), total(collector)]).toEqual(['new', 2]);
});

test.each<[string, object]>([
  ['no producer', { producer: undefined }],
  ['a producer without boot', { producer: { job: 'a', instance: 'b', worker: 'c' } }],
  ['a job that is a number', { producer: { job: 1, instance: 'b', worker: 'c', boot: 'd' } }],
  ['an instance as long as a novel', { producer: { job: 'a', instance: 'b'.repeat(257), worker: 'c', boot: 'd' } }],
  ['no number', { seq: undefined }],
  ['half a number', { seq: 1.5 }],
  ['a number below zero', { seq: -1 }],
  ['no oldest', { oldest: undefined }],
  ['an oldest below one', { oldest: 0 }],
  ['an oldest beyond the next', { oldest: 3 }],
  ['no heartbeat', { heartbeat: undefined }],
  ['a heartbeat without end', { heartbeat: Number.POSITIVE_INFINITY }],
  ['a heartbeat below zero', { heartbeat: -1 }],
  ['no families', { families: undefined }],
])('%s makes a batch that is refused for good', (_what, parts) => {
  const collector = new Collector();
  const batch = { ...new AProducer().batch(counted(1)), ...parts } as never;
  expect([collector.check(batch), collector.apply(batch)]).toEqual(['refused', 'refused']);
  expect([collector.self.batches.refused, collector.producers.size, collector.text()]).toEqual([1, 0, '']);
});
