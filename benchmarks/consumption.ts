import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ConfirmChannel, connect } from 'amqplib';
import { Profiler } from 'phanos';
import { CollectorService } from 'phanos/collector';
import { ImpProfHandler } from 'phanos/rabbitmq';
import { BATCH_EXCHANGE, declareShards, shardName, shardOf } from '../src/amqp/topology.js';
import { Broker } from '../test/support/broker.js';
import { BATCH_SERIES, batchBodies } from './batch-bodies.js';
import type { Figures, Group } from './harness.js';
import type { Row } from './row.js';
import { expectEqual, work } from './subjects.js';

/** What a collector behind a RabbitMQ on this machine takes from a backlog, journal on, its own start included; and how soon a call is seen. */

const RECORDS = 40_000;
const BATCHED = 500;
const BATCHED_MESSAGES = 400;
const BATCHES = 80;
const CALLS = 15;

/** Only when it is asked for by name: it needs a broker. */
export const consumption: Group = {
  name: 'consumption',
  rounds: 3,
  cases: { 'both wires': bothWires },
  rows(best) {
    const figure = (name: string): number => best('both wires', name);
    const perSecond = (what: string, name: string, unit: Row['unit']): Row => ({ what, best: 1e9 / figure(name), unit });
    const cpu = (what: string, name: string, each = 1): Row => ({ what, best: figure(name) * each, unit: 'ns' });
    const seen = (what: string, name: string): Row => ({ what, best: figure(name), unit: 'ms' });
    return [
      perSecond('v1, one record a message, consumed', 'singleWall', 'records/s'),
      cpu('  CPU time of the collector, a record', 'singleCpu'),
      perSecond(`v1, ${BATCHED} records a message, consumed`, 'batchedWall', 'records/s'),
      cpu('  CPU time of the collector, a record', 'batchedCpu'),
      perSecond(`v2, batches of ${BATCH_SERIES} histograms, consumed`, 'batchWall', 'deltas/s'),
      cpu('  CPU time of the collector, a batch', 'batchCpu', BATCH_SERIES),
      seen('v1, from a call until /metrics shows it, median', 'v1Median'),
      seen('  at most', 'v1Most'),
      seen('v2, flushInterval of 1 s: from a call until /metrics shows it, median', 'v2Median'),
      seen('  at most', 'v2Most'),
    ];
  },
};

async function bothWires() {
  const broker = await Broker.start();
  const folder = mkdtempSync(join(tmpdir(), 'phanos-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.once('SIGTERM', () => void broker.remove().finally(() => process.exit()));
  const url = broker.url();
  const bodyOf = await batchBodies();
  const { producer } = JSON.parse(bodyOf(1, 1).toString()) as { producer: { job: string; instance: string } };
  const shard = shardOf(producer);
  const channel = await prepare(url, shard);
  let rounds = 0;
  let seq = 0;
  const start = () =>
    CollectorService.start({
      listen: { host: '127.0.0.1', port: 0 },
      dataDir: join(folder, `data-${rounds}`),
      logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      amqp: { url, shards: [shard, shardOf({ job: 'seen', instance: 'here' })] },
    });

  /** Nanoseconds of one of them, from the start of a collector until all are acknowledged. */
  const drained = async (name: string, messages: number, each: number): Promise<Figures> => {
    const before = process.cpuUsage();
    const since = performance.now();
    const service = await start();
    while ((await own(service, 'amqp_acknowledged_messages_total')) < messages) await pause(50);
    const wall = (performance.now() - since) * 1e6;
    const { user, system } = process.cpuUsage(before);
    await service.close();
    const things = messages * each;
    return { [`${name}Wall`]: wall / things, [`${name}Cpu`]: ((user + system) * 1000) / things };
  };

  return {
    async measure(): Promise<Figures> {
      rounds++;
      for (let i = 0; i < RECORDS; i++) channel.publish('profiling', 'python', records(i, 1));
      await channel.waitForConfirms();
      const single = await drained('single', RECORDS, 1);
      for (let i = 0; i < BATCHED_MESSAGES; i++) channel.publish('profiling', 'python', records(i, BATCHED));
      await channel.waitForConfirms();
      const batched = await drained('batched', BATCHED_MESSAGES, BATCHED);
      seq++;
      for (let i = 0; i < BATCHES; i++)
        channel.publish(BATCH_EXCHANGE, shardName(shard), bodyOf(rounds * 1000 + i, seq), { persistent: true });
      await channel.waitForConfirms();
      const batch = await drained('batch', BATCHES, BATCH_SERIES);
      return { ...single, ...batched, ...batch, ...(await seen(await start(), url)) };
    },
  };
}

/** Queues of both wires, empty, as a collector declares them. */
async function prepare(url: string, shard: number): Promise<ConfirmChannel> {
  const connection = await connect(url);
  // The broker ends before it.
  connection.on('error', () => undefined);
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => undefined);
  await channel.assertExchange('profiling', 'fanout', { durable: false });
  await channel.assertQueue('imp_prof', { durable: true });
  await channel.bindQueue('imp_prof', 'profiling', '');
  await declareShards(channel, [shard]);
  return channel;
}

function records(from: number, count: number): Buffer {
  const all = Array.from({ length: count }, (_, i) => ({
    item: 'orders',
    metric: 'histogram',
    units: 'mS',
    job: 'python',
    method: `orders:place.step${(from + i) % 20}`,
    labels: { error_raised: false },
    value: ['observe', ((from + i) % 977) / 10],
  }));
  return Buffer.from(JSON.stringify(all));
}

async function own(service: CollectorService, name: string): Promise<number> {
  const text = await (await fetch(`${service.url}/-/metrics`)).text();
  const found = text.matchAll(new RegExp(`^phanos_collector_${name}\\{.*\\} (\\S+)$`, 'gm'));
  return Array.from(found, ([, value]) => Number(value)).reduce((sum, value) => sum + value, 0);
}

/** Milliseconds from calls until a scrape shows them, on both wires. */
async function seen(service: CollectorService, url: string): Promise<Figures> {
  const v1 = new Profiler().config({
    job: 'seen1',
    handlers: [new ImpProfHandler('imp', { url })],
    collector: 'off',
    responseSizeProfile: false,
  });
  const v2 = new Profiler().config({ job: 'seen', instance: 'here', collector: url as `amqp://${string}`, responseSizeProfile: false });
  const figures: Record<string, number> = {};
  for (const [wire, profiler, job] of [
    ['v1', v1, 'seen1'],
    ['v2', v2, 'seen'],
  ] as const) {
    const call = profiler.profile('bench:call', work);
    const count = new RegExp(`^phanos_time_profiler_seconds_count\\{job="${job}".*\\} (\\d+)$`, 'm');
    const took: number[] = [];
    for (let i = 1; i <= CALLS; i++) {
      // At any moment of the interval at which it hands over.
      await pause((i * 137) % 1000);
      const since = performance.now();
      call(i);
      while (Number(count.exec(await (await fetch(`${service.url}/metrics`)).text())?.[1] ?? 0) < i) await pause(2);
      took.push(performance.now() - since);
    }
    took.sort((a, b) => a - b);
    expectEqual('calls seen', took.length, CALLS);
    figures[`${wire}Median`] = took[CALLS >> 1] as number;
    figures[`${wire}Most`] = took.at(-1) as number;
  }
  await Promise.all([v1.close(), v2.close()]);
  await service.close();
  return figures;
}
