import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import { CollectorService } from '../../src/collector/collector-service.js';
import type { RunningServer } from '../../src/collector/http-server.js';
import { startServer } from '../../src/collector/server.js';
import { aBatch, aDelta } from '../collector/a-batch.js';
import { AProducer } from '../collector/a-producer.js';
import { ask } from '../collector/http.js';
import { logSink } from '../diagnostics/log-sink.js';
import { eventually } from '../support/eventually.js';
import { newFolder, root } from '../support/project.js';

/** Readers that are many, slow, or come at a bad moment: nobody waits for them, and everybody gets all of it. */

const SERIES = 10_000;
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Reads a URL over so many connections at once; writes how many bytes and lines each brought, and the longest time. */
const READ_ALL = `
  const [, url, readers] = process.argv;
  const start = performance.now();
  Promise.all(Array.from({ length: Number(readers) }, () => new Promise((resolve, reject) => {
    require('node:http').get(url, { agent: false }, (response) => {
      let bytes = 0, lines = 0;
      response.on('data', (chunk) => {
        bytes += chunk.length;
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
      });
      response.on('end', () => resolve({ bytes, lines, ms: performance.now() - start }));
      response.on('error', reject);
    }).on('error', reject);
  }))).then((all) => console.log(JSON.stringify(all)));`;

/** Takes one byte a second. */
const READ_SLOWLY = `
  const [, url, port] = process.argv;
  const socket = require('node:net').connect({ port: Number(port), host: '127.0.0.1' }, () => socket.write('GET /metrics HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'));
  socket.pause();
  socket.on('error', () => {});
  setInterval(() => socket.read(1), 1000);
  console.log('[]');`;

let collector: Collector;
let server: RunningServer;
let hooks = 0;
const children = new Set<ChildProcess>();

function rows(add: number) {
  return Array.from({ length: SERIES }, (_, i) => ({
    labelValues: [`/api/v1/things/${i % 100}`, `code-${Math.floor(i / 100)}`],
    counts: BOUNDS.map(() => add).concat(add),
    sum: add,
  }));
}

beforeEach(async () => {
  hooks = 0;
  collector = new Collector();
  collector.apply(aBatch(aDelta('histogram', { name: 'h', bounds: BOUNDS, labelNames: ['route', 'code'] }, rows(1))));
  server = await startServer(collector, () => void hooks++, { port: 0 });
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await server.close();
});

interface Read {
  readonly bytes: number;
  readonly lines: number;
  readonly ms: number;
}

