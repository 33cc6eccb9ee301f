import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { appliedIn, Load, lastOf, totalOf } from '../faults/load.js';
import type { LoadOptions } from '../faults/load-options.js';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import { eventually } from '../support/eventually.js';
import { newFolder } from '../support/project.js';
import { HttpPeer } from './http-peer.js';
import { sampleOf } from './running-cluster.js';

/** Roads of several hops: threads in workers of a primary that has its collector elsewhere. */

const FLUSH_INTERVAL = 200;

let fixture: CompiledFixture;
let folder: string;
let peer: HttpPeer;
let load: Load | undefined;

beforeAll(async () => {
  fixture = await compileFixture('test/faults/fixtures/load.ts', { decorators: 'tc39' });
});
beforeEach(async () => {
  folder = await newFolder();
  peer = await HttpPeer.start();
});
afterEach(async () => {
  await load?.stop();
  await peer.close();
  await rm(folder, { recursive: true });
});
afterAll(() => fixture.remove());

function start(options: Omit<LoadOptions, 'flushInterval' | 'folder'>): Load {
  load = new Load(fixture.entry, { ...options, folder, flushInterval: FLUSH_INTERVAL });
  return load;
}

const live = (): string[] =>
  Array.from(peer.collector.producers.all)
    .filter(({ life }) => life === 'live')
    .map(({ identity }) => identity.worker)
    .sort();

test.each([
  ['thread → worker → primary', { role: 'primary', workers: 2, threads: 1 }, false, 4],
  ['thread → main thread → service', { role: 'leaf', threads: 2 }, true, 3],
  ['thread → worker → primary → service', { role: 'primary', workers: 2, threads: 2 }, true, 6],
  ['thread → worker → primary that only forks', { role: 'forkOnly', workers: 1, threads: 1 }, false, 2],
] as const)('%s: each call counts once, and anybody answers for all', { timeout: 60_000 }, async (_, options, toService, leaves) => {
  const cluster = start(toService ? { ...options, collector: peer.name } : options);
  await cluster.leaves(leaves);
  await eventually('each of them has called', () => cluster.sent().filter(({ times }) => times.length > 10).length === leaves);
  const stopped = await cluster.halt(leaves);
  const made = totalOf(cluster.sent());
  const from = cluster.lines.length;
  cluster.tell('scrape');
  const text = toService ? peer.collector.text() : ((await cluster.line('text', from)).text as string);
  expect(appliedIn(text)).toEqual({ calls: made, done: made });
  expect(sampleOf(text, 'depth')).toBe(leaves);
  // Each has a slot of its own.
  expect(text.match(/^slots\{/gm)).toHaveLength(leaves);
  const operations = stopped.map(({ stopped: delivered }) => delivered as { produced: number; confirmed: number });
  for (const { produced, confirmed } of operations) expect(confirmed).toBe(produced);
  cluster.tell('scrape', { to: stopped[0]?.pid });
  const asked = await cluster.line('scraped', from, (line) => line.scraped === 'leaf');
  expect(asked.text).toBe(text);
});

test('a worker that dies behind a relay is told with its threads, exactly; the next one takes its slots', { timeout: 60_000 }, async () => {
  const cluster = start({ role: 'primary', workers: 2, threads: 1, collector: peer.name, respawn: true });
  const [victim] = await cluster.leaves(4);
  // The primary itself is one as well, though it counts nothing.
  await eventually('all are known', () => live().length === 5);
  const before = live();
  await eventually('it has counted for a while', () =>
    cluster.sent().some(({ pid, times }) => pid === victim && (times.at(-1) ?? 0) - (times[0] ?? 0) > 5 * FLUSH_INTERVAL),
  );
  process.kill(victim as number, 'SIGKILL');
  await eventually('their ends are told', () => peer.collector.producers.deaths.counts.exit === 2);
  await cluster.leaves(6);
  await eventually('the next ones are known', () => live().length === 5);
  expect(live()).toEqual(before);
  await cluster.halt(4);
  const sent = cluster.sent();
  const { calls } = appliedIn(peer.collector.text());
  const lost = totalOf(sent) - calls;
  const lostAtMost = sent.filter(({ pid }) => pid === victim).reduce((sum, one) => sum + lastOf(one, 3 * FLUSH_INTERVAL), 0);
  console.log(`relay: ${totalOf(sent)} calls, ${calls} applied, ${lost} lost, ${lostAtMost} allowed`);
  expect(lost).toBeGreaterThanOrEqual(0);
  expect(lost).toBeLessThanOrEqual(lostAtMost);
  expect(peer.collector.producers.deaths.counts).toEqual({ silent: 0, exit: 2, goodbye: 0 });
  const deaths = peer.collector.producers.deaths.recent;
  expect(deaths.map(({ cause, totals, underway }) => [cause, totals.applied > 0, underway])).toEqual([
    ['exit', true, 0],
    ['exit', true, 0],
  ]);
});

test('a thread that ends behind two relays is told, and its worker goes on', { timeout: 60_000 }, async () => {
  const cluster = start({ role: 'primary', workers: 1, threads: 3, collector: peer.name });
  await cluster.leaves(4);
  await eventually('all are known', () => live().length === 5);
  cluster.tell('end threads', { how: 'terminate' });
  await eventually('their ends are told', () => peer.collector.producers.deaths.counts.exit === 3);
  expect(live()).toHaveLength(2);
  const before = appliedIn(peer.collector.text()).calls;
  await eventually('the worker counts on', () => appliedIn(peer.collector.text()).calls > before);
});
