import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GetMessage } from 'amqplib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { replaceAmqplib } from '../../../src/amqp/load-amqplib.js';
import { shardName, shardOf, shardQueue } from '../../../src/amqp/topology.js';
import { CollectorService } from '../../../src/collector/collector-service.js';
import { type AmqpIngestOptions, normalizeAmqpIngest } from '../../../src/collector/ingest/amqp/amqp-ingest-options.js';
import { AmqpSource } from '../../../src/collector/ingest/amqp/amqp-source.js';
import { BrokerOutages } from '../../../src/collector/ingest/amqp/broker-outages.js';
import { recordsWire } from '../../../src/collector/ingest/amqp/records-wire.js';
import type { CollectorServiceOptions } from '../../../src/collector/service-options.js';
import { encodeBatch } from '../../../src/record/batch-encoder.js';
import type { Answer } from '../../../src/record/pipe.js';
import { logSink } from '../../diagnostics/log-sink.js';
import { goldenMessages } from '../../record/record-bodies.js';
import { CollectProcess } from '../../support/collect-process.js';
import { eventually } from '../../support/eventually.js';
import { newFolder } from '../../support/project.js';
import { emptyVhost } from '../../support/shared-broker.js';
import { TcpProxy } from '../../support/wire-peers.js';
import { aDelta } from '../a-batch.js';
import { AProducer } from '../a-producer.js';
import { ask } from '../http.js';
import { BrokerSender } from './broker-sender.js';

/** A collector behind a real RabbitMQ. */

const SHOP = { job: 'shop', instance: 'web-1' };
const SHARD = shardOf(SHOP);

let url: string;
let folder: string;
let ends: (() => Promise<void>)[] = [];

beforeEach(async () => {
  url = await emptyVhost();
  folder = await newFolder();
}, 330_000);
afterEach(async () => {
  for (const end of ends.toReversed()) await end();
  ends = [];
  await rm(folder, { recursive: true, force: true });
});

async function service(amqp: Partial<AmqpIngestOptions> = {}, options: CollectorServiceOptions = {}) {
  const log = logSink();
  const started = await CollectorService.start({
    listen: { host: '127.0.0.1', port: 0 },
    dataDir: folder,
    logger: log,
    ...options,
    amqp: { url, shards: [SHARD], lookInterval: 200, ...amqp },
  });
  ends.push(() => started.close());
  const text = async (path: string): Promise<string> => (await ask(`${started.url}${path}`)).body;
  return {
    started,
    log,
    ready: () => eventually('the collector is ready', () => started.readiness.ready, 30_000),
    text,
    /** The value of the sample whose line begins like this; undefined if there is none. */
    value: async (begin: string, path = '/metrics') => sampleOf(await text(path), begin),
  };
}

const messages = ({ logged }: ReturnType<typeof logSink>): string => logged.map(({ message }) => message).join('\n');

function sampleOf(text: string, begin: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(begin));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

async function sender(): Promise<BrokerSender> {
  const opened = await BrokerSender.open(url);
  ends.push(() => opened.close());
  return opened;
}

/** Reads records and nothing else, with this end of the way. */
function source(take: (body: Buffer) => Promise<Answer>, lookInterval?: number): AmqpSource {
  const logger = logSink();
  const opened = new AmqpSource(recordsWire({ take, logger }), {
    ...normalizeAmqpIngest({ url, lookInterval }),
    logger,
    outages: new BrokerOutages(logger),
  });
  ends.push(() => opened.stop(0));
  return opened;
}

const counted = (producer: AProducer, add: number) => producer.batch([aDelta('counter', { name: 'sold' }, [{ labelValues: [], add }])]);
const record = (value: number) => [
  { item: 'A', metric: 'counter', units: 'n', job: 'py', method: 'A:b', labels: {}, value: ['inc', value] },
];

