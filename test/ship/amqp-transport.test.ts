import { connect } from 'amqplib';
import { Counter, Gauge, Profiler } from 'phanos';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { shardName, shardOf, shardQueue } from '../../src/amqp/topology.js';
import { ImpProfHandler } from '../../src/rabbitmq.js';
import { decodeBatch } from '../../src/record/batch-decoder.js';
import { encodeBatch } from '../../src/record/batch-encoder.js';
import { headOf, producerOf } from '../../src/record/batch-head.js';
import { unpackBatch } from '../../src/record/batch-packing.js';
import { splitBatch } from '../../src/record/batch-splitter.js';
import { brokerAddress, readBrokerUrl } from '../../src/record/broker-address.js';
import { AmqpTransport } from '../../src/ship/amqp-transport.js';
import { SHOP, ShardIngest } from '../amqp/shard-ingest.js';
import { aBatch, aDelta } from '../collector/a-batch.js';
import { logSink } from '../diagnostics/log-sink.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { emptyVhost } from '../support/shared-broker.js';
import { SilentPeer, TcpProxy } from '../support/wire-peers.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 330_000 });

let url: string;
const profilers: Profiler[] = [];
const ingests: ShardIngest[] = [];

beforeEach(async () => {
  url = await emptyVhost();
});

afterEach(async () => {
  await Promise.all(profilers.splice(0).map((profiler) => profiler.close()));
  await Promise.all(ingests.splice(0).map((ingest) => ingest.stop()));
});

async function anIngest(consume = true): Promise<ShardIngest> {
  const ingest = await ShardIngest.open(url, consume);
  ingests.push(ingest);
  return ingest;
}

function aProfiler(options: Parameters<Profiler['config']>[0] = {}) {
  const logger = logSink();
  const profiler = new Profiler();
  profilers.push(profiler);
  profiler.config({ ...SHOP, collector: url as `amqp://${string}`, logger, ...options });
  return { profiler, logger, sold: new Counter({ name: 'sold', labelNames: ['kind'], profiler }) };
}

const through = (proxy: TcpProxy) => {
  const changed = new URL(url);
  changed.port = String(proxy.port);
  return changed.href as `amqp://${string}`;
};

test('batches arrive in the queue of their shard: persistent, compressed where it pays, whole at first', async () => {
  const ingest = await anIngest();
  const { profiler, sold } = aProfiler();
  await profiler.ready();
  for (let i = 0; i < 200; i++) sold.inc(1, { kind: `kind-${i}` });
  await profiler.flush();
  await eventually('it is applied', async () => (await ingest.sum('sold_total')) === 200);
  const shard = shardName(shardOf(SHOP));
  for (const { fields, properties } of ingest.messages) {
    expect(fields).toMatchObject({ exchange: 'phanos.v2', routingKey: shard });
    expect(properties).toMatchObject({ contentType: 'application/vnd.phanos.batch+json; version=2', deliveryMode: 2 });
  }
  const batches = ingest.messages.map(({ content, properties }) =>
    decodeBatch(unpackBatch(content, properties.contentEncoding as string | undefined)),
  );
  expect(batches[0]).toMatchObject({ seq: 1, whole: true, heartbeat: 30_000, producer: { job: 'shop', instance: 'web-1', worker: '0' } });
  expect(ingest.messages.some(({ properties }) => properties.contentEncoding === 'deflate')).toBe(true);
  await profiler.close();
  await eventually('it says goodbye', () => decodeBatch(ingest.messages.at(-1)?.content ?? Buffer.alloc(0)).goodbye);
});

test('the worker slot is the one of the options, else that of PM2, else 0', async () => {
  const ingest = await anIngest();
  const workerOf = async (profiler: Profiler): Promise<string> => {
    const before = ingest.messages.length;
    await profiler.flush();
    await eventually('a batch is there', () => ingest.messages.length > before);
    return decodeBatch(ingest.messages[before]?.content ?? Buffer.alloc(0)).producer.worker;
  };
  expect(await workerOf(aProfiler().profiler)).toBe('0');
  vi.stubEnv('NODE_APP_INSTANCE', '3');
  expect(await workerOf(aProfiler().profiler)).toBe('3');
  vi.stubEnv('NODE_APP_INSTANCE', undefined);
  vi.stubEnv('pm_id', '4');
  expect(await workerOf(aProfiler().profiler)).toBe('4');
  expect(await workerOf(aProfiler({ worker: '7' }).profiler)).toBe('7');
  vi.unstubAllEnvs();
});

