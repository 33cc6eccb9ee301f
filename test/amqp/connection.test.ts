import { connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Consumer } from '../../src/amqp/consumer.js';
import { KeptConnection } from '../../src/amqp/kept-connection.js';
import { loadAmqplib, replaceAmqplib } from '../../src/amqp/load-amqplib.js';
import { OpenConnection } from '../../src/amqp/open-connection.js';
import { type Outcome, Publisher } from '../../src/amqp/publisher.js';
import { declareShards, shardQueue } from '../../src/amqp/topology.js';
import type { PhanosError } from '../../src/diagnostics/phanos-error.js';
import { brokerAddress, readBrokerUrl } from '../../src/record/broker-address.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { emptyVhost } from '../support/shared-broker.js';
import { SilentPeer, TcpProxy } from '../support/wire-peers.js';

let url: string;
let proxy: TcpProxy;

beforeAll(async () => {
  url = await emptyVhost();
}, 330_000);

beforeEach(async () => {
  proxy = await TcpProxy.to(Number(new URL(url).port));
});

afterEach(() => proxy.close());

const opened: OpenConnection[] = [];
afterAll(async () => {
  for (const connection of opened) await connection.close(1000);
});

const address = (changes: object = {}) => brokerAddress({ ...readBrokerUrl(url), ...changes });
const throughProxy = () => address({ port: proxy.port });

async function open(to = address(), patience = 10_000): Promise<OpenConnection> {
  const connection = await OpenConnection.open({ address: to, title: 'test', patience });
  opened.push(connection);
  return connection;
}

const message = (body: string, routingKey: string, exchange = '') => ({
  exchange,
  routingKey,
  body: Buffer.from(body),
  mandatory: true,
  properties: {},
});

function outcome(publisher: Publisher, sent: Parameters<Publisher['publish']>[0]): Promise<Outcome> {
  return new Promise((resolve) => publisher.publish(sent, resolve));
}

test('publishes and tells what became of each message', async () => {
  const connection = await open();
  const channel = await connection.channel(() => undefined);
  await channel.assertQueue('small', { arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } });
  await channel.assertQueue('any');
  const publisher = await Publisher.open(connection, { lost: () => undefined });
  const sent = [
    message('1', 'any'),
    message('2', 'nobody'),
    message('3', 'small'),
    message('4', 'small'),
    message('5', 'nobody'),
    message('6', 'any'),
  ];
  const outcomes = await Promise.all(sent.map((one) => outcome(publisher, one)));
  expect(outcomes).toEqual(['taken', 'returned', 'taken', 'refused', 'returned', 'taken']);
  expect(publisher.pending).toBe(0);
});

test('messages to an exchange that is not there are lost with the channel, whose loss says why', async () => {
  const connection = await open();
  let reason: PhanosError | undefined;
  const publisher = await Publisher.open(connection, {
    lost: (lost) => {
      reason = lost;
    },
  });
  const outcomes = await Promise.all([outcome(publisher, message('1', 'k', 'nowhere')), outcome(publisher, message('2', 'k', 'nowhere'))]);
  expect(outcomes).toEqual(['lost', 'lost']);
  expect(reason?.code).toBe('BROKER_REFUSED');
  expect(reason?.message).toContain("refused: 404 NOT_FOUND - no exchange 'nowhere' in vhost");
  expect(await outcome(publisher, message('3', 'k'))).toBe('lost');
});

test('a connection that is cut loses what is pending, and can be closed', async () => {
  const connection = await open(throughProxy());
  const publisher = await Publisher.open(connection, { lost: () => undefined });
  proxy.stall();
  const pending = outcome(publisher, message('1', 'any'));
  await new Promise(setImmediate);
  proxy.cut();
  expect(await pending).toBe('lost');
  expect((await connection.ended).code).toBe('BROKER_UNREACHABLE');
  await connection.close(1000);
});

test('a peer that accepts and never answers, and one that went silent, are given up after the patience', async () => {
  const peer = await SilentPeer.start();
  try {
    await expect(open(brokerAddress({ port: peer.port }), 100)).rejects.toThrow(
      `RabbitMQ at amqp://127.0.0.1:${peer.port} did not answer within 100 ms (connecting); check that it is well`,
    );
    await eventually('the connection is closed', () => peer.connections === 0);
  } finally {
    await peer.close();
  }
  const connection = await open(throughProxy(), 300);
  proxy.stall();
  await expect(connection.channel(() => undefined)).rejects.toThrow('did not answer within 300 ms (opening a channel)');
  // On a frozen broker the library's own close would never come back.
  await connection.close(50);
  expect((await connection.ended).code).toBe('BROKER_UNREACHABLE');
});

