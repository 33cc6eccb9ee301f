import { randomUUID } from 'node:crypto';
import { Profiler, type Recorded } from 'phanos';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ImpProfHandler, type ImpProfHandlerOptions } from '../../src/rabbitmq.js';
import { logSink } from '../diagnostics/log-sink.js';
import { aRecord, records } from '../handlers/a-record.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { anyBroker } from '../support/shared-broker.js';
import { SilentPeer } from '../support/wire-peers.js';
import { MessageSink } from './messages.js';

let url: string;
beforeAll(async () => {
  url = await anyBroker();
}, 330_000);

const handlers: ImpProfHandler[] = [];
afterEach(async () => {
  await Promise.all(handlers.splice(0).map((handler) => handler.close()));
});

/** Nobody else's. */
const exchangeName = `phanos-test-${randomUUID()}`;
afterAll(async () => {
  const sink = await MessageSink.open(url, exchangeName);
  await sink.channel.deleteExchange(exchangeName);
  await sink.close();
});

function aHandler(options: ImpProfHandlerOptions = {}): ImpProfHandler {
  const handler = new ImpProfHandler('imp', { url, exchangeName, logger: logSink(), logFailedRoots: false, ...options });
  handlers.push(handler);
  return handler;
}

test('what no queue is bound for comes back, and waits for one; after as many tries as retry says it is dropped', async () => {
  const logger = logSink();
  const handler = aHandler({ logger });
  for (const record of records(30)) handler.handle([record], 'm');
  await eventually('it is told', () => logger.logged.length > 0);
  expect(logger.logged).toMatchObject([
    { level: 'warn', message: expect.stringContaining(`no queue is bound to the exchange '${exchangeName}'`) },
  ]);
  expect(handler.delivery).toEqual({ handedOver: 30, published: 0, dropped: {}, waiting: 30 });
  const sink = await MessageSink.open(url, exchangeName);
  await eventually('all went out', () => handler.delivery.published === 30);
  expect((await sink.received(30)).map(({ content }) => (JSON.parse(content.toString()) as Recorded[])[0]?.value[1])).toEqual(
    records(30).map(({ value }) => value[1]),
  );
  await sink.close();

  const impatient = aHandler({ retry: 1 });
  impatient.handle(records(3), 'm');
  await eventually('it is dropped', () => impatient.delivery.dropped.unroutable === 3);
  expect(impatient.delivery).toEqual({ handedOver: 3, published: 0, dropped: { unroutable: 3 }, waiting: 0 });

  const careless = aHandler({ mandatory: false });
  careless.handle(records(3), 'm');
  await careless.flush();
  expect(careless.delivery).toEqual({ handedOver: 3, published: 3, dropped: {}, waiting: 0 });
});

test('an exchange that exists otherwise is told in one clear sentence, and the program runs on', async () => {
  const sink = await MessageSink.open(url, exchangeName);
  const logger = logSink();
  const handler = aHandler({ exchangeType: 'direct', retryDelay: 0.01, logger });
  const profiler = new Profiler();
  profiler.config({ job: 'shop', logger, handlers: [handler] });
  expect(profiler.profile('item:name', () => 7)()).toBe(7);
  await expect(handler.ready()).rejects.toMatchObject({
    code: 'BROKER_REFUSED',
    message: expect.stringMatching(
      /refused: 406 PRECONDITION_FAILED - inequivalent arg 'type' for exchange .*; it exists with other properties/,
    ),
  });
  await eventually(
    'it was tried several times',
    () => (profiler.diagnostics().find(({ reason }) => reason === 'broker_unreachable')?.count ?? 0) > 2,
  );
  expect(logger.logged.filter(({ message }) => message.includes('406'))).toHaveLength(1);
  expect(handler.delivery).toMatchObject({ dropped: {}, waiting: 2 });
  await sink.close();
  await profiler.close();
  expect(handler.delivery).toMatchObject({ handedOver: 2, published: 0, dropped: { closed_unsent: 2 }, waiting: 0 });
});

test('ready rejects after as many tries as retry says, and the handler goes on trying', async () => {
  const handler = aHandler({ url: undefined, port: await freePort(), retryDelay: 0.005, retry: 2 });
  await expect(handler.ready()).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE', message: expect.stringContaining('ECONNREFUSED') });
});

