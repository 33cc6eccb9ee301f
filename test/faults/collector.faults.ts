import { mkdir, open, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CollectorAddress } from '../../src/ship/collector-option.js';
import { parseText } from '../exposition/parse-text.js';
import { CollectProcess, type CollectProcessOptions } from '../support/collect-process.js';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import { eventually } from '../support/eventually.js';
import { newFolder } from '../support/project.js';
import { appliedIn, Load, Monotonic, sentIn, totalOf } from './load.js';

/** The collector service is killed, ended and starved of disk under load: what was acknowledged is there, once. */

const PRODUCERS = 4;
const FLUSH_INTERVAL = 200;

/** Lets the syncs of files fail from one SIGUSR2 to the next. */
const FAULTY_SYNCS = `
  import { open } from 'node:fs/promises';
  const file = await open(process.execPath, 'r');
  const prototype = Object.getPrototypeOf(file);
  await file.close();
  const { datasync } = prototype;
  const error = () => Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' });
  let fails = false;
  process.on('SIGUSR2', () => { fails = !fails; });
  prototype.datasync = function () { return fails ? Promise.reject(error()) : datasync.call(this); };
`;

let fixture: CompiledFixture;
let folder: string;
let calls: string;
let collector: CollectProcess;
let loads: Load[] = [];

beforeAll(async () => {
  fixture = await compileFixture('test/faults/fixtures/load.ts', { decorators: 'tc39' });
  return () => fixture.remove();
});
beforeEach(async () => {
  folder = await newFolder();
  calls = join(folder, 'calls');
  await mkdir(calls);
});
afterEach(async () => {
  await Promise.all(loads.map((load) => load.stop()));
  loads = [];
  if (collector.isRunning) await collector.kill();
  await rm(folder, { recursive: true, force: true });
});

async function startCollector(more: Partial<CollectProcessOptions> = {}, data = join(folder, 'data')): Promise<void> {
  const { args = [], ...rest } = more;
  collector = await CollectProcess.start({ args: ['--socket', join(folder, 'phanos.sock'), '--data-dir', data, ...args], ...rest });
  if (!collector.isRunning) throw new Error(`the collector has ended:\n${collector.log}`);
}

async function startLoads(callsPerSecond = 2000): Promise<void> {
  const socket: CollectorAddress = `unix:${join(folder, 'phanos.sock')}`;
  loads = Array.from(
    { length: PRODUCERS },
    () => new Load(fixture.entry, { role: 'leaf', folder: calls, flushInterval: FLUSH_INTERVAL, collector: socket, callsPerSecond }),
  );
  for (const load of loads) await load.leaves(1);
}

/** Takes every byte that is left. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const size of [1 << 20, 4096, 1]) {
      const piece = Buffer.alloc(size, 'x');
      try {
        for (;;) await file.write(piece);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    await file.close();
  }
}

const sent = (): number => totalOf(sentIn(calls));

interface Totals {
  readonly produced: number;
  readonly applied: number;
  readonly dropped: number;
}

/** Stops the calls, lets everything arrive, and holds what there is against what was sent. */
async function settle(what: string, monotonic: Monotonic, more = ''): Promise<void> {
  const stopped = await Promise.all(loads.map((load) => load.halt(1)));
  const made = sent();
  const text = await collector.get('/metrics');
  monotonic.look(text);
  const applied = appliedIn(text);
  const own = parseText(await collector.get('/-/metrics')).flatMap(({ samples }) => samples);
  const sum = (name: string, labels: Record<string, string> = {}): number =>
    own
      .filter(
        (sample) =>
          sample.name === `phanos_collector_${name}` && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
      )
      .reduce((total, { value }) => total + value, 0);
  const producers = JSON.parse(await collector.get('/api/v1/producers')) as Totals[];
  const produced = producers.reduce((total, one) => total + one.produced, 0);
  console.log(
    `${what}: ${made} calls sent by ${PRODUCERS} processes, ${applied.calls} applied; ${produced} operations produced, ` +
      `${sum('operations_total')} applied, ${sum('dropped_operations_total')} dropped; ${monotonic.scrapes} scrapes, ` +
      `${monotonic.decreases.length} decreases; ${sum('batches_total', { result: 'duplicate' })} batches came again and were known${more}`,
  );
  expect(monotonic.decreases).toEqual([]);
  expect(applied).toEqual({ calls: made, done: made });
  for (const [line] of stopped) expect(line?.stopped).toMatchObject({ dropped: 0 });
  for (const one of producers) expect([one.applied, one.dropped]).toEqual([one.produced, 0]);
  expect(sum('operations_total')).toBe(produced);
}

