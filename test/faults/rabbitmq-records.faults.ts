import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import { Profiler } from 'phanos';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ImpProfHandler, type ImpProfHandlerOptions } from '../../src/rabbitmq.js';
import type { Recorded } from '../../src/record/recorded.js';
import { MessageSink } from '../amqp/messages.js';
import { logSink } from '../diagnostics/log-sink.js';
import { Broker } from '../support/broker.js';
import { eventually } from '../support/eventually.js';
import { SilentPeer, TcpProxy } from '../support/wire-peers.js';
import { type LoadFigures, WatchedLoad } from './watched-load.js';

/** Records on their way to a broker that fails: no call is slowed or sees an error, and every loss that can be known is counted. */

vi.setConfig({ testTimeout: 180_000, hookTimeout: 330_000 });

let broker: Broker;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  broker = await Broker.start();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => broker?.remove());

const VHOST = 'records';
let url: string;
beforeAll(async () => {
  url = await broker.addVhost(VHOST);
});

function aLoad(options: ImpProfHandlerOptions = {}) {
  const handler = new ImpProfHandler('imp', { url, timeout: 3, retryDelay: 0.05, ...options });
  const settings = { job: 'shop', logger: logSink(), responseSizeProfile: false, collector: 'off' } as const;
  const [profiler, twin] = [new Profiler(), new Profiler()];
  profiler.config({ ...settings, handlers: [handler] });
  twin.config({ ...settings, handlers: [{ handlerName: 'none', handle: () => undefined }] });
  ends.push(() => Promise.all([profiler.close(), twin.close()]));
  const load = new WatchedLoad(
    profiler.profile('shop:sell', () => 1),
    twin.profile('shop:sell', () => 1),
  );
  return { handler, profiler, load: load.start() };
}

async function aSink(exchange?: string): Promise<MessageSink> {
  const sink = await MessageSink.open(url, exchange);
  ends.push(() => sink.close());
  return sink;
}

/** Calls made while something else happens. */
const during = (load: WatchedLoad, calls: number) => {
  const goal = load.calls + calls;
  return eventually(`${calls} more calls were made`, () => load.calls >= goal, 60_000);
};

/** Ends the load, checks that calls were not slowed, and the sums; returns what became of the records. */
async function settle(name: string, { handler, load, profiler }: ReturnType<typeof aLoad>, close = false) {
  const figures = await load.stop();
  if (close) await profiler.close();
  else {
    await eventually(
      'everything is out',
      async () => {
        await profiler.flush();
        return handler.delivery.waiting === 0;
      },
      90_000,
    );
  }
  const { delivery } = handler;
  tell(name, figures, delivery);
  expect(figures.worst).toBeLessThan(figures.worstTwin + 5);
  const dropped = Object.values(delivery.dropped).reduce((sum, records) => sum + records, 0);
  expect(delivery.handedOver).toBe(figures.calls);
  expect(delivery.published + dropped + delivery.waiting).toBe(delivery.handedOver);
  return { ...delivery, figures };
}

function tell(name: string, { calls, worst, worstTwin }: LoadFigures, { published, dropped }: ImpProfHandler['delivery']): void {
  const losses = Object.entries(dropped).map(([reason, records]) => `${records} ${reason}`);
  const times = `longest call ${worst.toFixed(2)} ms, without RabbitMQ ${worstTwin.toFixed(2)} ms`;
  console.log(`${name}: ${calls} records = ${[`${published} published`, ...losses].join(' + ')}; ${times}`);
}

const recordsIn = (sink: MessageSink) => sink.bodies.reduce((sum, body) => sum + (JSON.parse(body) as Recorded[]).length, 0);

test('a broker that is stopped before the start, and comes', async () => {
  await broker.stop();
  const running = aLoad();
  await during(running.load, 2000);
  await broker.startAgain();
  await aSink();
  const { published, dropped } = await settle('stopped before the start', running);
  expect({ published, dropped }).toEqual({ published: running.load.calls, dropped: {} });
});

test('a broker that is stopped and started again under load', async () => {
  await aSink();
  const running = aLoad();
  await during(running.load, 1000);
  await broker.stop();
  await during(running.load, 1000);
  await broker.startAgain();
  const sink = await aSink();
  await during(running.load, 1000);
  const { dropped } = await settle('stopped and started', running);
  expect(dropped).toEqual({});
  expect(recordsIn(sink)).toBeGreaterThan(0);
});

test('connections that are closed by force, eight times', async () => {
  const running = aLoad();
  // The sink would lose its connection too, and its queue with it.
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.assertExchange('profiling', 'fanout', { durable: false });
  await channel.assertQueue('kept', { durable: true });
  await channel.bindQueue('kept', 'profiling', '');
  await connection.close();
  for (let round = 1; round <= 8; round++) {
    await during(running.load, 300);
    await broker.closeConnections();
  }
  await during(running.load, 300);
  const { published, dropped } = await settle('connections closed 8 times', running);
  const { ready } = await broker.messages('kept', VHOST);
  console.log(`  ${ready} messages in the queue, ${ready - published} of them twice`);
  expect(ready).toBeGreaterThanOrEqual(published);
  expect(dropped).toEqual({});
});

