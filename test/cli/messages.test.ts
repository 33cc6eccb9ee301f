import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConsumeMessage } from 'amqplib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  BATCH_EXCHANGE,
  DEAD_LETTERS,
  declareDeadLetters,
  declareShards,
  shardName,
  shardOf,
  shardQueue,
} from '../../src/amqp/topology.js';
import { encodeBatch } from '../../src/record/batch-encoder.js';
import { packBatchNow } from '../../src/record/batch-packing.js';
import { aBatch, aDelta } from '../collector/a-batch.js';
import { BrokerSender } from '../collector/ingest/broker-sender.js';
import { goldenMessages } from '../record/record-bodies.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { assertBuilt, newFolder, root } from '../support/project.js';
import { type Finished, runProgram } from '../support/run-program.js';
import { emptyVhost } from '../support/shared-broker.js';

/** `phanos tail` and `phanos replay` beside a real RabbitMQ. */

const PROGRAM = join(root, 'dist/esm/cli/main.js');
const EXCHANGE = { durable: false, autoDelete: false };

let url: string;
let folder: string;
let sender: BrokerSender;
let tails: Tail[] = [];

beforeEach(async () => {
  assertBuilt();
  url = await emptyVhost();
  folder = await newFolder();
  sender = await BrokerSender.open(url);
}, 330_000);
afterEach(async () => {
  for (const one of tails) await one.end('SIGKILL');
  tails = [];
  await sender.close();
  await rm(folder, { recursive: true, force: true });
});

/** A running `phanos tail`. */
class Tail {
  readonly child: ChildProcess;
  readonly #closed: Promise<unknown>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, [PROGRAM, 'tail', ...args], {
      env: { ...process.env, NODE_OPTIONS: undefined, PHANOS_AMQP: url },
    });
    this.#closed = once(this.child, 'close');
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    tails.push(this);
  }

  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }

  said(text: string): Promise<unknown> {
    return eventually(`tail says '${text}'`, () => this.stderr.includes(text), 20_000);
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    await this.#closed;
    return this.child.exitCode;
  }
}

const phanos = (args: readonly string[], input = '', env: Record<string, string> = { PHANOS_AMQP: url }): Promise<Finished> =>
  runProgram(process.execPath, [PROGRAM, ...args], { cwd: folder, env, input });

const shop = aBatch(aDelta('counter', { name: 'sold', labelNames: ['kind'] }, [{ labelValues: ['book'], add: 3 }]));
const shard = shardOf(shop.producer);

/** What a consumer needs of both wires. */
async function declareConsumers(): Promise<void> {
  await sender.channel.assertExchange('profiling', 'fanout', EXCHANGE);
  await sender.channel.assertQueue('imp_prof', { durable: true });
  await sender.channel.bindQueue('imp_prof', 'profiling', '');
  await declareShards(sender.channel, [shard]);
}

/** The next messages of a queue, taken out of it. */
async function taken(queue: string, count: number): Promise<ConsumeMessage[]> {
  const messages: ConsumeMessage[] = [];
  const { consumerTag } = await sender.channel.consume(queue, (message) => void messages.push(message!), { noAck: true });
  await eventually(`${count} messages in ${queue}`, () => messages.length >= count, 20_000);
  await sender.channel.cancel(consumerTag);
  return messages;
}

/** Whether a message came back for which there is no queue. */
function returned(exchange: string, key: string): Promise<boolean> {
  return new Promise((resolve) => {
    let isReturned = false;
    const onReturn = (): void => {
      isReturned = true;
    };
    sender.channel.once('return', onReturn);
    sender.channel.publish(exchange, key, Buffer.from('{}'), { mandatory: true }, () => {
      sender.channel.off('return', onReturn);
      resolve(isReturned);
    });
  });
}

test('both wires are printed for people, and the consumers get everything', { timeout: 60_000 }, async () => {
  await declareConsumers();
  const tail = new Tail(['--count', '3']);
  await tail.said('listens to records (exchange profiling); listens to batches of 1 of 64 shards');
  await sender.records([
    {
      item: 'orders',
      metric: 'histogram',
      units: 'mS',
      job: 'shop',
      method: 'orders:place',
      labels: { kind: 'a\u001b[31m\nb', error_raised: false },
      value: ['observe', 12.5],
    },
    { item: 'orders' },
  ]);
  await sender.records('no json');
  await sender.batch(shop);
  expect(await tail.end('SIGCONT')).toBe(0);
  expect(tail.lines.map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} /, ''))).toEqual([
    'v1 shop orders:place histogram observe 12.5 mS {kind="a\\\\u{1b}[31m\\\\u{a}b", error_raised=false}',
    'v1 shop 1 record that collectors refuse: malformed',
    expect.stringMatching(/^v1 shop no records: .+ \(7 bytes\)$/),
    `v2 ${shardName(shard)} ${shop.producer.job} ${shop.producer.instance} worker ${shop.producer.worker} seq 1: ${shop.ops} operations, sold (counter, 1)`,
  ]);
  expect(tail.stderr).toMatch(/phanos tail: 3 messages seen\n$/);
  expect((await taken('imp_prof', 2)).length).toBe(2);
  expect((await taken(shardQueue(shard), 1)).length).toBe(1);
});