describe('records', () => {
  test('golden messages are taken and acknowledged; poison goes aside; both are counted', async () => {
    const { ready, value, text } = await service();
    await ready();
    const out = await sender();
    const golden = goldenMessages();
    for (const { message } of golden) await out.publish(message.exchange, message.routing_key, Buffer.from(message.body_base64, 'base64'));
    for (const poison of ['', '{', '7', Buffer.from([0xff]), `[${'['.repeat(5000)}`]) await out.publish('profiling', 'py', poison);
    await eventually(
      'all is settled',
      async () => (await value('phanos_collector_amqp_messages_total{wire="v1",result="dead_lettered"}', '/-/metrics')) === 5,
    );
    expect(await value('phanos_collector_amqp_messages_total{wire="v1",result="stored"}', '/-/metrics')).toBe(golden.length);
    const all = golden.flatMap(({ message }) => JSON.parse(message.body_utf8) as unknown[]).length;
    const own = await text('/-/metrics');
    const refused = own.split('\n').filter((line) => line.startsWith('phanos_collector_refused_records_total{'));
    expect(sampleOf(own, 'phanos_collector_records_total')! + refused.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)).toBe(
      all,
    );
    expect(await value('phanos_counter_bytes_total')).toBeUndefined();
    expect((await out.channel.checkQueue('imp_prof')).messageCount).toBe(0);
    const dead = await out.channel.get('phanos.dead', { noAck: true });
    expect(dead).toMatchObject({
      content: Buffer.from(''),
      properties: { headers: { 'x-phanos-exchange': 'profiling', 'x-phanos-routing-key': 'py' }, deliveryMode: 2 },
    });
    expect((dead as GetMessage).properties.headers?.['x-phanos-reason']).toBe('it is neither a list of records nor a record');
  });

  test('127 come ahead, none is acknowledged before it is safe, and what was not goes back', async () => {
    const out = await sender();
    await out.channel.assertQueue('imp_prof', { durable: true });
    for (let i = 0; i < 200; i++) out.channel.sendToQueue('imp_prof', Buffer.from(String(i)));
    await out.channel.waitForConfirms();
    const waiting = async (): Promise<number> => (await out.channel.checkQueue('imp_prof')).messageCount;

    const taken: (() => void)[] = [];
    const hold = source(() => new Promise((resolve) => taken.push(() => resolve({ kind: 'stored', epoch: '' }))));
    await eventually('a prefetch came', () => taken.length === 127);
    expect(await waiting()).toBe(73);
    // Whatever becomes safe behind the first one waits for it.
    for (const done of taken.slice(1, 100)) done();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect([hold.underway, await waiting()]).toEqual([127, 73]);
    taken[0]!();
    await eventually('more came', () => taken.length === 200);
    expect(hold.underway).toBe(100);
    await hold.stop(0);
    await eventually('all that was not safe is back', async () => (await waiting()) === 100);

    const next = source(() => Promise.resolve({ kind: 'stored', epoch: '' }));
    const figure = (name: string): number => {
      const family = [...next.families].find((one) => one.name === `phanos_collector_amqp_${name}`)!;
      const [series] = family.series;
      return series!.cells[series!.offset]!;
    };
    await eventually('all is acknowledged', () => figure('acknowledged_messages') === 100);
    expect([figure('delivered_messages'), figure('redelivered_messages'), await waiting()]).toEqual([100, 100, 0]);
  });

  test('more than 10,000 that wait make it not ready', async () => {
    const out = await sender();
    await out.channel.assertQueue('imp_prof', { durable: false });
    for (let i = 0; i < 10_128; i++) out.channel.sendToQueue('imp_prof', Buffer.from('[]'));
    await out.channel.waitForConfirms();
    const held: (() => void)[] = [];
    let isHeld = true;
    const hold = (body: Buffer): Promise<Answer> =>
      new Promise((resolve) => {
        const done = (): void => resolve({ kind: 'stored', epoch: String(body) });
        if (isHeld) held.push(done);
        else done();
      });
    const slow = source(hold, 50);
    await eventually('it lags', () => slow.trouble === '10001 messages wait in the queue imp_prof');
    isHeld = false;
    for (const done of held) done();
    await eventually('it has caught up', () => slow.trouble === undefined);
    expect(held).toHaveLength(127);
  });

  test('lists and single objects are understood; bad records are refused one by one, by job and reason', async () => {
    const { ready, value, text } = await service();
    await ready();
    const out = await sender();
    const [good] = record(2);
    await out.records([good, { ...good, value: ['inc', -1] }, { ...good, value: 'x' }, 7, { ...good, value: ['inc', 3] }]);
    await out.records(good);
    await out.records([]);
    await eventually('it is counted', async () => (await value('phanos_counter_n_total')) === 7);
    await eventually(
      'all is settled',
      async () => (await value('phanos_collector_amqp_acknowledged_messages_total{wire="v1"}', '/-/metrics')) === 3,
    );
    const own = await text('/-/metrics');
    const refused = own.split('\n').filter((line) => line.startsWith('phanos_collector_refused_records_total{'));
    expect(refused.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)).toBe(3);
    expect(own).toContain('phanos_collector_amqp_messages_total{wire="v1",result="dead_lettered"} 0');
    expect(own).toContain('phanos_collector_amqp_delivered_messages_total{wire="v1"} 3');
  });

  test('dead letters whose queue was deleted meanwhile get it back', async () => {
    const { ready, value } = await service();
    await ready();
    const out = await sender();
    await out.channel.deleteQueue('phanos.dead');
    await out.publish('profiling', 'py', 'poison');
    await eventually(
      'it is put aside',
      async () => (await value('phanos_collector_amqp_messages_total{wire="v1",result="dead_lettered"}', '/-/metrics')) === 1,
    );
    expect(await out.channel.get('phanos.dead', { noAck: true })).toMatchObject({ content: Buffer.from('poison') });
    expect((await out.channel.checkQueue('imp_prof')).messageCount).toBe(0);
  });

  test('a queue that exists is used as it is, whatever its properties; so is an exchange, which is told', async () => {
    const before = await sender();
    await before.channel.assertExchange('profiling', 'topic', { durable: true });
    await before.channel.assertQueue('imp_prof', { durable: false, autoDelete: false, maxLength: 7 });
    const { ready, value, log } = await service();
    await ready();
    await before.records(record(2));
    await eventually('it is counted', async () => (await value('phanos_counter_n_total')) === 2);
    expect(messages(log)).toContain('the exchange profiling exists with other properties; it is used as it is');
  });

  test('an exchange and a queue that are deleted come back', async () => {
    const { ready, value } = await service();
    await ready();
    const out = await sender();
    await out.records(record(1));
    await eventually('it is counted', async () => (await value('phanos_counter_n_total')) === 1);
    // A channel does not survive a message to an exchange that is gone.
    const send = async (value: number): Promise<void> => {
      const once = await BrokerSender.open(url);
      try {
        await once.records(record(value));
      } finally {
        await once.close();
      }
    };
    await out.channel.deleteExchange('profiling');
    await eventually('the exchange is back and bound', async () => {
      await send(1000);
      return (await value('phanos_counter_n_total'))! > 1000;
    });
    await (await sender()).channel.deleteQueue('imp_prof');
    await eventually('the queue is back and read', async () => {
      await send(1_000_000);
      return (await value('phanos_counter_n_total'))! > 1_000_000;
    });
    expect((await (await sender()).channel.checkQueue('imp_prof')).consumerCount).toBe(1);
  });

  test('a second collector of the same queue is kept out and says so', async () => {
    await (await service()).ready();
    const second = await service({ shards: [] }, { dataDir: undefined });
    await eventually('it is not ready', () => second.started.readiness.reasons.some((reason) => reason.includes('403')));
    expect(second.started.readiness.reasons).toEqual([expect.stringMatching(/^RabbitMQ at amqp:.* refused: 403.*imp_prof/)]);
  });

  test('records of a job that sends batches are left out, whichever way the batches come, unless that is allowed', async () => {
    const out = await sender();
    const strict = await service();
    await strict.ready();
    await out.batch(counted(new AProducer({ ...SHOP, boot: '1' }), 5));
    await eventually('the batch is counted', async () => (await strict.value('sold_total')) === 5);
    await out.records([{ ...record(7)[0], job: 'shop' }]);
    await out.records(record(1));
    await eventually('the other is counted', async () => (await strict.value('phanos_counter_n_total')) === 1);
    expect(await strict.value('phanos_collector_refused_records_total{of_job="shop",reason="job_sends_batches"}', '/-/metrics')).toBe(1);
    await strict.started.close();

    const allowing = await service({}, { recordsBesideBatches: true });
    await allowing.ready();
    await out.records([{ ...record(7)[0], job: 'shop' }]);
    await eventually('it is counted', async () => (await allowing.value('phanos_counter_n_total{job="shop",instance=""}')) === 7);
  });

  test('what was counted is there after a restart, and what came in between too', async () => {
    const first = await service();
    await first.ready();
    const out = await sender();
    await out.records(record(3));
    await eventually('it is counted', async () => (await first.value('phanos_counter_n_total')) === 3);
    await first.started.close();
    await out.records(record(4));
    const second = await service();
    await second.ready();
    await eventually('both are there', async () => (await second.value('phanos_counter_n_total')) !== 3);
    expect(await second.text('/metrics')).toContain('phanos_counter_n_total{job="py",instance=""} 7\n');
  });
});