test.each([
  [
    'nobody listens',
    async () => brokerAddress({ port: await freePort() }),
    'BROKER_UNREACHABLE',
    /can't be reached \(connect ECONNREFUSED.*check that it runs/,
  ],
  ['a wrong password', async () => address({ password: 'wrong' }), 'BROKER_REFUSED', /refused: 403 ACCESS_REFUSED.*check user, password/],
  [
    'an unknown virtual host',
    async () => address({ vhost: 'gone' }),
    'BROKER_REFUSED',
    /refused its virtual host 'gone'; check that it exists/,
  ],
])('%s is told in one sentence', async (_what, to, code, text) => {
  const error = await open(await to()).then(
    () => undefined,
    (reason: unknown) => reason as PhanosError,
  );
  expect(error?.code).toBe(code);
  expect(error?.message).toMatch(text);
  expect(error?.message).not.toContain('wrong');
});

test('a broker that speaks no TLS is told from one that does', async () => {
  await expect(open(address({ tls: {} }))).rejects.toThrow(
    /^RabbitMQ at amqps:\S+ can't be reached \(ERR_SSL_\w+ SSL routines:\w*:[a-z ]+\); check that the port is that of AMQP with TLS, 5671 mostly$/,
  );
});

test('without the library there is one sentence with the command that installs it', async () => {
  const missing = Object.assign(new Error("Cannot find package 'amqplib'"), { code: 'ERR_MODULE_NOT_FOUND' });
  const restore = replaceAmqplib(() => Promise.reject(missing));
  try {
    await expect(open()).rejects.toThrow('RabbitMQ needs the package amqplib, which is not installed: npm install amqplib');
  } finally {
    restore();
  }
  expect((await loadAmqplib()).connect).toBe(connect);
});

test('a kept connection is set up again after each loss', async () => {
  const failures: PhanosError[] = [];
  let setups = 0;
  const kept = new KeptConnection({
    address: throughProxy(),
    title: 'test',
    retry: { first: 10, longest: 50 },
    setup: async () => {
      setups++;
    },
    failed: (reason) => void failures.push(reason),
  });
  try {
    for (let round = 1; round <= 4; round++) {
      await kept.ready();
      expect(setups).toBe(round);
      proxy.cut();
      await eventually('the loss is noticed', () => failures.length === round);
    }
    proxy.cut(true);
    await expect(kept.ready(3)).rejects.toThrow("can't be reached");
    proxy.resume();
    await kept.ready(20);
  } finally {
    await kept.close(1000);
  }
});

test('a set-up that is refused is tried again, and ready tells why', async () => {
  let isAllowed = false;
  const kept = new KeptConnection({
    address: address(),
    title: 'test',
    retry: { first: 10, longest: 20 },
    setup: async (connection) => {
      const channel = await connection.channel(() => undefined);
      if (!isAllowed) await connection.ask('the exchange', channel.checkExchange('gone'));
    },
    failed: () => undefined,
  });
  try {
    await expect(kept.ready()).rejects.toThrow("404 NOT_FOUND - no exchange 'gone'");
    isAllowed = true;
    await kept.ready(5);
  } finally {
    await kept.close(1000);
  }
});

test('a consumer acknowledges what it says and no more; closed, it gives the rest back in order', async () => {
  const connection = await open();
  const channel = await connection.channel(() => undefined);
  await declareShards(channel, [7]);
  const publisher = await Publisher.open(connection, { lost: () => undefined });
  const bodies = Array.from({ length: 40 }, (_, n) => String(n));
  await Promise.all(bodies.map((body) => outcome(publisher, message(body, 's07', 'phanos.v2'))));

  const first: string[] = [];
  const consumer = await Consumer.open(connection, {
    queue: shardQueue(7),
    prefetch: 16,
    lost: () => undefined,
    receive: (received, from) => {
      first.push(received.content.toString());
      if (first.length === 10) from.acknowledge(received);
    },
  });
  await eventually('the prefetch is full', () => first.length >= 16);
  await consumer.close(1000);

  const second: string[] = [];
  const next = await Consumer.open(connection, {
    queue: shardQueue(7),
    prefetch: 16,
    lost: () => undefined,
    receive: (received, from) => {
      second.push(received.content.toString());
      from.acknowledgeUpTo(received);
    },
  });
  await eventually('all are there', () => second.length === 39);
  expect(second).toEqual(bodies.filter((body) => body !== '9'));
  await next.close(1000);
});

test('a consumer is told that its queue was deleted', async () => {
  const connection = await open();
  const channel = await connection.channel(() => undefined);
  await channel.assertQueue('short-lived');
  const lost = new Promise<PhanosError>((resolve) => {
    void Consumer.open(connection, { queue: 'short-lived', prefetch: 1, receive: () => undefined, lost: resolve }).then(() =>
      channel.deleteQueue('short-lived'),
    );
  });
  expect((await lost).message).toContain('the channel was closed');
});
