import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { aDelta } from '../a-batch.js';
import { AProducer } from '../a-producer.js';
import { Machine } from './machine.js';

/** Who lives, who is dead and what has expired, over restarts: as if there had been none. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const told = (add = 1) => [
  aDelta('counter', { name: 'sold' }, [{ labelValues: [], add }]),
  aDelta('gauge', { name: 'depth' }, [{ labelValues: [], value: 7 }]),
];
const lineOf = (name: string, instance: string, value: number) => `${name}{job="shop",instance="${instance}"} ${value}`;
const sold = (value: number, instance = 'here') => lineOf('sold_total', instance, value);
const depth = (instance = 'here') => lineOf('depth', instance, 7);

test.each([false, true])('whoever lived before is not dead because the collector was away (snapshot: %s)', async (snapshot) => {
  const machine = await Machine.start();
  const producer = new AProducer();
  await machine.send(producer.batch(told()));
  if (snapshot) await machine.durable.snapshot();
  await machine.restart('kill', 5 * HOUR);
  expect([machine.lifeOf(producer.identity), machine.lines]).toEqual(['live', [sold(1), depth()]]);
  await machine.pass(14 * SECOND);
  expect(machine.lifeOf(producer.identity)).toBe('live');
  await machine.pass(2 * SECOND);
  expect([machine.lifeOf(producer.identity), machine.lines]).toEqual(['silent', [sold(1)]]);
  expect(machine.durable.collector.producers.deaths.counts).toEqual({ silent: 1, exit: 0, goodbye: 0 });
});

test.each([false, true])('whoever was dead before is dead, and expires on time (snapshot: %s)', async (snapshot) => {
  const machine = await Machine.start();
  const [dead, alive] = [new AProducer(), new AProducer({ instance: 'there', boot: 'c' })];
  await machine.send(dead.batch(told()));
  await machine.send(alive.batch(told()));
  for (let beats = 0; beats < 5; beats++) {
    await machine.pass(4 * SECOND);
    await machine.send(alive.beat());
  }
  expect([machine.lifeOf(dead.identity), machine.lifeOf(alive.identity)]).toEqual(['silent', 'live']);
  if (snapshot) await machine.durable.snapshot();
  await machine.restart('power', 30 * MINUTE);
  expect([machine.lifeOf(dead.identity), machine.lifeOf(alive.identity)]).toEqual(['silent', 'live']);
  expect(machine.lines).toEqual([sold(1), sold(1, 'there'), depth('there')]);
  expect(machine.durable.collector.producers.deaths.counts).toEqual({ silent: 1, exit: 0, goodbye: 0 });
  await machine.restart('kill', 29 * MINUTE);
  expect(machine.lines).toContain(sold(1));
  await machine.restart('kill', 2 * MINUTE);
  expect(machine.lines).toEqual([sold(1, 'there'), depth('there')]);
});

test('what had expired stays away in a replay, also when its producer came back', async () => {
  const machine = await Machine.start();
  const producer = new AProducer();
  const other = new AProducer({ instance: 'there', boot: 'c', worker: '1' });
  await machine.send(producer.batch(told(5)));
  await machine.send({ ...other.batch(told()), heartbeat: 0 });
  await machine.pass(2 * HOUR);
  await machine.send(producer.batch(told(1)));
  const before = [sold(1, 'there'), sold(1), depth('there'), depth()];
  expect(machine.lines).toEqual(before);
  await machine.restart('kill');
  expect(machine.lines).toEqual(before);
});

test.each([false, true])(
  'a series that outlives the instance that made it is there after restarts, also once that one is forgotten (snapshot: %s)',
  async (snapshot) => {
    const machine = await Machine.start();
    const [gone, alive] = [new AProducer(), new AProducer({ instance: 'there', boot: 'c' })];
    const long = aDelta('counter', { name: 'folded', labelNames: ['l'] }, [{ labelValues: ['x'.repeat(300)], add: 1 }]);
    const own = aDelta('counter', { name: 'queries', labelNames: ['instance'] }, [{ labelValues: ['db'], add: 2 }]);
    const level = aDelta('gauge', { name: 'level', labelNames: ['instance'], merge: 'sum' }, [{ labelValues: ['db'], value: 3 }]);
    await machine.send({ ...gone.batch([long, own, level]), heartbeat: 0 });
    await machine.send({ ...alive.batch([]), heartbeat: 0 });
    await machine.durable.end({ instance: 'here' });
    await machine.pass(26 * HOUR);
    const lines = [
      'folded_total{job="shop",instance="",phanos_overflow="true"} 1',
      'queries_total{job="shop",instance="db"} 2',
      'level{job="shop",instance="db"} 3',
    ];
    expect([machine.lines, machine.lifeOf(gone.identity)]).toEqual([lines, undefined]);
    for (const how of ['kill', 'power'] as const) {
      if (snapshot) await machine.durable.snapshot();
      await machine.restart(how);
      expect(machine.lines).toEqual(lines);
    }
  },
);

test('ends that are told last', async () => {
  const machine = await Machine.start();
  const workers = ['0', '1', '2', '3'].map((worker) => new AProducer({ worker, boot: `boot ${worker}` }));
  for (const worker of workers) await machine.send(worker.batch(told()));
  expect(await machine.durable.end({ job: 'shop', instance: 'here', worker: '0' })).toBe(1);
  await machine.send(workers[1]!.batch([], { goodbye: true }));
  await machine.send(workers[2]!.batch([], { goodbye: true, onBehalf: true }));
  const records = machine.durable.figures?.records;
  expect(await machine.durable.end({ job: 'shop', instance: 'here', worker: '0' })).toBe(0);
  expect(machine.durable.figures?.records).toBe(records);
  await machine.restart('kill');
  expect(workers.map(({ identity }) => machine.lifeOf(identity))).toEqual(['ended', 'ended', 'ended', 'live']);
  expect(machine.lines).toEqual([sold(4), depth()]);
  expect(machine.durable.collector.producers.deaths.counts).toEqual({ silent: 0, exit: 2, goodbye: 1 });
});

test('an end that can not be made safe has not happened', async () => {
  const machine = await Machine.start();
  const producer = new AProducer();
  await machine.send(producer.batch(told()));
  machine.break();
  await expect(machine.durable.end(producer.identity)).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
  expect([machine.lifeOf(producer.identity), machine.lines]).toEqual(['live', [sold(1), depth()]]);
});

test('a heartbeat of one that was taken for dead brings it back, for good', async () => {
  const machine = await Machine.start();
  const producer = new AProducer();
  await machine.send(producer.batch(told()));
  await machine.pass(20 * SECOND);
  expect(machine.lifeOf(producer.identity)).toBe('silent');
  const said = await machine.send(producer.beat());
  expect(said).toEqual({ kind: 'stored', epoch: `${machine.durable.collector.epoch}.1` });
  expect(machine.lifeOf(producer.identity)).toBe('live');
  await machine.restart('kill');
  expect(machine.lifeOf(producer.identity)).toBe('live');
  // Another epoch would make it tell everything again; an older one would let it keep its states to itself.
  expect(await machine.send(producer.beat())).toEqual(said);
});

test('nobody dies of a disk that takes its time, nor of one that refuses', async () => {
  const machine = await Machine.start();
  const [first, second] = [new AProducer(), new AProducer({ worker: '1', boot: 'c' })];
  for (const producer of [first, second]) await machine.send(producer.batch(told()));
  const release = machine.stall();
  const batch = first.batch(told());
  const waiting = machine.send(batch);
  const other = machine.send(second.batch(told()));
  await machine.pass(MINUTE);
  expect([machine.lifeOf(first.identity), machine.lifeOf(second.identity)]).toEqual(['live', 'live']);
  release();
  expect((await waiting).kind).toBe('stored');
  await other;
  machine.break();
  const next = first.batch(told());
  for (let tries = 0; tries < 30; tries++) {
    expect((await machine.send(next)).kind).toBe('later');
    await machine.send(second.beat());
    await machine.pass(2 * SECOND);
  }
  expect([machine.lifeOf(first.identity), machine.lifeOf(second.identity)]).toEqual(['live', 'live']);
  machine.disk.heal();
  await eventually('the journal is ready', () => machine.durable.state.ready);
  expect((await machine.send(next)).kind).toBe('stored');
  expect(machine.lines).toEqual([sold(5), lineOf('depth', 'here', 14)]);
  expect(machine.durable.collector.producers.deaths.counts.silent).toBe(0);
});

test('a wall clock that is set, forwards or back, neither kills nor revives anybody', async () => {
  const machine = await Machine.start();
  const producer = new AProducer();
  await machine.send(producer.batch(told()));
  machine.wall += 365 * 24 * HOUR;
  await machine.pass(5 * SECOND);
  await machine.send(producer.batch(told()));
  machine.wall -= 2 * 365 * 24 * HOUR;
  await machine.pass(5 * SECOND);
  await machine.send(producer.batch(told()));
  expect(machine.lifeOf(producer.identity)).toBe('live');
  await machine.restart('kill');
  expect([machine.lifeOf(producer.identity), machine.lines]).toEqual(['live', [sold(3), depth()]]);
  await machine.pass(14 * SECOND);
  expect(machine.lifeOf(producer.identity)).toBe('live');
  await machine.pass(2 * SECOND);
  expect(machine.lifeOf(producer.identity)).toBe('silent');
});

test('who lived on heartbeats is remembered for 24 hours after its death, in a replay too', async () => {
  const machine = await Machine.start();
  const producer = new AProducer();
  producer.heartbeat = 10 * MINUTE;
  const batch = producer.batch(told());
  await machine.send(batch);
  for (let beats = 0; beats < 180; beats++) {
    machine.wall += 10 * MINUTE;
    await machine.restart('kill');
    await machine.send(producer.beat());
  }
  await machine.durable.end(producer.identity);
  await machine.restart('kill', 23 * HOUR);
  expect((await machine.send(batch)).kind).toBe('stored');
  expect(machine.durable.collector.self.batches).toMatchObject({ duplicate: 1 });
  await machine.restart('kill', 25 * HOUR);
  expect(machine.lifeOf(producer.identity)).toBeUndefined();
});
