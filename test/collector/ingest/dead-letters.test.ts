import { afterEach, beforeEach, expect, test } from 'vitest';
import { OpenConnection } from '../../../src/amqp/open-connection.js';
import { DeadLetters } from '../../../src/collector/ingest/amqp/dead-letters.js';
import { QueueReader } from '../../../src/collector/ingest/amqp/queue-reader.js';
import { WireFigures } from '../../../src/collector/ingest/amqp/wire-figures.js';
import { brokerAddress, readBrokerUrl } from '../../../src/record/broker-address.js';
import type { Answer } from '../../../src/record/pipe.js';
import { eventually } from '../../support/eventually.js';
import { emptyVhost } from '../../support/shared-broker.js';
import { BrokerSender } from './broker-sender.js';

/** What a collector puts aside, on a real RabbitMQ. */

let connection: OpenConnection;
let out: BrokerSender;
let figures: WireFigures;

beforeEach(async () => {
  const url = await emptyVhost();
  connection = await OpenConnection.open({ address: brokerAddress(readBrokerUrl(url)), title: 'test' });
  out = await BrokerSender.open(url);
  figures = new WireFigures('test');
}, 330_000);
afterEach(async () => {
  await out.close();
  await connection.close(1000);
});

/** Reads the queue `q`, which is made. */
async function read(take: (body: Buffer) => Answer): Promise<QueueReader> {
  await out.channel.assertQueue('q');
  const deadLetters = await DeadLetters.open(connection);
  return QueueReader.open(connection, {
    queue: 'q',
    prefetch: 3,
    exclusive: false,
    take: (body) => Promise.resolve(take(body)),
    deadLetters,
    figures,
    earlyPatience: 300,
    lost: () => undefined,
  });
}

const refuse = (): Answer => ({ kind: 'refused', reason: 'the test wants it' });
const dead = async (count: number) => {
  await eventually('they are put aside', () => figures.results.dead_lettered === count);
  const letters = await Promise.all(Array.from({ length: count }, () => out.channel.get('phanos.dead', { noAck: true })));
  return letters.filter((letter) => letter !== false);
};

test('a message that is longer than any wire takes is cut off, and says how long it was', async () => {
  await read(refuse);
  await out.publish('', 'q', Buffer.alloc(9 * 1024 * 1024, 'x'));
  const [letter] = await dead(1);
  expect(letter).toMatchObject({ properties: { headers: { 'x-phanos-bytes': 9 * 1024 * 1024, 'x-phanos-reason': 'the test wants it' } } });
  expect(letter?.content.equals(Buffer.alloc(64 * 1024, 'x'))).toBe(true);
});

test('headers are kept; those that would hold up all others, as they leave no room, are left out', async () => {
  await read(refuse);
  await out.publish('', 'q', 'short', { headers: { mine: 'kept' }, contentType: 'a/b' });
  await out.publish('', 'q', 'long', { headers: { mine: 'x'.repeat(65_450) } });
  const letters = await dead(2);
  expect(letters).toMatchObject([
    { properties: { contentType: 'a/b', headers: { mine: 'kept', 'x-phanos-routing-key': 'q' } } },
    { properties: { headers: { 'x-phanos-reason': 'the test wants it', 'x-phanos-routing-key': 'q' } } },
  ]);
  expect(letters.map((letter) => String(letter.content))).toEqual(['short', 'long']);
  expect(letters[1]?.properties.headers).not.toHaveProperty('mine');
});

test('what only others could make ready does not hold up the queue for ever', async () => {
  let unsafe = 0;
  await read((body) => {
    const text = String(body);
    if (text === 'early') return { kind: 'later', after: 20, early: true };
    return text === 'unsafe' && ++unsafe < 60 ? { kind: 'later', after: 10 } : { kind: 'stored', epoch: '' };
  });
  // More than the prefetch: only once the first one is settled does the last one come.
  for (const text of ['early', 'unsafe', 'a', 'b']) await out.publish('', 'q', text);
  const [letter] = await dead(1);
  expect(letter).toMatchObject({
    content: Buffer.from('early'),
    properties: { headers: { 'x-phanos-reason': expect.stringContaining('come before it') } },
  });
  await eventually('all others are stored, however long one could not be made safe', () => figures.results.stored === 3);
  await eventually('all is acknowledged', () => figures.acknowledged === 4);
  expect(unsafe).toBe(60);
});
