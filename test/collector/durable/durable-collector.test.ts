import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { aDelta } from '../a-batch.js';
import { AProducer } from '../a-producer.js';
import { Machine } from './machine.js';

const sold = (add: number) => [aDelta('counter', { name: 'sold' }, [{ labelValues: [], add }])];
const SOLD = 'sold_total{job="shop",instance="here"}';

describe('check, journal, sync, apply, acknowledge', () => {
  test('what is not on the disk is neither shown nor acknowledged; what is, is both', async () => {
    const machine = await Machine.start();
    const producer = new AProducer();
    const release = machine.stall();
    let answer: unknown;
    const sending = machine.send(producer.batch(sold(1))).then((said) => {
      answer = said;
    });
    for (let turns = 0; turns < 50; turns++) await nextTurn();
    expect([answer, machine.lines]).toEqual([undefined, []]);
    release();
    await sending;
    expect([answer, machine.lines]).toEqual([{ kind: 'stored', epoch: machine.durable.collector.epoch }, [`${SOLD} 1`]]);
  });

  test('the same batch while it is on its way is to come later, afterwards it is known', async () => {
    const machine = await Machine.start();
    const batch = new AProducer().batch(sold(1));
    const release = machine.stall();
    const first = machine.send(batch);
    expect(await machine.send(batch)).toMatchObject({ kind: 'later' });
    release();
    expect([await first, await machine.send(batch)].map(({ kind }) => kind)).toEqual(['stored', 'stored']);
    expect(machine.lines).toEqual([`${SOLD} 1`]);
    expect(machine.durable.collector.self.batches).toMatchObject({ applied: 1, duplicate: 1, later: 1 });
  });

  test('while the disk refuses, nothing is acknowledged, not even what is known; then everything counts once', async () => {
    const machine = await Machine.start();
    const producer = new AProducer();
    const [first, second] = [producer.batch(sold(1)), producer.batch(sold(10), { oldest: 1 })];
    expect((await machine.send(first)).kind).toBe('stored');
    machine.break();
    expect([await machine.send(second), await machine.send(first), await machine.send(producer.beat())].map(({ kind }) => kind)).toEqual([
      'later',
      'later',
      'later',
    ]);
    expect([machine.durable.state.ready, machine.lines]).toEqual([false, [`${SOLD} 1`]]);
    machine.disk.heal();
    await eventually('the journal is ready', () => machine.durable.state.ready);
    expect([await machine.send(second), await machine.send(second)].map(({ kind }) => kind)).toEqual(['stored', 'stored']);
    expect(machine.lines).toEqual([`${SOLD} 11`]);
  });

  test.each(['kill', 'power', 'close'] as const)('after a %s everything is there, with who had sent what', async (how) => {
    const machine = await Machine.start();
    const producer = new AProducer();
    const batches = [1, 10, 100].map((add) => producer.batch(sold(add), { oldest: 1 }));
    for (const batch of batches) expect((await machine.send(batch)).kind).toBe('stored');
    const { epoch } = machine.durable.collector;
    await machine.restart(how);
    expect(machine.lines).toEqual([`${SOLD} 111`]);
    for (const batch of batches) expect(await machine.send(batch)).toEqual({ kind: 'stored', epoch });
    expect(machine.lines).toEqual([`${SOLD} 111`]);
    expect(machine.durable.collector.producers.totals).toMatchObject({ produced: 3, applied: 3 });
  });

  test('what can not be read is refused for good and never comes to the journal', async () => {
    const machine = await Machine.start();
    const before = machine.durable.figures?.records;
    expect(await machine.durable.receive(Buffer.from('{"version":2}'))).toMatchObject({ kind: 'refused' });
    expect(await machine.durable.receive(Buffer.from('no zlib'), 'deflate')).toMatchObject({ kind: 'refused' });
    expect(await machine.durable.receive(Buffer.from('{}'), 'br')).toMatchObject({ kind: 'refused' });
    expect([machine.durable.figures?.records, machine.durable.collector.self.batches.refused]).toEqual([before, 3]);
  });

  test('without a folder it is the same in memory', async () => {
    const machine = new Machine();
    await machine.start({ directory: undefined });
    const producer = new AProducer();
    expect(await machine.send(producer.batch(sold(2)))).toEqual({ kind: 'stored', epoch: machine.durable.collector.epoch });
    expect(await machine.durable.end(producer.identity)).toBe(1);
    expect([machine.lines, machine.durable.figures, machine.durable.state]).toEqual([[`${SOLD} 2`], undefined, { ready: true }]);
    await machine.durable.snapshot();
    await machine.durable.close();
  });

  test('own counters that a journal does not hold begin anew, others go on', async () => {
    const machine = await Machine.start();
    const producer = new AProducer();
    const batch = producer.batch(sold(1));
    for (let times = 0; times < 3; times++) await machine.send(batch);
    await machine.durable.snapshot();
    await machine.send(batch);
    await machine.send(producer.batch(sold(1)));
    await machine.restart('kill');
    expect(machine.durable.collector.self.batches).toEqual({ applied: 2, duplicate: 0, heartbeat: 0, later: 0, refused: 0 });
  });
});

