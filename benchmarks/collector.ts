import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CollectorService, DurableCollector } from 'phanos/collector';
import { BATCH_SERIES, batchBodies } from './batch-bodies.js';
import { PRODUCERS } from './batch-sender.js';
import type { Group, Probe } from './harness.js';
import type { Row } from './row.js';
import { expectEqual } from './subjects.js';

/** What a collector spends on batches of histograms that changed: eight producers, each with the same 5 000 series. */

/** Batches of a round. */
const BATCHES = 64;
const WARM_UP = 4;
/** Observations of a series in a batch that has native buckets too. */
const DURATIONS = 10;
const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

export const collector: Group = {
  name: 'collector',
  rounds: 6,
  cases: {
    memory: () => receiving(undefined),
    journal: () => receiving(newDirectory()),
    native: () => receiving(newDirectory(), DURATIONS),
    service,
  },
  rows(best) {
    const row = (what: string, name: string): Row => ({ what, best: 1e9 / best(name), unit: 'deltas/s' });
    return [
      row('collector, histograms of 11 buckets: in memory', 'memory'),
      { ...row('collector, histograms of 11 buckets: journal on', 'journal'), budget: { kind: 'atLeast', limit: 400_000 } },
      {
        ...row(`same, with native buckets of ${DURATIONS} durations: journal on`, 'native'),
        budget: { kind: 'atLeast', limit: 200_000 },
      },
      row('the whole service: deflated, over a unix socket, journal on', 'service'),
    ];
  },
};

async function receiving(directory: string | undefined, durations?: number): Promise<Probe> {
  const bodyOf = await batchBodies(durations);
  const durable = await DurableCollector.open({ directory });
  let seq = 0;
  const round = async (): Promise<number> => {
    const bodies = Array.from({ length: BATCHES }, (_, i) => bodyOf(i % PRODUCERS, seq + 1 + Math.floor(i / PRODUCERS)));
    seq += BATCHES / PRODUCERS;
    const nanoseconds = await cpuOf(async () => {
      for (let i = 0; i < BATCHES; i += PRODUCERS) {
        const answers = await Promise.all(bodies.slice(i, i + PRODUCERS).map((body) => durable.receive(body)));
        for (const { kind } of answers) expectEqual('answer', kind, 'stored');
      }
    });
    expectEqual('operations applied', durable.collector.self.operations, seq * PRODUCERS * BATCH_SERIES * (durations ?? 1));
    expectEqual('rows refused', durable.collector.refused.total, 0);
    return nanoseconds;
  };
  for (let i = 0; i < WARM_UP; i++) await round();
  return { measure: async () => ({ ns: await round() }) };
}

/** The sender is a process of its own, whose CPU time is not counted. */
async function service(): Promise<Probe> {
  const directory = newDirectory();
  const socket = join(directory, 'phanos.sock');
  const running = await CollectorService.start({ listen: false, socket, dataDir: join(directory, 'data') });
  const sender = fork(MAIN, ['--batch-sender', socket]);
  process.once('exit', () => sender.kill());
  const exit = once(sender, 'exit').then(() => {
    throw new Error('the sender has ended');
  });
  exit.catch(() => undefined);
  const told = (): Promise<unknown> => Promise.race([once(sender, 'message'), exit]);
  await told();
  const round = async (): Promise<number> => {
    const nanoseconds = await cpuOf(async () => {
      sender.send(BATCHES);
      await told();
    });
    const [main] = running.stores.all;
    expectEqual('rows refused', main?.durable.collector.refused.total, 0);
    return nanoseconds;
  };
  for (let i = 0; i < WARM_UP; i++) await round();
  return { measure: async () => ({ ns: await round() }) };
}

/** Nanoseconds of CPU time a delta, over the batches of a round; syncing and all that other threads do included. */
async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / (BATCHES * BATCH_SERIES);
}

/** On the disk, and gone with this process. */
function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'phanos-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  // Which is how the harness ends it.
  process.once('SIGTERM', () => process.exit());
  return directory;
}
