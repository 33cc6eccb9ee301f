import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { type ParsedSample, parseText } from '../exposition/parse-text.js';
import { eventually } from '../support/eventually.js';
import { assertBuilt } from '../support/project.js';
import { Prometheus, promtoolCheckMetrics } from '../support/prometheus.js';
import { type EndedShop, isRunning, type OpenedShop, ShopProcess } from './shop-process.js';
import { printedCount, printedRows, printedSeconds } from './shop-table.js';

// Each test runs the shop as `npm start` does, in a process of its own that compiles the example and starts the load process.

const TIME = 'phanos_time_profiler_seconds';
const SIZE = 'phanos_response_size_bytes';
const ROOTS = [
  'Catalogue:home',
  'Catalogue:list',
  'Catalogue:show',
  'Catalogue:search',
  'Orders:place',
  'Checkout:pay',
  'Invoices:download',
  'Prices:import',
  'Shop:notFound',
];

const running = new Set<ShopProcess>();

async function start(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<ShopProcess> {
  const shop = await ShopProcess.start(args, env);
  running.add(shop);
  return shop;
}

beforeAll(assertBuilt);

afterEach(async () => {
  await Promise.all([...running].map((shop) => shop.remove()));
  running.clear();
});

async function scrape(metricsUrl: string): Promise<ParsedSample[]> {
  return parseText(await (await fetch(metricsUrl)).text()).flatMap(({ samples }) => samples);
}

function isRoot({ labels }: ParsedSample): boolean {
  return !labels.method!.includes('.');
}

function sum(samples: readonly ParsedSample[]): number {
  return samples.reduce((total, { value }) => total + value, 0);
}

/** Waits until the load has sent its last request and all calls have ended: the two halves of a payment may outlive their root, if the other fails. */
async function scrapeWhenQuiet(metricsUrl: string, requests: number): Promise<ParsedSample[]> {
  return eventually(
    'every call has ended',
    async () => {
      const samples = await scrape(metricsUrl);
      const counts = samples.filter(({ name }) => name === `${TIME}_count`);
      const countOf = (path: string): number => sum(counts.filter(({ labels }) => labels.method === path));
      return sum(counts.filter(isRoot)) === requests && countOf('Checkout:pay.tokenOf') === countOf('Checkout:pay.reserve') && samples;
    },
    30_000,
  );
}

async function expectCleanEnd(shop: ShopProcess, { loadPid, workerPids }: OpenedShop): Promise<EndedShop> {
  const ended = await shop.ended;
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect([loadPid, ...workerPids].filter(isRunning)).toEqual([]);
  expect(await readdir(shop.folder)).toEqual([]);
  return ended;
}

test('runs the time that it is given; meanwhile /metrics shows the calls', { timeout: 60_000 }, async () => {
  const shop = await start(['--for', '3', '--port', '0', '--rate', '200']);
  const opened = await shop.opened();
  const { metricsUrl } = opened;
  const samples = await eventually('a request is answered', async () => {
    const found = await scrape(metricsUrl);
    return found.some(({ name }) => name === `${SIZE}_bucket`) && found;
  });
  const { stdout } = await expectCleanEnd(shop, opened);

  for (const name of [`${TIME}_bucket`, `${SIZE}_bucket`]) {
    const found = samples.filter((sample) => sample.name === name);
    expect(found.length).toBeGreaterThan(0);
    for (const { labels } of found) expect(Object.keys(labels).sort()).toEqual(['error_raised', 'function', 'le', 'method']);
  }

  expect(stdout).toMatch(/\n3\.\d s under load\n/);
  expect(stdout).toMatch(/\n +\d+ s {3}\S+ requests\/s {3}\S+ calls\/s {3}\S+ errors\/s {3}slowest \S+ [\d.]+ (µs|ms|s), /);
  expectAgreement(stdout);
});

/** As many root calls as requests; returns that number. */
function expectAgreement(stdout: string): number {
  const [, calls, requests] =
    /([\d,]+) {2}root calls counted by phanos +\S+ ([\d,]+) requests sent by the load process\n/.exec(stdout) ?? [];
  expect(printedCount(calls)).toBeGreaterThan(0);
  expect(requests).toBe(calls);
  return printedCount(calls);
}

test('its table says what /metrics says, and what was sent', { timeout: 90_000 }, async () => {
  const shop = await start(['--port', '0', '--rate', '150', '--requests', '400']);
  const opened = await shop.opened();
  expect(opened.workerPids.length).toBeGreaterThanOrEqual(2);
  const { metricsUrl } = opened;
  const samples = await scrapeWhenQuiet(metricsUrl, 400);
  shop.signal('SIGINT');
  const { stdout } = await expectCleanEnd(shop, opened);

  const printed = printedRows(stdout, 'root method');
  expect(printed.map(({ path }) => path)).toEqual([...ROOTS, 'all']);
  for (const { path, cells } of [...printed, ...printedRows(stdout, 'below, by total time')]) {
    const own = samples.filter((sample) => (path === 'all' ? isRootSample(sample) : sample.labels.method === path));
    const counts = own.filter(({ name }) => name === `${TIME}_count`);
    const count = sum(counts);
    expect({ path, requests: printedCount(cells.requests) }).toEqual({ path, requests: path.includes('.') ? 0 : count });
    expect({ path, calls: printedCount(cells.calls) }).toEqual({ path, calls: count });
    expect({ path, errors: printedCount(cells.errors) }).toEqual({
      path,
      errors: sum(counts.filter(({ labels }) => labels.error_raised === 'true')),
    });
    const mean = sum(own.filter(({ name }) => name === `${TIME}_sum`)) / count;
    expect(Math.abs(printedSeconds(cells.mean) / mean - 1)).toBeLessThan(0.01);
    for (const percent of [50, 95, 99]) {
      const [lower, upper] = bucketOf((percent / 100) * count, own);
      const value = printedSeconds(cells[`p${percent}`]);
      expect(value).toBeGreaterThanOrEqual(lower * 0.99);
      expect(value).toBeLessThanOrEqual(upper * 1.01);
    }
  }

  const failed = sum(
    samples.filter((sample) => sample.name === `${TIME}_count` && isRoot(sample) && sample.labels.error_raised === 'true'),
  );
  expect(failed).toBeGreaterThan(0);
  expect(expectAgreement(stdout)).toBe(400);
  expect(stdout).toMatch(new RegExp(` ${failed} {2}of them with errors += ${failed} answers of 400 and above\n`));
});

function isRootSample(sample: ParsedSample): boolean {
  return sample.labels.method !== undefined && sample.name.startsWith(TIME) && isRoot(sample);
}

/** Bounds of the bucket that holds the observation of this rank. */
function bucketOf(rank: number, samples: readonly ParsedSample[]): readonly [lower: number, upper: number] {
  const cumulative = new Map<number, number>();
  for (const { name, labels, value } of samples) {
    if (name !== `${TIME}_bucket`) continue;
    const bound = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
    cumulative.set(bound, (cumulative.get(bound) ?? 0) + value);
  }
  let lower = 0;
  for (const [upper, count] of [...cumulative].sort(([a], [b]) => a - b)) {
    if (count >= rank) return [lower, upper];
    lower = upper;
  }
  throw new Error(`the buckets hold fewer than ${rank}`);
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s under load ends it cleanly, with the table', { timeout: 60_000 }, async (signal) => {
  const shop = await start(['--port', '0', '--rate', '300']);
  const opened = await shop.opened();
  await eventually('a second passed', () => /^ +\d+ s .* requests\/s/m.test(shop.stdout), 30_000);
  expect([opened.loadPid, ...opened.workerPids].every(isRunning)).toBe(true);
  // Ctrl-C reaches every process of the terminal, `kill` one of them.
  if (signal === 'SIGINT') shop.signalAll(signal);
  else shop.signal(signal);
  const { stdout } = await expectCleanEnd(shop, opened);
  expectAgreement(stdout);
});