test('what was recorded goes out again byte for byte, with its properties', { timeout: 60_000 }, async () => {
  await declareConsumers();
  const tail = new Tail(['--json']);
  await tail.said('listens to batches');
  const golden = goldenMessages().map(({ message }) => Buffer.from(message.body_base64, 'base64'));
  for (const body of golden) await sender.publish('profiling', 'shop', body, { contentType: 'application/json', messageId: 'm' });
  await sender.publish('profiling', 'odd', Buffer.from([0xff, 0xfe, 0]), { headers: { a: 1 }, priority: 3 });
  const document = encodeBatch({
    ...shop,
    families: Array.from({ length: 40 }, (_, i) => ({
      ...shop.families[0]!,
      schema: { ...shop.families[0]!.schema, name: `sold_${i}` },
    })),
  });
  const packed = packBatchNow(document);
  expect(packed.encoding).toBe('deflate');
  const batch = { contentEncoding: 'deflate', persistent: true, type: 'batch' };
  await sender.publish(BATCH_EXCHANGE, shardName(shard), packed.body, batch);
  await eventually('all were seen', () => tail.lines.length === golden.length + 2, 20_000);
  expect(await tail.end('SIGTERM')).toBe(0);
  const before = [...(await taken('imp_prof', golden.length + 1)), ...(await taken(shardQueue(shard), 1))];

  await writeFile(join(folder, 'recorded.jsonl'), tail.stdout);
  const { code, stderr } = await phanos(['replay', 'recorded.jsonl', '--rate', '2000']);
  expect([code, stderr]).toEqual([0, `phanos replay: ${golden.length + 2} of ${golden.length + 2} messages taken\n`]);
  const after = [...(await taken('imp_prof', golden.length + 1)), ...(await taken(shardQueue(shard), 1))];
  expect(after.slice(0, -1).map(plain)).toEqual(before.slice(0, -1).map(plain));
  // A batch comes unpacked, and is the same to a collector.
  expect(Buffer.compare(after.at(-1)!.content, document)).toBe(0);
  const { contentEncoding: _, ...rest } = plain(before.at(-1)!).properties;
  expect(plain(after.at(-1)!).properties).toEqual(rest);
});

function plain({ content, fields, properties }: ConsumeMessage) {
  const { exchange, routingKey } = fields;
  const kept = Object.entries(properties as object).filter(([, value]) => value !== undefined && JSON.stringify(value) !== '{}');
  return { exchange, routingKey, body: content.toString('latin1'), properties: Object.fromEntries(kept) as Record<string, unknown> };
}

test('where nobody keeps the messages it does not listen, so that senders go on keeping theirs', { timeout: 60_000 }, async () => {
  const tail = new Tail([]);
  await tail.said('nobody has declared the exchange profiling of records yet; no collector has shards on this broker yet');
  await sender.channel.assertExchange('profiling', 'fanout', EXCHANGE);
  await sender.channel.assertExchange(BATCH_EXCHANGE, 'direct', { durable: true });
  await tail.said('there is no queue imp_prof that keeps them');
  expect(await returned('profiling', 'shop')).toBe(true);
  expect(await returned(BATCH_EXCHANGE, shardName(shard))).toBe(true);
  await declareConsumers();
  await tail.said('listens to records (exchange profiling); listens to batches of 1 of 64 shards');
  expect(await returned('profiling', 'shop')).toBe(false);
  expect(await returned(BATCH_EXCHANGE, shardName(shard))).toBe(false);
  expect(await returned(BATCH_EXCHANGE, shardName((shard + 1) % 64))).toBe(true);
  await sender.channel.deleteQueue(shardQueue(shard));
  await eventually('it lets go of a shard that is gone', () => returned(BATCH_EXCHANGE, shardName(shard)), 20_000);
  await eventually('it tells so', () => tail.stderr.includes('listens to records (exchange profiling); no collector has shards'), 20_000);

  const alone = new Tail(['--alone', '--wire', 'v2', '--json', '--count', '1']);
  await alone.said('listens to batches of 64 of 64 shards');
  await sender.batch(shop);
  expect(await alone.end('SIGCONT')).toBe(0);
  expect(JSON.parse(alone.lines[0]!)).toMatchObject({ wire: 'v2', exchange: BATCH_EXCHANGE, routingKey: shardName(shard) });
});