test('what waits is bounded, and the newest stays', async () => {
  const handler = aHandler({ url: undefined, port: await freePort(), outboxRecords: 5 });
  for (const record of records(7)) handler.handle([record], 'm');
  expect(handler.delivery).toEqual({ handedOver: 7, published: 0, dropped: { outbox_full: 2 }, waiting: 5 });
  handler.handle(records(6), 'm');
  expect(handler.delivery).toEqual({ handedOver: 13, published: 0, dropped: { outbox_full: 13 }, waiting: 0 });
  const narrow = aHandler({ url: undefined, port: await freePort(), outboxBytes: 300 });
  for (const record of records(7)) narrow.handle([record], 'm');
  expect(narrow.delivery).toEqual({ handedOver: 7, published: 0, dropped: { outbox_full: 5 }, waiting: 2 });
});

test('what was waiting goes out in order, the oldest gone', async () => {
  const sink = await MessageSink.open(url, exchangeName);
  const handler = aHandler({ outboxRecords: 3 });
  for (const record of records(5)) handler.handle([record], 'm');
  await handler.flush();
  const bodies = (await sink.received(3)).map(({ content }) => (JSON.parse(content.toString()) as Recorded[])[0]?.value[1]);
  expect(bodies).toEqual([3, 4, 5]);
  expect(handler.delivery).toEqual({ handedOver: 5, published: 3, dropped: { outbox_full: 2 }, waiting: 0 });
  await sink.close();
});

test('batches bring roots together, by metric and job', async () => {
  const sink = await MessageSink.open(url, exchangeName);
  const handler = aHandler({ batch: { records: 4, delay: 600_000 } });
  for (const record of records(6)) handler.handle([record], 'm');
  handler.handle([aRecord({ job: 'other' })], 'm');
  handler.handle([aRecord({ units: 'B' })], 'n');
  expect(handler.delivery).toMatchObject({ handedOver: 8, waiting: 8 });
  await sink.received(1);
  await handler.flush();
  const bodies = (await sink.received(4)).map(({ content }) => JSON.parse(content.toString()) as Recorded[]);
  expect(bodies.map((body) => body.map(({ job, units, value }) => `${job} ${units} ${value[1] as number}`))).toEqual([
    ['TEST mS 1', 'TEST mS 2', 'TEST mS 3', 'TEST mS 4'],
    ['TEST mS 5', 'TEST mS 6'],
    ['other mS 2'],
    ['TEST B 2'],
  ]);
  expect(handler.delivery).toEqual({ handedOver: 8, published: 8, dropped: {}, waiting: 0 });

  const timed = aHandler({ batch: { records: 1000, delay: 5 } });
  timed.handle(records(2), 'm');
  await sink.received(5);
  await sink.close();
});

test('without confirms everything is published that the network takes', async () => {
  const sink = await MessageSink.open(url, exchangeName);
  const handler = aHandler({ confirms: false });
  await handler.ready();
  const since = performance.now();
  for (let i = 0; i < 3000; i++) handler.handle(records(1), 'm');
  await handler.flush();
  expect(performance.now() - since).toBeLessThan(4900);
  await sink.received(3000);
  expect(handler.delivery).toEqual({ handedOver: 3000, published: 3000, dropped: {}, waiting: 0 });
  await sink.close();
});

test('a job that is too long for a routing key is refused before it can close the channel', async () => {
  const sink = await MessageSink.open(url, exchangeName);
  const handler = aHandler();
  handler.handle([aRecord({ job: 'é'.repeat(128) })], 'm');
  handler.handle([aRecord({ job: 'é'.repeat(127) })], 'm');
  await handler.flush();
  expect(handler.delivery).toEqual({ handedOver: 2, published: 1, dropped: { broker_refused: 1 }, waiting: 0 });
  await sink.close();
});

test('a closed handler lets go of the broker and counts what still comes', async () => {
  const handler = aHandler();
  await handler.ready();
  await handler.close();
  handler.handle(records(2), 'm');
  await handler.flush();
  await handler.close();
  expect(handler.delivery).toEqual({ handedOver: 2, published: 0, dropped: { closed_unsent: 2 }, waiting: 0 });
});

test('a peer that accepts and never answers keeps neither flush nor close longer than 5 s', { timeout: 30_000 }, async () => {
  const peer = await SilentPeer.start();
  const handler = aHandler({ url: undefined, port: peer.port });
  handler.handle(records(2), 'm');
  const since = performance.now();
  await handler.close();
  const took = performance.now() - since;
  expect(took).toBeGreaterThan(4900);
  expect(took).toBeLessThan(9000);
  expect(handler.delivery).toEqual({ handedOver: 2, published: 0, dropped: { closed_unsent: 2 }, waiting: 0 });
  await eventually('it hung up', () => peer.connections === 0);
  await peer.close();
});

