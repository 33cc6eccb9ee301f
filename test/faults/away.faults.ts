import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { HttpPeer } from '../ship/http-peer.js';
import { sampleOf } from '../ship/running-cluster.js';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import { eventually } from '../support/eventually.js';
import { newFolder } from '../support/project.js';
import { appliedIn, Load, lastOf, sentIn, totalOf } from './load.js';

/** Services that are away, and primaries that are killed with a service behind them. */

const FLUSH_INTERVAL = 500;
const HAND_OVER = 250;

let fixture: CompiledFixture;
let folder: string;
let peer: HttpPeer;
const loads: Load[] = [];

beforeAll(async () => {
  fixture = await compileFixture('test/faults/fixtures/load.ts', { decorators: 'tc39' });
  return () => fixture.remove();
});
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(async () => {
  await Promise.all(loads.splice(0).map((load) => load.stop()));
  await peer.close();
  await rm(folder, { recursive: true });
});

function start(options: Partial<ConstructorParameters<typeof Load>[1]>): Load {
  const load = new Load(fixture.entry, { role: 'leaf', folder, flushInterval: FLUSH_INTERVAL, collector: peer.name, ...options });
  loads.push(load);
  return load;
}

test('a service is away for several seconds while 4 processes count on: afterwards everything is there, and they have not grown', {
  timeout: 120_000,
}, async () => {
  const socket = join(folder, 'phanos.sock');
  peer = await HttpPeer.start(socket);
  const processes = Array.from({ length: 4 }, () => start({ callsPerSecond: 5000 }));
  for (const one of processes) await one.leaves(1);
  const memory = async (): Promise<number> => {
    const told = await Promise.all(
      processes.map((one) => {
        const from = one.lines.length;
        one.tell('ping');
        return one.line('pong', from);
      }),
    );
    return told.reduce((sum, line) => sum + (line.memory as number), 0) / told.length;
  };
  await eventually('all have counted', () => sentIn(folder).filter(({ times }) => times.length > 5000).length === 4);
  await peer.close();
  const before = appliedIn(peer.collector.text()).calls;
  const atFirst = await memory();
  const sentAtFirst = totalOf(sentIn(folder));
  await eventually('much was counted meanwhile', () => totalOf(sentIn(folder)) > sentAtFirst + 4 * 5000 * 6, 30_000);
  const atLast = await memory();
  expect(appliedIn(peer.collector.text()).calls).toBe(before);
  const batches = peer.of('/v2/batches').length;
  await peer.listen(socket);
  const stopped = await Promise.all(processes.map((one) => one.halt(1)));
  const made = totalOf(sentIn(folder));
  const { calls, done } = appliedIn(peer.collector.text());
  const grown = (atLast - atFirst) / 1024 / 1024;
  console.log(
    `service away: ${made} calls sent by 4 processes, ${calls} applied, ${made - sentAtFirst} of them sent while it was away, ` +
      `${peer.of('/v2/batches').length - batches} batches afterwards, ${grown.toFixed(1)} MB more memory a process`,
  );
  expect([calls, done]).toEqual([made, made]);
  // Each call is timed and counted; each process has set two gauges.
  expect(peer.collector.producers.totals).toMatchObject({ applied: 2 * made + 8, produced: 2 * made + 8, dropped: 0 });
  for (const [line] of stopped) expect(line?.stopped).toMatchObject({ dropped: 0 });
  // 120 000 calls kept one by one would take more than this.
  expect(grown).toBeLessThan(8);
  // Each had one hand-over waiting, and the rest in one table.
  expect(peer.of('/v2/batches').length - batches).toBeLessThanOrEqual(4 * 4);
});

test('a primary is killed with a service behind it: what its workers had handed over stays, and their silence is noticed', {
  timeout: 120_000,
}, async () => {
  peer = await HttpPeer.start();
  const cluster = start({ role: 'primary', workers: 2, threads: 1 });
  const workers = await cluster.leaves(4);
  await eventually('all have counted for a while', () =>
    cluster.sent().every(({ times }) => (times.at(-1) ?? 0) - (times[0] ?? 0) > 3 * FLUSH_INTERVAL),
  );
  cluster.kill();
  await eventually('its workers end', () => workers.every((pid) => !isAlive(pid)));
  const sent = cluster.sent();
  const { calls } = appliedIn(peer.collector.text());
  const lost = totalOf(sent) - calls;
  const allowed = sent.reduce((sum, one) => sum + lastOf(one, FLUSH_INTERVAL + HAND_OVER), 0);
  console.log(`primary killed: ${totalOf(sent)} calls sent by its workers, ${calls} applied, ${lost} lost, ${allowed} allowed`);
  expect(lost).toBeGreaterThanOrEqual(0);
  expect(lost).toBeLessThanOrEqual(allowed);
  const ticking = setInterval(() => peer.collector.tick(), 100);
  await eventually('their deaths are noticed', () => peer.collector.producers.deaths.counts.silent === 5, 30_000);
  clearInterval(ticking);
  const text = peer.collector.text();
  expect([appliedIn(text).calls, sampleOf(text, 'depth'), sampleOf(text, 'slots{worker="1"}')]).toEqual([calls, undefined, undefined]);
  for (const { totals, underway } of peer.collector.producers.deaths.recent)
    expect([totals.produced, underway]).toEqual([totals.applied, 0]);

  // The next primary's workers go on where these have stopped.
  const next = start({ role: 'primary', workers: 2 });
  await next.leaves(2);
  await next.halt(2);
  expect(appliedIn(peer.collector.text()).calls).toBe(calls + totalOf(next.sent()) - totalOf(sent));
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