async function run(script: string, ...args: string[]): Promise<Read[]> {
  const child = spawn(process.execPath, ['-e', script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await Promise.race([once(child.stdout, 'end'), eventually('it reports', () => output.endsWith('\n'), 120_000)]);
  return JSON.parse(output) as Read[];
}

/**
 * Tells what one turn of this process's event loop took at most, and how its memory grew, while something goes on. In CPU time, because a machine that
 * has other work stalls every process; the time on the clock stands beside it.
 */
async function watched<T>(what: string, work: () => Promise<T>): Promise<T> {
  const memory = () => process.memoryUsage().rss / 1e6;
  const before = memory();
  const cpuTime = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  let peak = before;
  let most = { cpu: 0, clock: 0 };
  let last = { cpu: cpuTime(), clock: performance.now() };
  const start = last;
  const result = work();
  // Starting another process is no part of it.
  last = { cpu: cpuTime(), clock: performance.now() };
  const timer = setInterval(() => {
    const now = { cpu: cpuTime(), clock: performance.now() };
    most = { cpu: Math.max(most.cpu, now.cpu - last.cpu), clock: Math.max(most.clock, now.clock - last.clock) };
    peak = Math.max(peak, memory());
    last = now;
  }, 1);
  try {
    return await result;
  } finally {
    clearInterval(timer);
    console.log(
      `${what}: ${Math.round(performance.now() - start.clock)} ms, ${Math.round(cpuTime() - start.cpu)} ms of CPU, ` +
        `one turn ${most.cpu.toFixed(1)} ms of CPU at most (${most.clock.toFixed(1)} ms on the clock), memory +${Math.round(peak - before)} MB`,
    );
  }
}

const LINES = SERIES * 14 + 2;

test('one scrape, for comparison', async () => {
  const [read] = await watched('1 scrape', () => run(READ_ALL, `${server.url}/metrics`, '1'));
  expect(read!.lines).toBe(LINES);
});

test('200 scrapes at once, beside a reader of one byte a second', { timeout: 180_000 }, async () => {
  await run(READ_SLOWLY, '', String(server.port));
  const all = await watched('200 scrapes at once beside a slow one', () => run(READ_ALL, `${server.url}/metrics`, '200'));
  expect(all.map(({ lines }) => lines)).toEqual(all.map(() => LINES));
  expect(all.length).toBe(200);
  expect(collector.self.scrapes).toMatchObject({ complete: 200, failed: 0 });
  console.log(`200 scrapes shared ${hooks} renders of ${(all[0]!.bytes / 1e6).toFixed(1)} MB; slowest ${Math.round(all.at(-1)!.ms)} ms`);
  expect(hooks).toBeLessThan(100);
});

test('a scrape during a snapshot', { timeout: 120_000 }, async () => {
  let slices = 0;
  let isOver = false;
  const snapshots = (async () => {
    while (!isOver) {
      for (const _slice of collector.snapshot()) {
        slices++;
        await nextTurn();
      }
    }
  })();
  const [read] = await watched('1 scrape during snapshots', () => run(READ_ALL, `${server.url}/metrics`, '1'));
  isOver = true;
  await snapshots;
  expect(read!.lines).toBe(LINES);
  expect(slices).toBeGreaterThan(1);
});

test('a scrape while 500 producers push', { timeout: 120_000 }, async () => {
  const producers = Array.from({ length: 500 }, (_, i) => new AProducer({ worker: String(i), boot: `b${i}` }));
  const changed = rows(1);
  let isOver = false;
  let batches = 0;
  const pushing = (async () => {
    while (!isOver) {
      const producer = producers[batches % producers.length]!;
      const from = (batches * 20) % SERIES;
      const delta = aDelta('histogram', { name: 'h', bounds: BOUNDS, labelNames: ['route', 'code'] }, changed.slice(from, from + 20));
      expect(collector.apply(producer.batch([delta]))).toBe('new');
      batches++;
      await nextTurn();
    }
  })();
  const [read] = await watched('1 scrape while 500 producers push', () => run(READ_ALL, `${server.url}/metrics`, '1'));
  isOver = true;
  await pushing;
  expect(read!.lines).toBe(LINES);
  const total = Number(/^h_count\{.*\} (\d+)$/m.exec(collector.text())?.[1]);
  expect(total).toBeGreaterThanOrEqual(BOUNDS.length + 1);
  console.log(`${batches} batches of 20 series were applied meanwhile`);
  expect(batches).toBeGreaterThan(50);
});

test('whoever connects and says nothing is cut off within 15 s, over TLS as well, and counted', async () => {
  const pem = (name: string): string => readFileSync(join(root, 'test/fixtures/tls', name), 'utf8');
  const folder = await newFolder();
  const sockets = ['plain', 'tls'].map((name) => join(folder, name));
  const tls = { cert: pem('server.crt'), key: pem('server.key') };
  const services = await Promise.all(
    sockets.map((socket, i) =>
      CollectorService.start({ listen: { host: '127.0.0.1', port: 0 }, socket, tls: i === 1 ? tls : undefined, logger: logSink() }),
    ),
  );
  const silent = async ({ url }: CollectorService): Promise<number> => {
    const start = performance.now();
    const socket = connect(Number(new URL(url!).port), '127.0.0.1').resume();
    socket.on('error', () => undefined);
    await once(socket, 'close');
    return (performance.now() - start) / 1000;
  };
  const seconds = await Promise.all(services.map(silent));
  const own = await Promise.all(sockets.map((socketPath) => ask('http://localhost/-/metrics', { socketPath })));
  const refused = own.map(({ body }) => body.match(/^phanos_collector_refused_requests_total\{.*\} 1$/gm));
  console.log(`silent connections were cut off after ${seconds.map((s) => s.toFixed(1)).join(' s, and over TLS after ')} s`);
  for (const time of seconds) expect(time).toBeLessThan(16);
  expect(refused).toEqual(['timeout', 'tls'].map((reason) => [`phanos_collector_refused_requests_total{reason="${reason}"} 1`]));
  await Promise.all(services.map((service) => service.close()));
});
