import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { CollectorAddress } from '../../src/ship/collector-option.js';
import { sampleOf } from '../ship/running-cluster.js';
import { CollectProcess } from '../support/collect-process.js';
import { eventually } from '../support/eventually.js';
import { appliedIn, type Load, lastOf, Monotonic, sentIn, totalOf } from './load.js';
import type { LoadOptions } from './load-options.js';
import { loadStage } from './load-stage.js';

/** Services that are away, and primaries that are killed with a service behind them. */

const FLUSH_INTERVAL = 500;
const HAND_OVER = 250;

const stage = loadStage();
let service: CollectProcess;

afterEach(() => service.stop());

const start = (options: Partial<LoadOptions>): Load => stage.start({ role: 'leaf', flushInterval: FLUSH_INTERVAL, ...options });

/** One of the service's own figures. */
async function own(name: string, label = ''): Promise<number | undefined> {
  return sampleOf(await service.get('/-/metrics'), `phanos_collector_${name}{store="main"${label}}`);
}

test('a service is killed and away for several seconds while 4 processes count on: then everything is there, and they have not grown', {
  timeout: 120_000,
}, async () => {
  const socket = join(stage.folder, 'phanos.sock');
  const args = ['--socket', socket, '--data-dir', join(stage.folder, 'data')];
  service = await CollectProcess.start({ args });
  const processes = Array.from({ length: 4 }, () => start({ callsPerSecond: 5000, collector: `unix:${socket}` }));
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
  await eventually('all have counted', () => sentIn(stage.folder).filter(({ times }) => times.length > 5000).length === 4);
  const watch = new Monotonic();
  watch.look(await service.get('/metrics'));
  await service.kill();
  const atFirst = await memory();
  const sentAtFirst = totalOf(sentIn(stage.folder));
  await eventually('much was counted meanwhile', () => totalOf(sentIn(stage.folder)) > sentAtFirst + 4 * 5000 * 6, 30_000);
  const atLast = await memory();
  service = await CollectProcess.start({ args });
  const before = (await own('batches_total', ',result="applied"')) ?? 0;
  watch.look(await service.get('/metrics'));
  const stopped = await Promise.all(processes.map((one) => one.halt(1)));
  const made = totalOf(sentIn(stage.folder));
  const text = await service.get('/metrics');
  watch.look(text);
  const { calls, done } = appliedIn(text);
  const batches = ((await own('batches_total', ',result="applied"')) ?? 0) - before;
  const grown = (atLast - atFirst) / 1024 / 1024;
  console.log(
    `service killed and away: ${made} calls sent by 4 processes, ${calls} applied, ${made - sentAtFirst} of them sent from then on; ` +
      `${batches} batches afterwards, ${grown.toFixed(1)} MB more memory a process`,
  );
  expect([calls, done]).toEqual([made, made]);
  expect(watch.decreases).toEqual([]);
  // Each call is timed and counted; each process has set two gauges.
  const totals = [await own('produced_operations_total'), await own('operations_total'), await own('dropped_operations_total')];
  expect(totals).toEqual([2 * made + 8, 2 * made + 8, 0]);
  for (const [line] of stopped) expect(line?.stopped).toMatchObject({ dropped: 0 });
  // 120 000 calls kept one by one would take more than this.
  expect(grown).toBeLessThan(8);
  // Each had one hand-over waiting, and the rest in one table.
  expect(batches).toBeLessThanOrEqual(4 * 6);
});

test('a primary is killed with a service behind it: what its workers had handed over stays, and their silence is noticed', {
  timeout: 120_000,
}, async () => {
  service = await CollectProcess.start({ args: [] });
  const cluster = start({ role: 'primary', workers: 2, threads: 1, collector: service.url as CollectorAddress });
  const workers = await cluster.leaves(4);
  await eventually('all have counted for a while', () =>
    cluster.sent().every(({ times }) => (times.at(-1) ?? 0) - (times[0] ?? 0) > 3 * FLUSH_INTERVAL),
  );
  cluster.kill();
  await eventually('its workers end', () => workers.every((pid) => !isAlive(pid)));
  const sent = cluster.sent();
  const { calls } = appliedIn(await service.get('/metrics'));
  const lost = totalOf(sent) - calls;
  const allowed = sent.reduce((sum, one) => sum + lastOf(one, FLUSH_INTERVAL + HAND_OVER), 0);
  console.log(`primary killed: ${totalOf(sent)} calls sent by its workers, ${calls} applied, ${lost} lost, ${allowed} allowed`);
  expect(lost).toBeGreaterThanOrEqual(0);
  expect(lost).toBeLessThanOrEqual(allowed);
  expect(await own('producers', ',state="live"')).toBe(5);
  await eventually('their deaths are noticed', async () => (await own('producer_deaths_total', ',cause="silent"')) === 5, 30_000);
  const text = await service.get('/metrics');
  expect([appliedIn(text).calls, text.match(/^(depth|slots)\{/gm)]).toEqual([calls, null]);
  expect(await own('lost_operations')).toBe(0);
  const dead = JSON.parse(await service.get('/api/v1/producers')) as {
    life: string;
    produced: number;
    applied: number;
    underway: number;
  }[];
  expect(dead.map(({ life, produced, applied, underway }) => [life, applied - produced, underway])).toEqual(
    Array(5).fill(['silent', 0, 0]),
  );
  // Each call is timed and counted; each leaf has set two gauges.
  expect(dead.reduce((sum, { applied }) => sum + applied, 0)).toBe(2 * calls + 8);

  // The workers of the next primary take the slots that are free again.
  const next = start({ role: 'primary', workers: 2, collector: service.url as CollectorAddress });
  await next.leaves(2);
  await next.halt(2);
  const after = await service.get('/metrics');
  expect(appliedIn(after).calls).toBe(calls + totalOf(next.sent()) - totalOf(sent));
  expect(
    after
      .match(/^slots\{.*worker="\d+"/gm)
      ?.map((line) => /worker="(\d+)"/.exec(line)?.[1])
      .sort(),
  ).toEqual(['1', '2']);
  expect(after).toMatch(/^depth\{job="load",instance="[^"]+"\} 2$/m);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