test('in one process it says so, and counts the same', { timeout: 60_000 }, async () => {
  const shop = await start(['--port', '0', '--workers', '0', '--rate', '150', '--requests', '200']);
  const opened = await shop.opened();
  expect(opened.workerPids).toEqual([]);
  expect(shop.stdout).toMatch(/^workers +none: the shop is in process \d+, which collects and serves as well$/m);
  await scrapeWhenQuiet(opened.metricsUrl, 200);
  shop.signal('SIGINT');
  expect(expectAgreement((await expectCleanEnd(shop, opened)).stdout)).toBe(200);
});

test('workers that are killed again and again are replaced, and what is lost is within the bound', { timeout: 60_000 }, async () => {
  const shop = await start(['--for', '5', '--port', '0', '--rate', '200', '--kill-workers', '2']);
  const opened = await shop.opened();
  const { stdout } = await expectCleanEnd(shop, opened);
  const [, died, reported] = /^workers that died: (\d+); deaths that phanos reports on \/-\/metrics: (\d+)$/m.exec(stdout) ?? [];
  expect(Number(died)).toBeGreaterThanOrEqual(1);
  // Who dies before it has said hello was never known.
  expect(Number(reported)).toBeLessThanOrEqual(Number(died));
  expect(Number(reported)).toBeGreaterThanOrEqual(Number(died) - 1);
  const figure = (what: string): number => printedCount(new RegExp(`^ *([\\d,]+)  ${what}`, 'm').exec(stdout)?.[1]);
  const [sent, answered, unanswered] = [figure('requests sent by the load process'), figure('answered'), figure('ended without an answer')];
  const [counted, missing] = [figure('root calls counted by phanos'), figure('sent, but not counted')];
  const [, allowed] = /sent, but not counted +at most ([\d,]+): /.exec(stdout) ?? [];
  expect(answered + unanswered).toBe(sent);
  expect(counted + missing).toBe(sent);
  expect(missing).toBeGreaterThanOrEqual(0);
  expect(missing).toBeLessThanOrEqual(printedCount(allowed));
  // Less than what was sent, or the bound would say nothing.
  expect(printedCount(allowed)).toBeLessThan(sent);
  console.log(`${died} workers killed: ${sent} sent, ${answered} answered, ${counted} counted, ${missing} not counted, ${allowed} allowed`);
});

