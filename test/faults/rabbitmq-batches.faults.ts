import { connect } from 'amqplib';
import { Gauge, Profiler } from 'phanos';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { SHARD_QUEUE_OPTIONS, shardName, shardOf, shardQueue } from '../../src/amqp/topology.js';
import { SHOP, ShardIngest } from '../amqp/shard-ingest.js';
import { logSink } from '../diagnostics/log-sink.js';
import { Broker } from '../support/broker.js';
import { eventually } from '../support/eventually.js';
import { SilentPeer, TcpProxy } from '../support/wire-peers.js';
import { WatchedLoad } from './watched-load.js';

/** Series on their way to a broker that fails: no call is slowed or sees an error, and what was produced is applied once, or counted as dropped. */

vi.setConfig({ testTimeout: 180_000, hookTimeout: 330_000 });

const SHARD = shardOf(SHOP);
let broker: Broker;
let vhosts = 0;
let vhost: string;
let url: string;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  broker = await Broker.start();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => broker?.remove());

/** Every test has queues of its own. */
async function anIngest(consume = true): Promise<ShardIngest> {
  vhost = `batches-${++vhosts}`;
  url = await broker.addVhost(vhost);
  const ingest = await ShardIngest.open(url, consume);
  ends.push(() => ingest.stop());
  return ingest;
}

function aLoad(collector = url) {
  const logger = logSink();
  const [profiler, twin] = [new Profiler(), new Profiler()];
  profiler.config({ ...SHOP, logger, flushInterval: 50, responseSizeProfile: false, collector: collector as `amqp://${string}` });
  twin.config({ ...SHOP, logger: logSink(), responseSizeProfile: false, collector: 'local' });
  ends.push(() => Promise.all([profiler.close(), twin.close()]));
  const stock = new Gauge({ name: 'stock', profiler });
  stock.set(9);
  const load = new WatchedLoad(
    profiler.profile('shop:sell', () => 1),
    twin.profile('shop:sell', () => 1),
  );
  return { profiler, logger, load: load.start() };
}

const during = (load: WatchedLoad, calls: number) => {
  const goal = load.calls + calls;
  return eventually(`${calls} more calls were made`, () => load.calls >= goal, 60_000);
};

/** A broker that has just come takes its time for the queues it had. */
const again = (ingest: ShardIngest) => eventually('the collector consumes again', () => ingest.reconnect().then(() => true), 90_000);

/** Ends the load, waits until the broker has everything and the collector has applied it, and checks the sums; returns the calls that are missing. */
async function missing(name: string, { profiler, load }: ReturnType<typeof aLoad>, ingest: ShardIngest): Promise<number> {
  const { calls, worst, worstTwin } = await load.stop();
  await eventually(
    'everything is confirmed',
    async () => {
      await profiler.flush();
      const { produced, confirmed, dropped } = profiler.delivered();
      return produced === confirmed + dropped;
    },
    90_000,
  );
  const { produced, confirmed, dropped } = profiler.delivered();
  const applied = () => ingest.sum('phanos_time_profiler_seconds_count');
  await eventually('everything is applied', async () => (await applied()) >= calls - dropped, 60_000);
  const twice = ingest.answers.length - new Set(ingest.messages.map(({ content }) => content.toString('base64'))).size;
  const times = `longest call ${worst.toFixed(2)} ms, without RabbitMQ ${worstTwin.toFixed(2)} ms`;
  console.log(
    `${name}: ${calls} calls = ${await applied()} applied + ${dropped} dropped; ${ingest.answers.length} batches, ${twice} of them twice; ${times}`,
  );
  expect(produced).toBe(confirmed + dropped);
  expect(await ingest.sum('stock')).toBe(9);
  expect(worst).toBeLessThan(worstTwin + 5);
  return calls - (await applied()) - dropped;
}

test('a broker that is stopped before the start, and comes', async () => {
  const ingest = await anIngest(false);
  await ingest.stop();
  await broker.stop();
  const running = aLoad();
  await during(running.load, 3000);
  await broker.startAgain();
  await again(ingest);
  await during(running.load, 500);
  expect(await missing('stopped before the start', running, ingest)).toBe(0);
  expect(running.logger.logged.filter(({ message }) => message.includes("can't be reached"))).toHaveLength(1);
});

test('a broker that is stopped and started again under load', async () => {
  const ingest = await anIngest();
  const running = aLoad();
  for (let round = 1; round <= 2; round++) {
    await during(running.load, 1000);
    await broker.stop();
    await during(running.load, 1000);
    await broker.startAgain();
    await again(ingest);
  }
  await during(running.load, 1000);
  expect(await missing('stopped and started, twice', running, ingest)).toBe(0);
});