describe('batches', () => {
  test('each counts once, however often it comes; poison goes aside, and the next ones come through', async () => {
    const { ready, value, text } = await service();
    await ready();
    const out = await sender();
    const producer = new AProducer(SHOP);
    const first = counted(producer, 2);
    for (let i = 0; i < 3; i++) await out.batch(first);
    await out.publish('phanos.v2', shardName(SHARD), 'no batch', { contentType: 'x/y' });
    await out.batch(counted(producer, 3));
    await eventually('it is counted', async () => (await value('sold_total')) === 5);
    expect(await text('/metrics')).toContain('sold_total{job="shop",instance="web-1"} 5');
    await eventually(
      'all is settled',
      async () => (await value('phanos_collector_amqp_messages_total{wire="v2",result="dead_lettered"}', '/-/metrics')) === 1,
    );
    expect((await out.channel.checkQueue(shardQueue(SHARD))).messageCount).toBe(0);
    expect(await out.channel.get('phanos.dead', { noAck: true })).toMatchObject({
      content: Buffer.from('no batch'),
      properties: { contentType: 'x/y' },
    });
  });

  test('a folder that another collector has is refused with a clear error', async () => {
    await (await service()).ready();
    await expect(service()).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
  });

  test('a shard moves with its folder, and with it what was counted and what comes twice', async () => {
    const here = await service();
    await here.ready();
    const out = await sender();
    const producer = new AProducer(SHOP);
    const first = counted(producer, 2);
    await out.batch(first);
    await eventually('it is counted', async () => (await here.value('sold_total')) === 2);
    await here.started.close();
    // Sent again by a program that never heard that it was taken, with another one, while nobody reads.
    await out.batch(first);
    await out.batch(counted(producer, 3));
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    await rename(join(folder, shardName(SHARD)), join(elsewhere, shardName(SHARD)));
    const there = await service({}, { dataDir: elsewhere });
    await eventually('the rest is counted', async () => (await there.value('sold_total')) === 5);
    expect(await there.value('phanos_collector_amqp_messages_total{wire="v2",result="stored"}', '/-/metrics')).toBe(2);
    await there.started.close();

    const without = await service({ shards: [] }, { dataDir: elsewhere });
    expect(messages(without.log)).toContain(`holds folders of shards that are not this collector's own (${SHARD})`);
    expect(await without.value('sold_total')).toBeUndefined();
  });

  test('poison that says who sent it does not hold up what comes after it', async () => {
    const { ready, value } = await service();
    await ready();
    const out = await sender();
    const producer = new AProducer(SHOP);
    await out.batch(counted(producer, 2));
    const torn = encodeBatch(counted(producer, 100));
    await out.publish('phanos.v2', shardName(SHARD), torn.subarray(0, -20));
    // A broker confirms poison as anything else, so its number is settled for who sent it.
    await Promise.all(Array.from({ length: 1100 }, () => out.batch(counted(producer, 1))));
    await eventually('all is counted', async () => (await value('sold_total')) === 1102);
    expect(await value('phanos_collector_amqp_messages_total{wire="v2",result="dead_lettered"}', '/-/metrics')).toBe(1);
    expect(await value('phanos_collector_amqp_messages_total{wire="v2",result="later"}', '/-/metrics')).toBe(0);
  });

  test('of two collectors of one shard the second waits and says so', async () => {
    const first = await service();
    await first.ready();
    const second = await service({ records: false }, { dataDir: undefined });
    await second.ready();
    expect(messages(second.log)).toContain('nothing comes from there until it ends');
    await (await sender()).batch(counted(new AProducer(SHOP), 2));
    await eventually('the first one has it', async () => (await first.value('sold_total')) === 2);
    expect(await second.value('sold_total')).toBeUndefined();
  });

  test('the same job and instance by HTTP and by RabbitMQ: what adds up is added up, each line is shown once', async () => {
    const { started, ready, value, text } = await service();
    await ready();
    await (await sender()).batch(counted(new AProducer({ ...SHOP, boot: 'amqp' }), 2));
    const body = Buffer.from(encodeBatch(counted(new AProducer({ ...SHOP, worker: '1', boot: 'http' }), 40))).toString();
    const { status } = await ask(`${started.url}/v2/batches`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/vnd.phanos.batch+json; version=2' },
    });
    expect(status).toBe(200);
    await eventually('both are counted', async () => (await value('sold_total')) === 42);
    expect((await text('/metrics')).match(/^sold_total/gm)).toHaveLength(1);
  });
});