test('who kills a worker by hand finds another in its place, which charges what the others charge', { timeout: 60_000 }, async () => {
  const shop = await start(['--port', '0', '--workers', '2', '--requests', '1', '--rate', '10']);
  const opened = await shop.opened();
  const { shopUrl, workerPids } = opened;
  const list = await fetch(`${shopUrl}/prices`, { method: 'POST', body: 'id,price\n17,12.34\n' });
  expect(list.status).toBe(200);
  process.kill(workerPids[0]!, 'SIGKILL');
  // One connection a question: the primary deals them out in turn.
  const charging = await eventually('two workers have the new price', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => get(`${shopUrl}/products/17`).catch(() => undefined)));
    const informed = new Set(answers.filter((each) => each?.text.includes('<p>12.34 EUR</p>')).map((each) => each?.pid));
    return informed.size === 2 && !informed.has(workerPids[0]) && informed;
  });
  expect(charging.has(workerPids[1])).toBe(true);
  shop.signalAll('SIGINT');
  const { code, stdout } = await shop.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^workers that died: 1; /m);
  expect([...charging].filter((pid) => isRunning(pid!))).toEqual([]);
});

/** Asks over a connection of its own. */
async function get(url: string): Promise<{ pid: number; text: string }> {
  // Node.js may have handed a connection to a worker that was killed just then; nobody answers it.
  const outgoing = request(url, { agent: false, timeout: 2000 })
    .on('timeout', () => outgoing.destroy())
    .end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { pid: Number(incoming.headers['x-process']), text: await text(incoming) };
}

