import { readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { BATCH_EXCHANGE, DEAD_LETTERS, shardName, shardOf } from '../../src/amqp/topology.js';
import { encodeBatch } from '../../src/record/batch-encoder.js';
import type { CollectorAddress } from '../../src/ship/collector-option.js';
import { aBatch, aDelta } from '../collector/a-batch.js';
import { BrokerSender } from '../collector/ingest/broker-sender.js';
import { type ParsedSample, parseText } from '../exposition/parse-text.js';
import { Broker } from '../support/broker.js';
import { CollectProcess } from '../support/collect-process.js';
import { eventually } from '../support/eventually.js';
import type { Load } from './load.js';
import { Monotonic, sentIn, totalOf } from './load.js';
import type { LoadOptions } from './load-options.js';
import { loadStage } from './load-stage.js';

/** Collectors behind RabbitMQ that are killed, moved, and fed with nonsense: what was sent counts once, or as often as was told. */

vi.setConfig({ testTimeout: 240_000, hookTimeout: 330_000 });

const stage = loadStage();
let broker: Broker;
let vhosts = 0;
let vhost: string;
let url: CollectorAddress;
let collectors: CollectProcess[] = [];
const pidOf = new WeakMap<Load, number>();

beforeAll(async () => {
  broker = await Broker.start();
});
beforeEach(async () => {
  vhost = `consumption-${++vhosts}`;
  url = (await broker.addVhost(vhost)) as CollectorAddress;
});
afterEach(async () => {
  for (const collector of collectors) if (collector.isRunning) await collector.kill();
  collectors = [];
});
afterAll(() => broker?.remove());

/** Starts a collector of these shards and waits until it reads all its queues. */
async function aCollector(data: string, shards: string, ...more: string[]): Promise<CollectProcess> {
  const collector = await CollectProcess.start({
    args: ['--data-dir', join(stage.folder, data), '--amqp', url, '--shards', shards, ...more],
  });
  collectors.push(collector);
  if (!collector.isRunning) throw new Error(`the collector has ended:\n${collector.log}`);
  await ready(collector);
  return collector;
}

const ready = (collector: CollectProcess) =>
  eventually('it reads its queues', async () => (JSON.parse(await collector.get('/-/ready')) as { ready: boolean }).ready, 60_000);

/** Samples of one path. */
async function samples(collector: CollectProcess, path: string): Promise<ParsedSample[]> {
  return parseText(await collector.get(path)).flatMap((family) => family.samples);
}

function sum(all: readonly ParsedSample[], name: string, labels: Record<string, string> = {}): number {
  const fits = (sample: ParsedSample): boolean => Object.entries(labels).every(([key, value]) => sample.labels[key] === value);
  return all.filter((sample) => sample.name === name && fits(sample)).reduce((total, { value }) => total + value, 0);
}

const callsOf = async (collector: CollectProcess, job: string): Promise<number> =>
  sum(await samples(collector, '/metrics'), 'phanos_time_profiler_seconds_count', { job });

/** Starts a process that counts, and waits until it does. */
async function aLoad(options: Omit<LoadOptions, 'folder' | 'role'>): Promise<Load> {
  const load = stage.start({ role: 'leaf', ...options });
  const [pid] = await load.leaves(1);
  pidOf.set(load, pid!);
  return load;
}

/** Calls that these processes have written down. */
function sentBy(...loads: readonly Load[]): number {
  const pids = new Set(loads.map((load) => pidOf.get(load)));
  return totalOf(sentIn(stage.folder).filter(({ pid }) => pids.has(pid)));
}

test('killed 20 times between broker and disk: batches count once, nothing healthy is put aside, records that come twice are told', async () => {
  const shards = [0, 1].map((i) => shardOf({ job: 'load', instance: `web-${i}` }));
  const restart = () => aCollector('data', shards.join(','));
  let collector = await restart();
  const options = { flushInterval: 100, collector: url, callsPerSecond: 1000 };
  const batches = [await aLoad({ ...options, instance: 'web-0' }), await aLoad({ ...options, instance: 'web-1' })];
  const records = await aLoad({ job: 'python', records: url, flushInterval: 100, callsPerSecond: 500 });
  const monotonic = new Monotonic();
  let redelivered = { v1: 0, v2: 0 };
  const look = async (): Promise<void> => {
    monotonic.look(await collector.get('/metrics'));
    const own = await samples(collector, '/-/metrics');
    const name = 'phanos_collector_amqp_redelivered_messages_total';
    redelivered = { v1: redelivered.v1 + sum(own, name, { wire: 'v1' }), v2: redelivered.v2 + sum(own, name, { wire: 'v2' }) };
  };
  for (let kill = 0; kill < 20; kill++) {
    const before = [await callsOf(collector, 'load'), await callsOf(collector, 'python')] as const;
    await eventually('some of both is applied', async () => {
      return (await callsOf(collector, 'load')) > before[0] + 100 && (await callsOf(collector, 'python')) > before[1] + 50;
    });
    await look();
    await collector.kill();
    collector = await restart();
  }
  await Promise.all(batches.map((load) => load.halt(1)));
  const [stopped] = await records.halt(1);
  expect(stopped?.records).toMatchObject({ dropped: {}, waiting: 0 });
  const sent = sentBy(...batches);
  await eventually('all batches are applied', async () => (await callsOf(collector, 'load')) >= sent);
  await eventually('nothing waits', async () => {
    const own = await samples(collector, '/-/metrics');
    const { ready: waiting, unacknowledged } = await broker.messages('imp_prof', vhost);
    return waiting + unacknowledged + sum(own, 'phanos_collector_amqp_unacknowledged_messages') === 0;
  });
  await look();
  const [series, recorded, sentRecords] = [await callsOf(collector, 'load'), await callsOf(collector, 'python'), sentBy(records)];
  const dead = await broker.messages(DEAD_LETTERS, vhost);
  console.log(
    `killed 20 times: v2 ${sent} calls sent, ${series} applied, ${redelivered.v2} batches redelivered; v1 ${sentRecords} calls sent, ${recorded} applied, ` +
      `so ${recorded - sentRecords} twice of ${redelivered.v1} messages redelivered; ${dead.ready} dead letters; ` +
      `${monotonic.scrapes} scrapes, ${monotonic.decreases.length} decreases`,
  );
  expect(series).toBe(sent);
  expect(dead).toEqual({ ready: 0, unacknowledged: 0 });
  expect(monotonic.decreases).toEqual([]);
  expect(recorded).toBeGreaterThanOrEqual(sentRecords);
  expect(recorded - sentRecords).toBeLessThanOrEqual(redelivered.v1);
});

test('three collectors with a third of the shards each: one is killed and comes back, a folder moves; the totals stay exact', async () => {
  const thirds = ['0-20', '21-41', '42-63'] as const;
  const thirdOf = (shard: number): number => (shard <= 20 ? 0 : shard <= 41 ? 1 : 2);
  // Two producers for each third.
  const instances: string[] = [];
  for (let i = 0; instances.length < 6; i++) {
    const third = thirdOf(shardOf({ job: 'load', instance: `web-${i}` }));
    if (instances.filter((name) => thirdOf(shardOf({ job: 'load', instance: name })) === third).length < 2) instances.push(`web-${i}`);
  }
  const [a, b, c] = await Promise.all(thirds.map((shards, i) => aCollector(`data-${i}`, shards, '--no-records')));
  let now = [a!, b!, c!];
  const options = { collector: url, flushInterval: 200, callsPerSecond: 300 };
  const loads = await Promise.all(instances.map((instance) => aLoad({ ...options, instance })));
  const total = async (): Promise<number> => (await Promise.all(now.map((one) => callsOf(one, 'load')))).reduce((all, one) => all + one, 0);
  const more = async (): Promise<void> => {
    const before = await total();
    await eventually('more is applied', async () => (await total()) > before + 500);
  };
  await more();

  await a!.kill();
  const sentThen = sentBy(...loads);
  await eventually('much is sent meanwhile', () => sentBy(...loads) > sentThen + 1000);
  now = [await aCollector('data-0', thirds[0], '--no-records'), b!, c!];
  await more();

  const moving = shardOf({ job: 'load', instance: instances.find((name) => thirdOf(shardOf({ job: 'load', instance: name })) === 1)! });
  expect([await b!.stop(), await c!.stop()]).toEqual([0, 0]);
  await rename(join(stage.folder, 'data-1', shardName(moving)), join(stage.folder, 'data-2', shardName(moving)));
  const rest = Array.from({ length: 21 }, (_, i) => 21 + i).filter((shard) => shard !== moving);
  now = [
    now[0]!,
    await aCollector('data-1', rest.join(','), '--no-records'),
    await aCollector('data-2', `${thirds[2]},${moving}`, '--no-records'),
  ];
  await more();

  for (const load of loads) {
    const [stopped] = await load.halt(1);
    expect(stopped?.stopped).toMatchObject({ dropped: 0 });
  }
  const sent = sentBy(...loads);
  await eventually('everything is applied', async () => (await total()) >= sent);
  const own = (await Promise.all(now.map((one) => samples(one, '/-/metrics')))).flat();
  const each = await Promise.all(now.map((one) => callsOf(one, 'load')));
  console.log(
    `three collectors: ${sent} calls sent, ${each.join(' + ')} = ${await total()} applied; shard ${moving} moved with its folder; ` +
      `${sum(own, 'phanos_collector_batches_total', { result: 'duplicate' })} batches came twice since`,
  );
  expect(await total()).toBe(sent);
  expect((await broker.messages(DEAD_LETTERS, vhost)).ready).toBe(0);
});

test('hostile bodies are refused and counted, memory stays bounded, and what comes after them is taken', async () => {
  const shop = aBatch(aDelta('counter', { name: 'sold' }, [{ labelValues: [], add: 3 }]));
  const shard = shardOf(shop.producer);
  const collector = await aCollector('data', String(shard));
  const sender = await BrokerSender.open(url);
  const record = (more: object): string =>
    JSON.stringify({ item: 'a', metric: 'counter', units: '', job: 'python', method: 'a:b', labels: {}, value: ['inc', 1], ...more });
  const million = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, i) => [`l${i}`, 'v']));
  const document = Buffer.from(encodeBatch(shop)).toString();
  const poison: readonly (readonly [what: string, body: string | Buffer])[] = [
    ['not JSON', 'no json'],
    ['empty', ''],
    ['a number', '17'],
    ['deep', '['.repeat(1_000_000)],
    ['deep objects', '{"a":'.repeat(500_000)],
    ['huge', `[${'"x",'.repeat(5_000_000)}1]`],
    ['a million labels', record({ labels: million })],
    ['control characters', '\u0000\u0001\u0002'],
    ['no UTF-8', Buffer.from(record({ method: 'a:\u00ff' }), 'latin1')],
  ];
  const refused: readonly (readonly [what: string, body: string])[] = [
    ['wrong types', record({ value: 'inc', labels: 7, job: {} })],
    ['__proto__', `[${record({}).replace('"labels":{}', '"labels":{"__proto__":"x"}')}]`],
    ['duplicate keys', record({}).replace('"item":"a"', '"item":"a","item":"b"')],
    ['a negative count', record({ value: ['inc', -1] })],
  ];
  const batches: readonly (readonly [body: string | Buffer, contentEncoding?: string])[] = [
    ...poison.map(([, body]) => [body] as const),
    [document.replace(/"seq":\d+/, '"seq":1,"seq":2')],
    [document.replace('"job":"', '"job":7,"__proto__":"')],
    // 64 MB of zeros in 64 kB.
    [deflateSync(Buffer.alloc(64 * 1024 * 1024)), 'deflate'],
    [deflateSync(document).subarray(0, -8), 'deflate'],
    [document, 'deflate'],
    [document, 'br'],
  ];
  for (const [, body] of [...poison, ...refused]) await sender.records(body);
  for (const [body, contentEncoding] of batches) {
    await sender.publish(BATCH_EXCHANGE, shardName(shard), body, { persistent: true, ...(contentEncoding && { contentEncoding }) });
  }
  await sender.records(`[${record({})}]`);
  await sender.batch(shop);
  await eventually('what comes after them is taken', async () => (await collector.get('/metrics')).includes('sold_total{'), 60_000);
  await eventually(
    'all are acknowledged',
    async () => {
      const own = await samples(collector, '/-/metrics');
      return sum(own, 'phanos_collector_amqp_acknowledged_messages_total') === poison.length + refused.length + batches.length + 2;
    },
    60_000,
  );
  const own = await samples(collector, '/-/metrics');
  const aside = (wire: string): number => sum(own, 'phanos_collector_amqp_messages_total', { wire, result: 'dead_lettered' });
  const memory = Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${collector.pid}/status`, 'utf8'))?.[1]) / 1024;
  const left = own.filter(({ name, value }) => name === 'phanos_collector_refused_records_total' && value > 0);
  console.log(
    `hostile bodies: ${aside('v1')} of ${poison.length} messages and ${aside('v2')} of ${batches.length} batches put aside; records refused: ` +
      `${left.map(({ labels, value }) => `${value} ${labels.reason}`).join(', ')}; peak memory ${Math.round(memory)} MB`,
  );
  expect([aside('v1'), aside('v2')]).toEqual([poison.length, batches.length]);
  expect(left.reduce((total, { value }) => total + value, 0)).toBe(refused.length);
  expect(memory).toBeLessThan(400);
  expect((await fetch(`${collector.url}/-/healthy`)).status).toBe(200);
  await sender.close();
});