test('records by HTTP', async () => {
  const started = await CollectorService.start({ listen: { host: '127.0.0.1', port: 0 }, dataDir: folder, logger: logSink() });
  ends.push(() => started.close());
  const post = (body: string, headers: Record<string, string> = {}) => ask(`${started.url}/v1/records`, { method: 'POST', body, headers });
  expect(await post(JSON.stringify(record(3)))).toMatchObject({ status: 200, body: expect.stringContaining('"stored"') });
  expect(await post('nonsense')).toMatchObject({ status: 400, body: expect.stringContaining('neither a list') });
  expect(await post('x', { 'content-encoding': 'gzip' })).toMatchObject({
    status: 400,
    body: expect.stringContaining("not encoded as 'gzip'"),
  });
  expect((await ask(`${started.url}/metrics`)).body).toContain('phanos_counter_n_total{job="py",instance=""} 3');
});

test('without amqplib it does not start, and says what to do', async () => {
  const missing = Object.assign(new Error("Cannot find package 'amqplib'"), { code: 'ERR_MODULE_NOT_FOUND' });
  const restore = replaceAmqplib(() => Promise.reject(missing));
  try {
    const message = 'RabbitMQ needs the package amqplib, which is not installed: npm install amqplib';
    await expect(service()).rejects.toMatchObject({ code: 'PACKAGE_MISSING', message });
  } finally {
    restore();
  }
});