test('a visitor is answered, counted, and told apart from the load', { timeout: 60_000 }, async () => {
  const shop = await start(['--port', '0', '--requests', '60', '--rate', '60']);
  const opened = await shop.opened();
  const { shopUrl, metricsUrl } = opened;
  await scrapeWhenQuiet(metricsUrl, 60);
  const ask = async (path: string, init?: RequestInit): Promise<[number, string]> => {
    const response = await fetch(shopUrl + path, init);
    return [response.status, await response.text()];
  };
  const place = (order: object): RequestInit => ({ method: 'POST', body: JSON.stringify(order) });

  expect(await ask('/')).toEqual([200, expect.stringContaining('<h1>phanos shop</h1>')]);
  expect(await ask('/nowhere')).toEqual([404, 'there is nothing here; begin at /\n']);
  expect(await ask('/products?page=0')).toEqual([400, "'0' is no page; pages count from 1\n"]);
  const product = await fetch(`${shopUrl}/products/17`);
  expect(product.status).toBe(200);
  await product.text();
  expect(await ask('/products/17', { headers: { 'if-none-match': product.headers.get('etag')! } })).toEqual([304, '']);
  const [status, text] = await ask('/orders', place({ customer: 'Ada', lines: [{ product: 17, quantity: 2 }] }));
  const order = JSON.parse(text) as { number: number; total: number };
  expect(status).toBe(201);
  expect(await ask('/orders', place({ customer: 'Ada', lines: [{ product: 17, quantity: 21 }] }))).toEqual([
    400,
    'lines[0]: quantity is 1 to 20, got 21\n',
  ]);
  const [, invoice] = await ask(`/orders/${order.number}/invoice`);
  expect(invoice).toContain(`€${(order.total / 100).toLocaleString('en-US', { minimumFractionDigits: 2 })}</p>`);
  expect(await ask(`/orders/${order.number}/invoice?currency=gold`)).toEqual([500, 'something went wrong in the shop\n']);
  const prices = (csv: string): RequestInit => ({ method: 'POST', body: csv });
  expect(await ask('/prices', prices('id,price\n17,12.50\n'))).toEqual([200, expect.stringContaining('"rows":1')]);
  expect(await ask('/prices', prices('id,price\n17,12.50\n18,twelve\n'))).toEqual([400, "line 3: 'twelve' is no price\n"]);
  expect(await ask('/orders/999999/payment', { method: 'POST', body: 'card=1' })).toEqual([404, 'there is no order 999999\n']);
  expect(await ask('/prices', prices('x'.repeat(300_000)))).toEqual([413, '']);

  const root = async (path: string): Promise<number> =>
    sum((await scrape(metricsUrl)).filter(({ name, labels }) => name === `${TIME}_count` && labels.method === path));
  expect(await root('Checkout:pay.load')).toBe(await root('Checkout:pay'));
  shop.signal('SIGINT');
  const { stdout } = await expectCleanEnd(shop, opened);
  // The one that was too large never came to a method.
  expect(stdout).toContain('= 60 requests sent by the load process + 12 by visitors\n');
  expect(stdout).toMatch(/unexpected, \d+ ×: RangeError: Invalid currency code : gold at service\/invoices\.ts:\d+:\d+\n/);
});