test('connections that are closed by force, eight times', async () => {
  const ingest = await anIngest();
  const running = aLoad();
  for (let round = 1; round <= 8; round++) {
    await during(running.load, 300);
    await broker.closeConnections();
    await again(ingest);
  }
  expect(await missing('connections closed 8 times', running, ingest)).toBe(0);
});

test('a peer that accepts and never answers', async () => {
  const ingest = await anIngest();
  const peer = await SilentPeer.start();
  ends.push(() => peer.close());
  const running = aLoad(`amqp://127.0.0.1:${peer.port}`);
  await during(running.load, 3000);
  const { calls, worst, worstTwin } = await running.load.stop();
  await running.profiler.close();
  console.log(
    `a silent peer: ${calls} calls, none handed over; longest call ${worst.toFixed(2)} ms, without RabbitMQ ${worstTwin.toFixed(2)} ms`,
  );
  expect(await ingest.sum('phanos_time_profiler_seconds_count')).toBe(0);
  expect(running.profiler.delivered()).toMatchObject({ confirmed: 0 });
  expect(worst).toBeLessThan(worstTwin + 5);
});

test('connections that are open at one end only', async () => {
  const ingest = await anIngest();
  const proxy = await TcpProxy.to(broker.port);
  ends.push(() => proxy.close());
  const through = new URL(url);
  through.port = String(proxy.port);
  const running = aLoad(through.href);
  await running.profiler.ready();
  await during(running.load, 500);
  proxy.stallOpen();
  await during(running.load, 1000);
  expect(await missing('half-open connections', running, ingest)).toBe(0);
});

test('a broker that is frozen', async () => {
  const ingest = await anIngest();
  const running = aLoad();
  await during(running.load, 500);
  broker.freeze();
  // Longer than it may take to confirm a batch.
  await eventually(
    'it is told',
    () => running.logger.logged.some(({ message }) => message.includes('did not confirm a batch within')),
    60_000,
  );
  broker.thaw();
  expect(await missing('a frozen broker', running, ingest)).toBe(0);
});

test('a memory alarm', async () => {
  const ingest = await anIngest();
  const running = aLoad();
  await running.profiler.ready();
  await during(running.load, 500);
  await broker.memoryAlarm(true);
  await during(running.load, 3000);
  const before = running.profiler.delivered().confirmed;
  await during(running.load, 1000);
  expect(running.profiler.delivered().confirmed).toBe(before);
  await broker.memoryAlarm(false);
  expect(await missing('a memory alarm', running, ingest)).toBe(0);
});

test('a full queue', async () => {
  const ingest = await anIngest(false);
  const connection = await connect(url);
  connection.on('error', () => undefined);
  ends.push(() => connection.close());
  const channel = await connection.createChannel();
  await channel.deleteQueue(shardQueue(SHARD));
  const small = { ...SHARD_QUEUE_OPTIONS, arguments: { ...(SHARD_QUEUE_OPTIONS.arguments as object), 'x-max-length': 5 } };
  await channel.assertQueue(shardQueue(SHARD), small);
  await channel.bindQueue(shardQueue(SHARD), 'phanos.v2', shardName(SHARD));
  const running = aLoad();
  await eventually('it refuses', () => running.profiler.diagnostics().some(({ reason }) => reason === 'collector_busy'), 60_000);
  await during(running.load, 3000);
  await ingest.consume();
  expect(await missing('a full queue', running, ingest)).toBe(0);
});

test('a queue that is deleted', async () => {
  const ingest = await anIngest();
  const running = aLoad();
  await during(running.load, 1000);
  // What is deleted with a queue nobody has any more, so it is emptied before.
  const { calls } = await running.load.stop();
  await running.profiler.flush();
  await eventually('all is applied', async () => (await ingest.sum('phanos_time_profiler_seconds_count')) === calls);
  const connection = await connect(url);
  connection.on('error', () => undefined);
  const channel = await connection.createChannel();
  await channel.deleteQueue(shardQueue(SHARD));
  await connection.close();
  running.load.start();
  await eventually('it is told', () => running.logger.logged.some(({ message }) => message.includes('has no queue for the shard')), 60_000);
  await during(running.load, 1000);
  await again(ingest);
  expect(await missing('a deleted queue', running, ingest)).toBe(0);
});

test('a permission that is refused', async () => {
  const ingest = await anIngest();
  const mute = await broker.addUser('silenced', vhost, { configure: '^$', write: '^$', read: '^$' });
  const running = aLoad(mute);
  await eventually('it is told', () => running.logger.logged.some(({ message }) => message.includes('403 ACCESS_REFUSED')), 60_000);
  await during(running.load, 1000);
  await broker.ctl('set_permissions', '-p', vhost, 'silenced', '^$', '.*', '^$');
  expect(await missing('a permission that comes later', running, ingest)).toBe(0);
});