test.each([
  [{ url: 'http://guest:secret@x' }, 'amqp: what was given is no address of a broker; write amqp://user:password@host:5672/vhost'],
  [{ shards: [64] }, 'CollectorService amqp: each of shards must be at most 63, got 64'],
  [{ queue: '' }, "CollectorService amqp: queue must be a non-empty string, got ''"],
  [{ recods: true }, "CollectorService amqp: unknown option 'recods', did you mean 'records'?"],
])('%j is refused', async (amqp, message) => {
  await expect(service(amqp as Partial<AmqpIngestOptions>)).rejects.toThrow(message);
});

test('without a broker the collector runs, is not ready, and says so once an outage; a broker that comes is taken up', async () => {
  const { port, pathname } = new URL(url);
  const proxy = await TcpProxy.to(Number(port));
  proxy.cut(true);
  ends.push(() => proxy.close());
  const { started, log, ready, value } = await service({ url: `amqp://guest:guest@127.0.0.1:${proxy.port}${pathname}` });
  const warnings = (): unknown[] => log.logged.filter(({ level }) => level === 'warn');
  await eventually('it says why', () => messages(log).includes("can't be reached"));
  expect(started.readiness.reasons).toEqual([expect.stringMatching(/^RabbitMQ at amqp:.* can't be reached/)]);
  expect((await ask(`${started.url}/-/healthy`)).status).toBe(200);
  proxy.resume();
  await ready();
  await (await sender()).records(record(2));
  await eventually('it is counted', async () => (await value('phanos_counter_n_total')) === 2);
  // However many connections there are, and however often they are tried.
  expect(warnings()).toHaveLength(1);

  proxy.cut(true);
  await eventually('it is not ready', () => !started.readiness.ready);
  await (await sender()).records(record(3));
  proxy.resume();
  await ready();
  await eventually('what came meanwhile is counted', async () => (await value('phanos_counter_n_total')) === 5);
  expect(warnings()).toHaveLength(2);
});

test('while the broker is away nobody behind it is taken for dead; then those who stay silent are', async () => {
  const { port, pathname } = new URL(url);
  const proxy = await TcpProxy.to(Number(port));
  ends.push(() => proxy.close());
  const { started, ready, value, text } = await service({ url: `amqp://guest:guest@127.0.0.1:${proxy.port}${pathname}` });
  await ready();
  const lives = async (): Promise<Record<string, string>> => {
    const producers = JSON.parse(await text('/api/v1/producers')) as { readonly boot: string; readonly life: string }[];
    return Object.fromEntries(producers.map(({ boot, life }) => [boot, life]));
  };
  const restless = (boot: string) => Object.assign(new AProducer({ ...SHOP, boot }), { heartbeat: 200 });
  await (await sender()).batch(counted(restless('behind'), 2));
  await eventually('it is counted', async () => (await value('sold_total')) === 2);
  proxy.cut(true);
  await eventually('it is noticed', () => !started.readiness.ready);
  // Two others, one after the other, tell that time passes.
  for (const boot of ['first', 'second']) {
    await ask(`${started.url}/v2/batches`, { method: 'POST', body: Buffer.from(encodeBatch(counted(restless(boot), 1))).toString() });
    await eventually('a silent one is noticed', async () => (await lives())[boot] === 'silent', 20_000);
  }
  expect(await lives()).toMatchObject({ behind: 'live' });
  proxy.resume();
  await ready();
  await eventually('it is silent still', async () => (await lives()).behind === 'silent', 20_000);
});

test('the program: what it takes is told when it starts, the password is not, and it ends in order', async () => {
  const args = ['--data-dir', folder, '--shards', String(SHARD)];
  const collect = await CollectProcess.start({ args, env: { PHANOS_AMQP: url } });
  try {
    await eventually('it is ready', async () => (await collect.get('/-/ready')).includes('true'), 30_000);
    const out = await sender();
    await out.records(record(2));
    await out.batch(counted(new AProducer(SHOP), 3));
    await eventually('both are counted', async () => {
      const text = await collect.get('/metrics');
      return sampleOf(text, 'phanos_counter_n_total{job="py"') === 2 && sampleOf(text, 'sold_total{job="shop"') === 3;
    });
    expect(await collect.stop()).toBe(0);
    expect(collect.log).toContain(`shards ${SHARD} are its own; records are taken here`);
    expect(collect.log).not.toContain('guest:guest');
    expect(await readdir(folder)).toEqual(['main', 'records', shardName(SHARD)]);
    expect((await out.channel.checkQueue('imp_prof')).messageCount).toBe(0);
  } finally {
    await collect.kill();
  }
});
