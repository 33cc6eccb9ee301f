import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect } from 'amqplib';
import { type ConfigOptions, Histogram, Profiler } from 'phanos';
import { ImpProfHandler, type ImpProfHandlerOptions } from 'phanos/rabbitmq';
import { Broker } from '../test/support/broker.js';
import type { Figures, Group } from './harness.js';
import type { Row } from './row.js';
import { expectEqual, work } from './subjects.js';

/** Both wires to a RabbitMQ on this machine, confirmed: how much goes through, and what it costs the process that sends. */

const CALLS = 20_000;
/** Root calls until the event loop turns, as it does between the requests of a server. */
const BURST = 50;
const SERIES = 1000;
const BATCHES = 100;

/** Only when it is asked for by name: it needs a broker. */
export const amqp: Group = {
  name: 'amqp',
  rounds: 3,
  cases: { 'both wires': bothWires },
  rows(best) {
    const figure = (name: string): number => best('both wires', name);
    const perSecond = (what: string, name: string, unit: Row['unit'], each = 1): Row => ({ what, best: (1e9 * each) / figure(name), unit });
    const cpu = (what: string, name: string, each = 1): Row => ({ what, best: figure(name) / each, unit: 'ns' });
    return [
      perSecond('v1, one record a message, published', 'singleWall', 'records/s'),
      cpu('  CPU time a record, the profiled call included', 'singleCpu'),
      perSecond('v1, one record a message, without confirms', 'carelessWall', 'records/s'),
      cpu('  CPU time a record', 'carelessCpu'),
      perSecond('v1, 500 records a message, published', 'batchedWall', 'records/s'),
      cpu('  CPU time a record', 'batchedCpu'),
      perSecond(`v2, batches of ${SERIES} histograms, one at a time, published`, 'batchWall', 'batches/s'),
      perSecond('  histogram deltas', 'batchWall', 'deltas/s', SERIES),
      cpu('  CPU time a delta, drained, encoded, compressed and sent', 'batchCpu', SERIES),
    ];
  },
};

async function bothWires() {
  const broker = await Broker.start();
  process.once('SIGTERM', () => void broker.remove().finally(() => process.exit()));
  const url = broker.url();
  await prepare(url);
  const batches = await batchLane(url);
  return {
    async measure(): Promise<Figures> {
      return {
        ...(await records('single', url, {})),
        ...(await records('careless', url, { confirms: false })),
        ...(await records('batched', url, { batch: { records: 500, delay: 1000 } })),
        ...(await batches()),
      };
    },
  };
}

/** Queues that take everything and keep little of it. */
async function prepare(url: string): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.assertExchange('profiling', 'fanout', { durable: false });
  await channel.assertQueue('imp_prof', { durable: true, arguments: { 'x-max-length': 1000 } });
  await channel.bindQueue('imp_prof', 'profiling', '');
  await channel.assertExchange('phanos.v2', 'direct', { durable: true });
  const quorum = { 'x-queue-type': 'quorum', 'x-overflow': 'drop-head', 'x-max-length': 100 };
  await channel.assertQueue('batches', { durable: true, arguments: quorum });
  for (let shard = 0; shard < 64; shard++) await channel.bindQueue('batches', 'phanos.v2', `s${String(shard).padStart(2, '0')}`);
  await connection.close();
}

/** Profiled calls, each of which is one record, from the first call until the broker has all. */
async function records(name: string, url: string, options: ImpProfHandlerOptions): Promise<Figures> {
  const handler = new ImpProfHandler('imp', { url, ...options });
  const profiler = aProfiler({ collector: 'off', handlers: [handler] });
  const call = profiler.profile('bench:call', work);
  await handler.ready();
  const figures = await timed(name, CALLS, async () => {
    for (let i = 0; i < CALLS; i++) {
      call(i);
      if (i % BURST === 0) await nextTurn();
    }
    while (handler.delivery.waiting > 0) await handler.flush();
  });
  expectEqual('published', handler.delivery.published, CALLS);
  await profiler.close();
  return figures;
}

/** Hand-overs one after the other, each of which is a batch of as many histograms. */
async function batchLane(url: string): Promise<() => Promise<Figures>> {
  const profiler = aProfiler({ collector: url as `amqp://${string}`, flushInterval: 600_000 });
  const took = new Histogram({ name: 'took', units: 'ms', labelNames: ['path'], profiler });
  const children = Array.from({ length: SERIES }, (_, i) => took.labels({ path: `/orders/${i}` }));
  await profiler.ready();
  await profiler.flush();
  return () =>
    timed('batch', BATCHES, async () => {
      for (let i = 0; i < BATCHES; i++) {
        for (const child of children) child.observe(i);
        await profiler.flush();
      }
      expectEqual('unconfirmed', profiler.delivered().produced - profiler.delivered().confirmed, 0);
    });
}

function aProfiler(options: ConfigOptions): Profiler {
  return new Profiler().config({ job: 'bench', instance: 'here', responseSizeProfile: false, ...options });
}

/** Nanoseconds of one repetition, by the clock and of CPU time. */
async function timed(name: string, times: number, run: () => Promise<void>): Promise<Figures> {
  const before = process.cpuUsage();
  const since = performance.now();
  await run();
  const wall = (performance.now() - since) * 1e6;
  const { user, system } = process.cpuUsage(before);
  return { [`${name}Wall`]: wall / times, [`${name}Cpu`]: ((user + system) * 1000) / times };
}