test('a port that is taken is one sentence and exit code 1', { timeout: 60_000 }, async () => {
  const other = createServer();
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const { port } = other.address() as AddressInfo;
  try {
    const remedy = `choose another port, for example ${port < 65_535 ? port + 1 : port - 1}, or 0 for any free one`;
    const metrics = await start(['--port', String(port)]);
    expect(await metrics.ended).toEqual({
      code: 1,
      stdout: '',
      stderr: `port ${port} of 127.0.0.1 is taken; stop whoever listens there, or ${remedy} (option --port)\n`,
    });
    const shop = await start(['--port', '0', '--shop-port', String(port)]);
    expect(await shop.ended).toEqual({
      code: 1,
      stdout: '',
      stderr: `port ${port} of 127.0.0.1 is taken; choose another port for the shop, or leave --shop-port out for any free one\n`,
    });
  } finally {
    other.close();
  }
});

test('without the load process it ends with a sentence, and no process outlives the shop', { timeout: 60_000 }, async () => {
  const shop = await start(['--port', '0', '--rate', '50']);
  const { loadPid, workerPids } = await shop.opened();
  process.kill(loadPid, 'SIGKILL');
  expect(await shop.ended).toMatchObject({ code: 1, stderr: 'the load process ended with SIGKILL before it was told to\n' });
  expect(workerPids.filter(isRunning)).toEqual([]);
  expect(await readdir(shop.folder)).toEqual([]);

  const another = await start(['--port', '0', '--rate', '50']);
  const orphans = await another.opened();
  another.signal('SIGKILL');
  await eventually('load process and workers have ended', () => ![orphans.loadPid, ...orphans.workerPids].some(isRunning));
});

test('a count that differs from what was sent is exit code 1 and told by route', { timeout: 60_000 }, async () => {
  const shop = await start(['--for', '2', '--port', '0', '--rate', '50', '--requests', '40'], { PHANOS_DISABLED: '1' });
  const { code, stdout } = await shop.ended;
  expect(code).toBe(1);
  expect(stdout).toContain('phanos counted 0 root calls, and 40 requests were sent; these routes differ:\n');
  expect(stdout).toMatch(
    /\nCatalogue:show: 0 calls, 0 errors and 0 bytes by phanos; \d+ requests?, .* by those who asked GET \/products\/:id\n/,
  );
  expect(stdout).not.toContain('root calls counted by phanos');
});

// The first run on a machine may have to fetch Prometheus.
test('a real Prometheus scrapes it and knows the count; promtool finds nothing to say', { timeout: 330_000 }, async () => {
  const shop = await start(['--port', '0', '--rate', '150', '--requests', '300']);
  const opened = await shop.opened();
  const { metricsUrl } = opened;
  const { host } = new URL(metricsUrl);
  const prometheus = await Prometheus.start([{ job_name: 'shop', static_configs: [{ targets: [host] }] }]);
  try {
    await scrapeWhenQuiet(metricsUrl, 300);
    const roots = `sum(${TIME}_count{method!~".*[.].*"})`;
    await eventually('Prometheus has seen every request', async () => (await prometheus.query(roots))[0]?.value === 300, 30_000);
    const byRoot = await prometheus.query(`sum by (method) (${TIME}_count{method!~".*[.].*"})`);
    expect(Object.fromEntries(byRoot.map(({ metric, value }) => [metric.method, value]))).toEqual(await countsByRoot(metricsUrl));
    expect(await prometheus.query('sum(shop_answers_total)')).toEqual([{ metric: {}, value: 300 }]);
    expect(await prometheus.query('shop_build_info')).toMatchObject([{ metric: { node: process.version }, value: 1 }]);
    expect(await promtoolCheckMetrics(await (await fetch(metricsUrl)).text())).toEqual([]);
  } finally {
    await prometheus.stop();
  }
  shop.signal('SIGINT');
  await expectCleanEnd(shop, opened);
});

async function countsByRoot(metricsUrl: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const sample of await scrape(metricsUrl)) {
    const path = sample.labels.method;
    if (sample.name === `${TIME}_count` && path !== undefined && isRoot(sample)) counts[path] = (counts[path] ?? 0) + sample.value;
  }
  return counts;
}