test('records of roots in which a call failed are logged, one message a metric', async () => {
  const sink = await MessageSink.open(url, exchangeName);
  const logger = logSink();
  const handler = aHandler({ logger, logFailedRoots: undefined });
  const ok = aRecord({ labels: { error_raised: false } });
  const failed = aRecord({ labels: { error_raised: true } });
  handler.handle([ok, ok], 'm');
  handler.handle([ok, failed], 'm');
  handler.handle([aRecord({ labels: {} })], 'm');
  expect(logger.logged).toEqual([
    {
      level: 'debug',
      fields: { handler: 'imp', metric: 'm' },
      message:
        'profiler: m, method: Res:get.first, value: 2.0 mS, labels: error_raised=False\n' +
        'profiler: m, method: Res:get.first, value: 2.0 mS, labels: error_raised=True',
    },
  ]);
  const loud = aHandler({ logger, logFailedRoots: 'ERROR' });
  loud.handle([failed], 'm');
  expect(logger.logged.at(-1)?.level).toBe('error');

  const fragile = aHandler({ logger: { ...logger, debug: () => expect.fail('no disk') }, logFailedRoots: undefined });
  fragile.handle([failed], 'm');
  await fragile.flush();
  expect(fragile.delivery).toEqual({ handedOver: 1, published: 1, dropped: {}, waiting: 0 });
  expect(logger.logged.at(-1)).toMatchObject({ level: 'error', message: expect.stringContaining('a logger threw') });
  await sink.close();
});

test('dictConfig knows it by name, with Python’s settings', async () => {
  const sink = await MessageSink.open(url, exchangeName);
  const { hostname, port, username, password, pathname } = new URL(url);
  const profiler = new Profiler();
  profiler.dictConfig({
    job: 'dict',
    handlers: {
      imp: {
        class: 'phanos.publisher.ImpProfHandler',
        handler_name: 'imp_prof',
        host: hostname,
        port: Number(port),
        user: username,
        password,
        vhost: decodeURIComponent(pathname.slice(1)) || '/',
        heartbeat: 10,
        timeout: 5,
        retry_delay: 0.1,
        retry: 2,
        exchange_name: exchangeName,
        exchange_type: 'fanout',
      },
    },
  });
  profiler.profile('shop:sell', () => 1)();
  await profiler.flush();
  expect((await sink.received(2)).map(({ fields }) => fields.routingKey)).toEqual(['dict', 'dict']);
  await profiler.close();
  profiler.dictConfig({
    job: 'async',
    handlers: { imp: { class: 'phanos.publisher.AsyncImpProfHandler', handler_name: 'imp', url, exchange_name: exchangeName } },
  });
  profiler.profile('shop:sell', () => 1)();
  await profiler.flush();
  expect((await sink.received(4)).map(({ properties }) => properties.contentType)).toEqual([
    undefined,
    undefined,
    'application/json',
    'application/json',
  ]);
  await profiler.close();
  await sink.close();
});

test.each<[ImpProfHandlerOptions, RegExp]>([
  [{ host: '' }, /ImpProfHandler 'imp': host must be a non-empty string/],
  [{ url: 'amqp://me:secret@b', host: 'c' }, /url says it all; leave out host/],
  [{ url: 'http://me:secret@b' }, /url is no address of a broker/],
  [{ password: 5 as unknown as string }, /password must be a string$/],
  [{ retry: 0 }, /retry must be at least 1, got 0/],
  [{ timeout: 0 }, /timeout must be greater than 0/],
  [{ timeout: 1e7 }, /timeout must be at most 86400 seconds, got 10000000/],
  [{ retryDelay: 1e7 }, /retryDelay must be at most 86400 seconds/],
  [{ port: 65_536 }, /port must be at most 65535/],
  [{ heartbeat: 65_536 }, /heartbeat must be at most 65535/],
  [{ vhost: 'é'.repeat(128) }, /vhost must be a name of at most 255 bytes/],
  [{ exchangeName: 'x'.repeat(256) }, /exchangeName must be a name of at most 255 bytes/],
  [{ style: 'fast' as 'sync' }, /style must be 'sync' or 'async', got 'fast'/],
  [{ confirms: false, mandatory: true }, /mandatory needs confirms/],
  [{ form: 'object', batch: {} }, /batch needs the form 'array'/],
  [{ batch: { records: 1 } }, /batch: records must be at least 2/],
  [{ exchange: 'x' } as object, /unknown option 'exchange', known are batch, confirms/],
  [{ tls: 'yes' as unknown as boolean }, /tls must be true, false or options of tls.connect/],
])('%o is refused', (options, message) => {
  const make = (): ImpProfHandler => new ImpProfHandler('imp', options);
  expect(make).toThrow(message);
  expect(make).not.toThrow(/secret/);
});