test('a peer that accepts and never answers', async () => {
  const peer = await SilentPeer.start();
  ends.push(() => peer.close());
  const running = aLoad({ url: undefined, port: peer.port, outboxRecords: 1500 });
  await during(running.load, 3000);
  const { dropped } = await settle('a silent peer', running, true);
  expect(dropped).toEqual({ outbox_full: running.load.calls - 1500, closed_unsent: 1500 });
});

test('connections that are open at one end only', async () => {
  const sink = await aSink();
  const proxy = await TcpProxy.to(broker.port);
  ends.push(() => proxy.close());
  const through = new URL(url);
  through.port = String(proxy.port);
  const running = aLoad({ url: through.href });
  await running.handler.ready();
  for (let round = 0; round < 2; round++) {
    await during(running.load, 500);
    proxy.stallOpen();
    await during(running.load, 4000);
  }
  const { published, dropped } = await settle('half-open connections', running);
  expect(dropped).toEqual({});
  await eventually('all have arrived', () => recordsIn(sink) >= published);
});

test('a broker that is frozen', async () => {
  await aSink();
  const running = aLoad();
  await during(running.load, 500);
  broker.freeze();
  // Longer than the timeout: it is given up, and met again.
  await during(running.load, 15_000);
  broker.thaw();
  const { dropped } = await settle('a frozen broker', running);
  expect(dropped).toEqual({});
});

test('a memory alarm', async () => {
  const sink = await aSink();
  const running = aLoad();
  await running.handler.ready();
  await during(running.load, 500);
  await broker.memoryAlarm(true);
  await during(running.load, 6000);
  expect(running.handler.delivery.waiting).toBeGreaterThan(1000);
  await broker.memoryAlarm(false);
  const { dropped, published } = await settle('a memory alarm', running);
  expect(dropped).toEqual({});
  await eventually('all have arrived', () => recordsIn(sink) >= published);
});

test('a full queue', async () => {
  const exchangeName = `full-${randomUUID()}`;
  const connection = await connect(url);
  ends.push(() => connection.close());
  const channel = await connection.createChannel();
  await channel.assertExchange(exchangeName, 'fanout', { durable: false });
  await channel.assertQueue('full', { durable: true, arguments: { 'x-max-length': 700, 'x-overflow': 'reject-publish' } });
  await channel.bindQueue('full', exchangeName, '');
  const running = aLoad({ exchangeName });
  await during(running.load, 3000);
  const { published, dropped } = await settle('a full queue', running);
  expect(dropped).toEqual({ broker_refused: running.load.calls - published });
  expect((await broker.messages('full', VHOST)).ready).toBe(published);
});

test('a queue that is deleted', async () => {
  const exchangeName = `deleted-${randomUUID()}`;
  const connection = await connect(url);
  ends.push(() => connection.close());
  const channel = await connection.createChannel();
  await channel.assertExchange(exchangeName, 'fanout', { durable: false });
  await channel.assertQueue('deleted');
  await channel.bindQueue('deleted', exchangeName, '');
  const running = aLoad({ exchangeName });
  await during(running.load, 1000);
  // What is on its way into a queue while it is deleted, nobody can know of; so nothing is.
  await running.load.stop();
  await running.profiler.flush();
  const { messageCount } = await channel.deleteQueue('deleted');
  running.load.start();
  await during(running.load, 1000);
  const { waiting } = running.handler.delivery;
  expect(waiting).toBeGreaterThan(500);
  await channel.assertQueue('deleted');
  await channel.bindQueue('deleted', exchangeName, '');
  const { published, dropped } = await settle('a deleted queue that comes back', running);
  expect(dropped).toEqual({});
  expect((await broker.messages('deleted', VHOST)).ready).toBe(published - messageCount);
});

test('permissions that are refused', async () => {
  const mute = await broker.addUser('mute', VHOST, { configure: '.*', write: '^$', read: '.*' });
  const running = aLoad({ url: mute });
  await running.handler.ready();
  await during(running.load, 3000);
  const { published, dropped } = await settle('no permission to write', running, true);
  expect(published).toBe(0);
  expect(Object.keys(dropped).filter((reason) => reason !== 'connection_lost' && reason !== 'closed_unsent')).toEqual([]);

  const nobody = await broker.addUser('nobody', VHOST, { configure: '^$', write: '^$', read: '^$' });
  const refused = aLoad({ url: nobody });
  await expect(refused.handler.ready()).rejects.toMatchObject({
    code: 'BROKER_REFUSED',
    message: expect.stringContaining('403 ACCESS_REFUSED'),
  });
  await during(refused.load, 1000);
  const rest = await settle('no permission to declare', refused, true);
  expect(rest.dropped).toEqual({ closed_unsent: refused.load.calls });
});