test('dead letters go back to where they came from, once the broker has confirmed them there', { timeout: 60_000 }, async () => {
  await declareConsumers();
  await declareDeadLetters(sender.channel);
  const dead = (body: string, headers: object) => sender.publish(DEAD_LETTERS, 'k', body, { headers, messageId: body });
  await dead('one', { 'x-phanos-reason': 'poison', 'x-phanos-exchange': 'profiling', 'x-phanos-routing-key': 'shop', kept: 'yes' });
  await dead('cut', {
    'x-phanos-reason': 'too large',
    'x-phanos-exchange': 'profiling',
    'x-phanos-routing-key': 'shop',
    'x-phanos-bytes': 9_000_000,
  });
  await dead('nowhere', {});
  await dead('no queue', { 'x-phanos-exchange': BATCH_EXCHANGE, 'x-phanos-routing-key': shardName((shard + 1) % 64) });

  const listed = await phanos(['replay', '--dlq', '--list']);
  expect([listed.code, listed.stderr]).toEqual([0, '']);
  const lines = listed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toMatchObject([
    { exchange: 'profiling', routingKey: 'shop', reason: 'poison', body: 'one', properties: { headers: { kept: 'yes' } } },
    { reason: 'too large', obstacle: 'only the beginning of its 9000000 bytes was kept', body: 'cut' },
    { reason: 'unknown', obstacle: 'nothing on it says where it was to go', body: 'nowhere' },
    { exchange: BATCH_EXCHANGE, body: 'no queue' },
  ]);
  const count = async (): Promise<number> => (await sender.channel.checkQueue(DEAD_LETTERS)).messageCount;
  await eventually('all lie there', async () => (await count()) === 4);

  const { code, stdout, stderr } = await phanos(['replay', '--dlq']);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr.trim().split('\n')).toEqual([
    'phanos replay: one stays, since only the beginning of its 9000000 bytes was kept: too large',
    'phanos replay: one stays, since nothing on it says where it was to go: unknown',
    'phanos replay: 1 of 2 messages taken; 1 found no queue',
    'phanos replay: 2 stay in phanos.dead; --list shows them',
  ]);
  await eventually('one has left', async () => (await count()) === 3);
  const [back, ...more] = await taken('imp_prof', 1);
  expect(more).toEqual([]);
  expect(plain(back!)).toMatchObject({
    exchange: 'profiling',
    routingKey: 'shop',
    body: 'one',
    properties: { headers: { kept: 'yes' }, messageId: 'one' },
  });
});

test('files that make no sense, brokers that are not there', { timeout: 60_000 }, async () => {
  await declareConsumers();
  const record = JSON.stringify([{ item: 'a', metric: 'counter', units: '', job: 'shop', method: 'a:b', labels: {}, value: ['inc', 1] }]);
  const torn = await phanos(['replay', '-'], `${record}\n\n${record}\n{"exchange":"profiling","rou`);
  expect(torn.code).toBe(1);
  expect(torn.stderr).toBe(
    'phanos replay: 2 of 2 messages taken; go on with --skip 2\n' +
      'phanos replay: standard input:4: this line is no JSON; it may be torn; what stands before it was sent\n',
  );
  expect((await taken('imp_prof', 2)).map(({ content, fields }) => [fields.routingKey, content.toString()])).toEqual([
    ['shop', record],
    ['shop', record],
  ]);
  expect(await phanos(['replay', '-', '--skip', '1'], `${record}\n${record}\n`)).toMatchObject({
    code: 0,
    stderr: 'phanos replay: 1 of 1 messages taken\n',
  });

  const missing = await phanos(['replay', 'nothing.jsonl']);
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("nothing.jsonl can't be read (ENOENT")]);
  const nowhere = await phanos(['replay', '-'], '{"exchange":"gone","routingKey":"a","body":"b"}\n');
  expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringMatching(/refused: 404 NOT_FOUND .*'gone'/)]);

  const away = `amqp://user:secret@127.0.0.1:${await freePort()}`;
  for (const args of [['replay', '-'], ['tail']]) {
    const { code, stderr } = await phanos(args, '', { PHANOS_AMQP: away });
    expect([args, code, stderr]).toEqual([args, 1, expect.stringMatching(/can't be reached \(.*ECONNREFUSED.*\); check that it runs/)]);
    expect(stderr).not.toContain('secret');
  }
  for (const [args, sentence] of [
    [['tail'], 'no broker is named; add --amqp amqp://USER:PASSWORD@HOST, or set PHANOS_AMQP'],
    [
      ['tail', '--amqp', 'http://user:secret@x'],
      'the address of the broker is no address of a broker; write amqp://user:password@host:5672/vhost',
    ],
    [['tail', '--wire', 'v3', '--amqp', 'amqp://x'], "--wire must be v1 or v2, got 'v3'"],
    [['replay', '--amqp', 'amqp://x'], 'name a file with messages, - for standard input, or --dlq'],
    [['replay', 'a', '--list', '--amqp', 'amqp://x'], '--list goes with --dlq'],
    [['replay', 'a', '--rate', 'fast', '--amqp', 'amqp://x'], "--rate must be a number greater than 0, got 'fast'"],
  ] as const) {
    const { code, stderr } = await phanos(args, '', { PHANOS_AMQP: '' });
    expect([args, code, stderr]).toEqual([args, 2, `phanos ${args[0]}: ${sentence}\nsee \`phanos ${args[0]} --help\`\n`]);
  }
});

test('a reader that has seen enough ends it', { timeout: 60_000 }, async () => {
  await declareConsumers();
  const tail = new Tail(['--wire', 'v1']);
  await tail.said('listens to records');
  await sender.records('[]');
  tail.child.stdout!.destroy();
  await sender.records('no json');
  await sender.records('no json');
  expect(await tail.end('SIGCONT')).toBe(0);
});