describe('what a start finds', () => {
  test('a state that was lost, as it was allowed, has another epoch: producers tell everything again', async () => {
    const machine = await Machine.start();
    const producer = new AProducer();
    for (const add of [1, 10]) await machine.send(producer.batch(sold(add)));
    const { epoch } = machine.durable.collector;
    await machine.restart('kill');
    expect(machine.durable.collector.epoch).toBe(epoch);
    await machine.durable.close();
    const fs = machine.disk.connect();
    const file = await fs.open('/data/0000000001.segment', 'r+');
    await file.writev([Buffer.alloc(40, 0xff)], 150);
    await expect(machine.start()).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    await machine.start({ allowStateLoss: true });
    const { epoch: next } = machine.durable.collector;
    expect(next).not.toBe(epoch);
    expect(machine.durable.recovered?.lost).toBeDefined();
    await machine.restart('kill');
    expect([machine.durable.collector.epoch, machine.durable.recovered?.lost]).toEqual([next, undefined]);
  });

  test('torn at every byte of its last two records: the rest is there, and what is sent again counts once', {
    timeout: 60_000,
  }, async () => {
    const machine = await Machine.start();
    const producer = new AProducer();
    const ends: number[] = [];
    const batches = [1, 10, 100].map((add) => producer.batch(sold(add), { oldest: 1 }));
    const sizeOf = async (): Promise<number> => (await machine.disk.connect().stat('/data/0000000001.segment')).size;
    for (const batch of batches) {
      await machine.send(batch);
      ends.push(await sizeOf());
    }
    await machine.durable.close();
    const [first = 0, second = 0, third = 0] = ends;
    const reader = await machine.disk.connect().open('/data/0000000001.segment', 'r');
    const whole = Buffer.alloc(third);
    await reader.read(whole, 0, third, 0);
    let tried = 0;
    for (let size = first; size <= third; size++) {
      const copy = new Machine();
      const file = await copy.disk.connect().open('/data/0000000001.segment', 'w');
      await file.writev([whole.subarray(0, size)], 0);
      await file.datasync();
      await copy.disk.connect().syncFolder('/data');
      await copy.start();
      const there = size === third ? 111 : size >= second ? 11 : 1;
      expect([size, copy.lines]).toEqual([size, [`${SOLD} ${there}`]]);
      for (const batch of batches) expect((await copy.send(batch)).kind).toBe('stored');
      expect(copy.lines).toEqual([`${SOLD} 111`]);
      tried++;
    }
    expect(tried).toBe(third - first + 1);
    expect(tried).toBeGreaterThan(400);
  });

  test('a record of a kind that it does not know is no reason to begin with nothing', async () => {
    const machine = await Machine.start();
    await machine.send(new AProducer().batch(sold(1)));
    await machine.durable.close();
    const { Journal } = await import('../../../src/collector/journal/journal.js');
    const state = { restore: async () => {}, replay: () => {}, beginSnapshot: () => [] };
    const journal = await Journal.open({ directory: '/data', fs: machine.disk.connect(), state, logger: console });
    await journal.append(Buffer.from([99, 0, 0, 0, 0, 0, 0, 0, 0, 1]));
    await journal.close();
    await expect(machine.start()).rejects.toThrow('the journal holds a record of kind 99, which this phanos does not know');
  });
});

test('records of the first wire take the same way', async () => {
  const machine = await Machine.start();
  const record = {
    item: 'Orders',
    metric: 'counter',
    units: 'n',
    job: 'old',
    method: 'Orders:place',
    labels: { error_raised: false },
    value: ['inc', 2],
  };
  const body = Buffer.from(JSON.stringify([record, record]));
  const line = 'phanos_counter_n_total{job="old",instance=""}';
  const release = machine.stall();
  const taking = machine.durable.receiveRecords(body);
  for (let turns = 0; turns < 20; turns++) await nextTurn();
  expect(machine.lines).toEqual([]);
  release();
  expect((await taking).kind).toBe('stored');
  expect(machine.lines).toEqual([`${line} 4`]);
  await machine.durable.snapshot();
  await machine.durable.receiveRecords(body);
  await machine.restart('power');
  expect(machine.lines).toEqual([`${line} 8`]);
  expect(await machine.durable.receiveRecords(Buffer.from('nothing'))).toMatchObject({ kind: 'refused' });
  machine.break();
  expect(await machine.durable.receiveRecords(body)).toMatchObject({ kind: 'later' });
  machine.disk.heal();
  await eventually('the journal is ready', () => machine.durable.state.ready);
  await machine.durable.receiveRecords(body);
  await machine.restart('kill');
  expect(machine.lines).toEqual([`${line} 12`]);
});