test('killed 20 times under load of 4 producers: everything counts once, and nothing that was shown goes away', {
  timeout: 180_000,
}, async () => {
  await startCollector();
  await startLoads();
  const monotonic = new Monotonic();
  for (let kill = 0; kill < 20; kill++) {
    const before = sent();
    await eventually('some calls were sent and applied', async () => {
      monotonic.look(await collector.get('/metrics'));
      return sent() > before + 1500;
    });
    await collector.kill();
    await startCollector();
  }
  await settle('collector killed 20 times', monotonic);
  expect(monotonic.scrapes).toBeGreaterThan(20);
});

test('a full disk: nothing is acknowledged, scrapes go on, and with room again everything arrives', { timeout: 120_000 }, async () => {
  const disk = join(folder, 'disk');
  await mkdir(disk);
  const mount = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"', disk];
  await startCollector({ through: mount }, join(disk, 'data'));
  await startLoads();
  const monotonic = new Monotonic();
  await eventually('calls are applied', async () => appliedIn(await collector.get('/metrics')).calls > 1000);
  // The disk is seen by the collector alone; its /proc leads there.
  const ballast = join(`/proc/${collector.pid}/root`, disk, 'ballast');
  await fill(ballast);
  const reason = await eventually('it is not ready, and says why', async () => {
    const { ready, reasons } = JSON.parse(await collector.get('/-/ready')) as { ready: boolean; reasons: string[] };
    return ready ? undefined : reasons.join('; ');
  });
  expect(reason).toContain('free some space, or give it a larger disk');
  monotonic.look(await collector.get('/metrics'));
  const stuck = appliedIn(await collector.get('/metrics')).calls;
  const sentThen = sent();
  await eventually('many more calls were sent', () => sent() > sentThen + 8000);
  expect(appliedIn(await collector.get('/metrics')).calls).toBe(stuck);
  await unlink(ballast);
  await eventually('it is ready again', async () => (await fetch(`${collector.url}/-/ready`)).status === 200, 30_000);
  await settle('full disk', monotonic, `; ${sent() - sentThen} of the calls were sent while it was full`);
});

test('syncs that fail: nothing is acknowledged, a kill meanwhile loses nothing, and when they succeed again it goes on by itself', {
  timeout: 120_000,
}, async () => {
  const faulty = join(folder, 'faulty-syncs.mjs');
  await writeFile(faulty, FAULTY_SYNCS);
  await startCollector({ env: { NODE_OPTIONS: `--import ${faulty}` } });
  await startLoads();
  const monotonic = new Monotonic();
  const failWhile = async (what: () => Promise<void>): Promise<void> => {
    await eventually('calls are applied', async () => {
      const before = appliedIn(await collector.get('/metrics')).calls;
      return before > 1000;
    });
    process.kill(collector.pid, 'SIGUSR2');
    const reason = await eventually('it is not ready, and says why', async () => {
      const { ready, reasons } = JSON.parse(await collector.get('/-/ready')) as { ready: boolean; reasons: string[] };
      return ready ? undefined : reasons.join('; ');
    });
    expect(reason).toContain('EIO: i/o error, fdatasync');
    const text = await collector.get('/metrics');
    monotonic.look(text);
    const sentThen = sent();
    await eventually('many more calls were sent', () => sent() > sentThen + 4000);
    expect(appliedIn(await collector.get('/metrics'))).toEqual(appliedIn(text));
    await what();
  };
  await failWhile(async () => {
    process.kill(collector.pid, 'SIGUSR2');
    await eventually('it is ready again', async () => (await fetch(`${collector.url}/-/ready`)).status === 200, 30_000);
  });
  await failWhile(async () => {
    await collector.kill();
    await startCollector();
  });
  await settle('failing syncs', monotonic);
});

test('ended in order under load: the next one goes on without a record to replay', { timeout: 60_000 }, async () => {
  await startCollector();
  await startLoads();
  const monotonic = new Monotonic();
  await eventually('calls are applied', async () => appliedIn(await collector.get('/metrics')).calls > 3000);
  expect(await collector.stop()).toBe(0);
  await startCollector();
  expect(collector.log).toContain('found a snapshot, 0 records (0 bytes) behind it');
  await settle('ended in order', monotonic);
});

test('a second collector on the same folder is refused with one sentence', { timeout: 60_000 }, async () => {
  await startCollector();
  const second = await CollectProcess.start({ args: ['--data-dir', join(folder, 'data')] });
  expect(second.exitCode).toBe(1);
  expect(second.log).toBe(
    `phanos collect: ${join(folder, 'data', 'main')} is in use by the process with pid ${collector.pid}; stop that one first, or use another folder\n`,
  );
});