test('before any collector has declared the exchange, ready says what to start, and everything is kept', async () => {
  const { profiler, sold, logger } = aProfiler();
  await expect(profiler.ready()).rejects.toThrow(
    /has no exchange 'phanos.v2' yet; start a collector, which declares it: `phanos collect --amqp …`/,
  );
  sold.inc({ kind: 'a' }, 3);
  const ingest = await anIngest();
  await eventually('it is applied', async () => (await ingest.sum('sold_total')) === 3, 30_000);
  expect(logger.logged.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
    expect.stringContaining('has no exchange'),
    expect.stringContaining('is reached again'),
  ]);
});

test('a batch that comes back is not stored: without its queue it is kept, and told by the name of the shard', async () => {
  const ingest = await anIngest(false);
  const shard = shardOf(SHOP);
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.deleteQueue(shardQueue(shard));
  const { profiler, sold, logger } = aProfiler();
  sold.inc({ kind: 'a' }, 5);
  await eventually('it is told', () =>
    logger.logged.some(({ message }) => message.includes(`has no queue for the shard ${shardName(shard)}; start the collector`)),
  );
  expect(profiler.delivered()).toMatchObject({ confirmed: 0, dropped: 0 });
  await ingest.reconnect();
  await eventually('it is applied', async () => (await ingest.sum('sold_total')) === 5, 30_000);
  await profiler.flush();
  expect(profiler.delivered()).toMatchObject({ produced: 1, confirmed: 1, dropped: 0 });
  await connection.close();
});

