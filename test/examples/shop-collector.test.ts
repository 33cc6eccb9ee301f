import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SHOP, ShardIngest } from '../amqp/shard-ingest.js';
import { parseText } from '../exposition/parse-text.js';
import { CollectProcess } from '../support/collect-process.js';
import { eventually } from '../support/eventually.js';
import { newFolder } from '../support/project.js';
import { emptyVhost } from '../support/shared-broker.js';
import { ShopProcess } from './shop-process.js';
import { printedCount } from './shop-table.js';

/** The shop of `npm start` with its numbers at a collector service. */

let folder: string;
let collect: CollectProcess;
const shops: ShopProcess[] = [];

beforeEach(async () => {
  folder = await newFolder();
  collect = await CollectProcess.start({ args: ['--socket', join(folder, 'collector.sock')] });
});
afterEach(async () => {
  await Promise.all(shops.splice(0).map((shop) => shop.remove()));
  await collect.stop();
  await rm(folder, { recursive: true });
});

async function run(args: readonly string[]): Promise<{ instance: string; counted: number; stdout: string }> {
  const shop = await ShopProcess.start(['--for', '2.5', '--rate', '120', ...args]);
  shops.push(shop);
  const { code, stdout, stderr } = await shop.ended;
  expect([code, stderr]).toEqual([0, '']);
  const [, instance = ''] = /^metrics .*, job="shop", instance="(\S+)"$/m.exec(stdout) ?? [];
  const [, counted, sent] = /([\d,]+) {2}root calls counted by phanos +\S+ ([\d,]+) requests sent by the load process\n/.exec(stdout) ?? [];
  expect([counted, instance]).toEqual([sent, expect.stringMatching(/-\d+$/)]);
  return { instance, counted: printedCount(counted), stdout };
}

test('a collector service has the numbers of each run, over HTTP and through a socket, with workers and without', {
  timeout: 90_000,
}, async () => {
  const runs = [
    await run(['--collector', collect.url]),
    await run(['--collector', `unix:${join(folder, 'collector.sock')}`, '--workers', '0']),
  ];
  expect(runs[0]?.stdout).toContain(`metrics   ${collect.url}/metrics, job="shop", instance="`);
  expect(runs[0]?.stdout).toMatch(/^workers +\d that share its port: process [\d, ]+; \d+ hands on what they count$/m);
  expect(runs[1]?.stdout).toMatch(/^workers +none: the shop is in process \d+$/m);
  const samples = parseText(await collect.get('/metrics')).flatMap((family) => family.samples);
  for (const { instance, counted } of runs) {
    const roots = samples.filter(
      ({ name, labels }) => name === 'phanos_time_profiler_seconds_count' && labels.instance === instance && !labels.method?.includes('.'),
    );
    expect(new Set(roots.map(({ labels }) => labels.job))).toEqual(new Set(['shop']));
    expect(roots.reduce((sum, { value }) => sum + value, 0)).toBe(counted);
  }
});

// The first test of a run that asks for a broker may have to fetch one.
test('behind RabbitMQ are collectors that have every request; the shop can only say where', { timeout: 400_000 }, async () => {
  const url = await emptyVhost();
  const ingest = await ShardIngest.open(url);
  try {
    const shop = await ShopProcess.start(['--for', '2.5', '--rate', '120', '--collector', url], { PHANOS_INSTANCE: SHOP.instance });
    shops.push(shop);
    const { code, stdout, stderr } = await shop.ended;
    expect([code, stderr]).toEqual([0, '']);
    const [, sent, where] = /^([\d,]+) requests sent by the load process; what phanos has counted of them is at (.*)$/m.exec(stdout) ?? [];
    const { host, pathname } = new URL(url);
    expect(where).toBe(`the collectors behind amqp://${host}${pathname}, job="shop", instance="web-1"`);
    expect(printedCount(sent)).toBeGreaterThan(0);
    await eventually(
      'collectors have an answer to each request',
      async () => (await ingest.sum('shop_answers_total')) === printedCount(sent),
    );
  } finally {
    await ingest.stop();
  }
});

test('a collector that is not there is one sentence and exit code 1', { timeout: 60_000 }, async () => {
  const { url } = collect;
  await collect.stop();
  const shop = await ShopProcess.start(['--collector', url]);
  shops.push(shop);
  const { code, stdout, stderr } = await shop.ended;
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^the collector at http:\S+ can't be reached .* \(option --collector\)\n/m);
});
