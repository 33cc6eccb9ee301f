import { expect, test } from 'vitest';
import { sampleOf } from '../ship/running-cluster.js';
import { eventually } from '../support/eventually.js';
import { appliedIn, lastOf, Monotonic, totalOf } from './load.js';
import { loadStage } from './load-stage.js';

/** Cluster workers that are killed under load; what they had sent is in files of their own. */

const KILLS = 12;
const FLUSH_INTERVAL = 1000;

const stage = loadStage();

test(`${KILLS} workers are killed under load: nothing that was handed over is lost, and no counter goes down`, {
  timeout: 240_000,
}, async () => {
  const cluster = stage.start({ role: 'primary', workers: 3, serve: true, respawn: true, flushInterval: FLUSH_INTERVAL });
  const { url } = await cluster.line('url', 0);
  const living = new Set(await cluster.leaves(3));
  const watch = new Monotonic();
  const scrape = async (): Promise<string> => {
    const text = await (await fetch(`${url as string}/metrics`)).text();
    watch.look(text);
    return text;
  };
  let over = false;
  // Seldom, for each scrape makes workers hand over what they have.
  const watching = (async () => {
    while (!over) {
      await scrape();
      await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 1200));
    }
  })();

  const victims: number[] = [];
  while (victims.length < KILLS) {
    const victim = [...living][victims.length % living.size] as number;
    await eventually('it has counted for more than an interval', () =>
      cluster.sent().some(({ pid, times }) => pid === victim && (times.at(-1) ?? 0) - (times[0] ?? 0) > 1.2 * FLUSH_INTERVAL),
    );
    const from = cluster.lines.length;
    process.kill(victim, 'SIGKILL');
    victims.push(victim);
    living.delete(victim);
    const next = await cluster.line('ready', from);
    living.add(next.pid as number);
  }
  await cluster.halt(3);
  over = true;
  await watching;
  const text = await scrape();
  const own = await (await fetch(`${url as string}/-/metrics`)).text();

  const sent = cluster.sent();
  const { calls, done } = appliedIn(text);
  const lost = totalOf(sent) - calls;
  // One flush interval a kill. A single one may cost the time of a hand-over more, most cost less.
  const allowed = sent.filter(({ pid }) => victims.includes(pid)).reduce((sum, one) => sum + lastOf(one, FLUSH_INTERVAL), 0);
  const figures = `${totalOf(sent)} calls sent, ${calls} applied, ${lost} lost, ${allowed} allowed`;
  console.log(`kill -9 of a worker ${KILLS} times: ${figures}; ${watch.scrapes} scrapes, ${watch.decreases.length} decreases`);
  expect(watch.decreases).toEqual([]);
  expect(lost).toBeGreaterThanOrEqual(0);
  expect(lost).toBeLessThanOrEqual(allowed);
  // The two are written one after the other: a victim may have been hit in between.
  expect(calls - done).toBeGreaterThanOrEqual(0);
  expect(calls - done).toBeLessThanOrEqual(KILLS);
  expect(sampleOf(own, 'phanos_collector_producer_deaths_total{cause="exit"}')).toBe(KILLS);
  // Restarted workers go on under the numbers that became free.
  expect(['0', '1', '2', '3', '4'].map((worker) => sampleOf(text, `slots{worker="${worker}"}`))).toEqual([undefined, 1, 1, 1, undefined]);
  expect(sampleOf(text, 'depth')).toBe(3);
});