test('a full queue refuses, and the producer keeps merging', async () => {
  const ingest = await anIngest(false);
  const shard = shardOf(SHOP);
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  await channel.deleteQueue(shardQueue(shard));
  await channel.assertQueue(shardQueue(shard), { durable: true, arguments: { 'x-overflow': 'reject-publish', 'x-max-length': 1 } });
  await channel.bindQueue(shardQueue(shard), 'phanos.v2', shardName(shard));
  const { profiler, sold } = aProfiler({ flushInterval: 20 });
  for (let i = 0; i < 20; i++) {
    sold.inc({ kind: 'a' });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await eventually('it was put off', () => profiler.diagnostics().some(({ reason }) => reason === 'collector_busy'));
  await channel.deleteQueue(shardQueue(shard));
  await ingest.reconnect();
  sold.inc({ kind: 'a' });
  await eventually('all is there', async () => {
    await profiler.flush();
    return profiler.delivered().confirmed === 21;
  });
  // What the full queue held went with it: its one batch.
  const { produced, dropped } = profiler.delivered();
  const lost = 21 - (await ingest.sum('sold_total'));
  expect({ produced, dropped }).toEqual({ produced: 21, dropped: 0 });
  expect(lost).toBeGreaterThan(0);
  expect(lost).toBeLessThan(21);
  await connection.close();
});

test('after a reconnect, gauges are told whole again, and nothing counts twice', async () => {
  const ingest = await anIngest();
  const proxy = await TcpProxy.to(Number(new URL(url).port));
  const { profiler, sold } = aProfiler({ collector: through(proxy), flushInterval: 50 });
  const wholes = () =>
    ingest.messages.filter(
      ({ content, properties }) => decodeBatch(unpackBatch(content, properties.contentEncoding as string | undefined)).whole,
    ).length;
  new Gauge({ name: 'stock', profiler }).set(9);
  for (let round = 1; round <= 5; round++) {
    sold.inc({ kind: 'a' });
    await profiler.flush();
    await eventually('it is applied', async () => (await ingest.sum('sold_total')) === round);
    await eventually('it is whole', () => wholes() >= round);
    expect(await ingest.sum('stock')).toBe(9);
    proxy.cut();
  }
  await profiler.close();
  await proxy.close();
});

test('a process says goodbye for a worker that has ended without one; what of it comes late still counts', async () => {
  const ingest = await anIngest();
  const transport = new AmqpTransport(brokerAddress(readBrokerUrl(url)));
  const { worker } = await transport.hello({ ...SHOP, boot: 'w' }, true);
  const producer = { ...SHOP, boot: 'w', worker };
  const batch = (seq: number, stock: number) => {
    const gauge = aDelta('gauge', { name: 'stock', merge: 'livesum' }, [{ labelValues: [], value: stock }]);
    const counter = aDelta('counter', { name: 'sold' }, [{ labelValues: [], add: 2 }]);
    const header = { producer, seq, oldest: 1, heartbeat: 30_000, ops: 2, produced: 2 * seq };
    return { seq, ops: 2, body: encodeBatch({ ...aBatch(gauge, counter), ...header }) };
  };
  await transport.send(batch(1, 7));
  await eventually('it is applied', async () => (await ingest.sum('stock')) === 7);
  const late = transport.send(batch(2, 8));
  transport.gone(producer);
  await late;
  await eventually('its gauge is gone', async () => (await ingest.sum('stock')) === 0);
  const goodbye = decodeBatch(ingest.messages.at(-1)?.content as Buffer);
  expect(goodbye).toMatchObject({ producer, goodbye: true, onBehalf: true, produced: 4, families: [] });
  await transport.send(batch(3, 9));
  await eventually('it counts', async () => (await ingest.sum('sold_total')) === 6);
  expect(await ingest.sum('stock')).toBe(0);
  expect((await transport.hello({ ...SHOP, boot: 'x' }, true)).worker).toBe(worker);
  transport.close();
});

test('a peer that never answers, and a connection that went silent, keep nothing waiting beyond the patience', async () => {
  const peer = await SilentPeer.start();
  const mute = aProfiler({ collector: `amqp://127.0.0.1:${peer.port}` });
  const since = performance.now();
  await expect(mute.profiler.ready()).rejects.toThrow('did not answer within 5000 ms (connecting)');
  await mute.profiler.close();
  expect(performance.now() - since).toBeLessThan(20_000);
  await peer.close();
});

test('a program that sends one job on both wires is warned once', async () => {
  const ingest = await anIngest();
  const handler = new ImpProfHandler('imp', { url, mandatory: false });
  const { profiler, logger, sold } = aProfiler({ handlers: [handler] });
  sold.inc({ kind: 'a' });
  await profiler.flush();
  await eventually('series have arrived', () => ingest.messages.length > 0);
  for (let i = 0; i < 3; i++) profiler.profile('shop:sell', () => 1)();
  await profiler.flush();
  const warnings = logger.logged.filter(({ message }) => message.includes("job 'shop' goes to RabbitMQ as records and as series"));
  expect(warnings).toHaveLength(1);
});

test('metrics of others are not to be had here', async () => {
  await anIngest();
  const { profiler } = aProfiler();
  await expect(profiler.serve()).rejects.toThrow(/scrape `phanos collect`, and don't call serve or metrics here/);
  await expect(profiler.metrics()).rejects.toThrow(/show the metrics themselves/);
});

test('nobody there is told in one sentence, without the password', async () => {
  const { profiler, logger } = aProfiler({ collector: `amqp://me:secret@127.0.0.1:${await freePort()}` });
  await expect(profiler.ready()).rejects.toThrow(/RabbitMQ at amqp:\/\/127.0.0.1:\d+ can't be reached/);
  await profiler.close();
  expect(JSON.stringify(logger.logged)).not.toContain('secret');
});

test.each([
  ['amqp://', /collector 'amqp:\/\/' is no address of a broker; write amqp:\/\/user:password@host:5672\/vhost/],
  ['amqp://me:secret@host/?a=1', /has a parameter 'a', where only heartbeat is understood/],
])('%s is refused', (collector, message) => {
  const config = () => new Profiler().config({ collector: collector as `amqp://${string}` });
  expect(config).toThrow(message);
  expect(config).not.toThrow(/secret/);
});

test('what a batch says of its producer is found in its bytes', () => {
  for (const goodbye of [true, false]) {
    const batch = {
      ...aBatch(),
      producer: { ...SHOP, worker: '3', boot: '},"seq":1' },
      seq: 12,
      oldest: 7,
      produced: 90,
      dropped: 1,
      goodbye,
    };
    const { producer, seq, oldest, heartbeat, produced, dropped } = batch;
    expect(headOf(encodeBatch(batch))).toEqual({ producer, seq, oldest, heartbeat, produced, dropped, goodbye });
    for (const part of splitBatch({ ...batch, whole: true }, { maxBytes: 1 })) expect(headOf(part.body)?.seq).toBe(part.seq);
  }
  expect(headOf(Buffer.from('{"producer":{"job":"a","instance":"b","worker":"1","boot":"c"},"version":2}'))).toBeUndefined();
});

test('the shard is found in the bytes of a batch, whatever its names hold', () => {
  for (const job of ['shop', 'a"b', '}\\', '{"producer":{', 'é\u2028']) {
    const producer = { job, instance: '}"\\{', worker: '0', boot: '}{' };
    expect(producerOf(encodeBatch({ ...aBatch(), producer }))).toMatchObject({ job, instance: '}"\\{' });
  }
  expect(producerOf(Buffer.from('{"version":2}'))).toBeUndefined();
  expect(producerOf(Buffer.from('{"producer":{"job":1}}'))).toBeUndefined();
});
