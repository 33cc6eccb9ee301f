import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import type { Figures, Group, Probe, Timed } from './harness.js';
import { type Observing, observeAll, phanosSeries, promSeries, SERIES } from './many-series.js';
import type { Row } from './row.js';
import { expectEqual, sampleSum } from './subjects.js';

/** Writing 100 000 histogram series as text, and serving them. */

/** 12 buckets, sum and count of each series, and two lines of header a metric. */
const LINES = SERIES * 14 + 20;
/** Metrics that prom-client parts by an empty line. */
const PROM_LINES = LINES + 9;
const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

export const render: Group = {
  name: 'render',
  rounds: 3,
  cases: {
    phanos: () => phanosText(false),
    'prom-client': () => promText(false),
    'phanos, all changed': () => phanosText(true),
    'prom-client, all changed': () => promText(true),
    'phanos served': () => phanosServed(false),
    'prom-client served': () => promServed(false),
    'phanos served, all changed': () => phanosServed(true),
    'prom-client served, all changed': () => promServed(true),
  },
  rows(best) {
    const ms = (name: string): number => best(name) / 1e6;
    const beside = (value: number) => ({ name: 'prom-client', best: value });
    const served = (what: string, name: string, figure: string, unit: 'ms' | 'MB', limit?: number): Row => ({
      what,
      best: best(`phanos ${name}`, figure),
      unit,
      beside: beside(best(`prom-client ${name}`, figure)),
      ...(limit === undefined ? {} : { budget: { kind: 'atMost', limit } }),
    });
    const text = (what: string, name: string): Row => ({
      what,
      best: ms(`phanos${name}`),
      unit: 'ms',
      beside: beside(ms(`prom-client${name}`)),
    });
    return [
      { ...text('render 100k histograms', ''), budget: { kind: 'timesFaster', limit: 10 } },
      text('observe and render 100k histograms', ', all changed'),
      ...['served', 'served, all changed'].flatMap((name) => [
        served(`100k histograms ${name}: CPU`, name, 'cpu', 'ms'),
        served(`100k histograms ${name}: longest stall of the event loop`, name, 'stall', 'ms', 25),
        served(`100k histograms ${name}: peak growth of the heap`, name, 'heap', 'MB', 60),
      ]),
    ];
  },
};

async function phanosText(changing: boolean): Promise<Timed> {
  const { profiler, children } = await phanosSeries();
  return texts(changing ? () => observeAll(children) : undefined, () => profiler.metrics(), LINES);
}

async function promText(changing: boolean): Promise<Timed> {
  const { registry, children } = await promSeries();
  return texts(changing ? () => observeAll(children) : undefined, () => registry.metrics(), PROM_LINES);
}

function texts(before: (() => void) | undefined, text: () => Promise<string>, lines: number): Timed {
  return {
    async run(times) {
      let length = 0;
      for (let i = 0; i < times; i++) {
        before?.();
        length += (await text()).length;
      }
      return length;
    },
    async verify(times) {
      const whole = await text();
      expectEqual('lines', whole.split('\n').length - 1, lines);
      const sum = sampleSum(whole.slice(0, whole.indexOf('# HELP things_1')), 'things_0_count');
      expectEqual('observations', sum, (SERIES / 10) * (before === undefined ? 1 : times + 1));
    },
  };
}

async function phanosServed(changing: boolean): Promise<Probe> {
  const { profiler, children } = await phanosSeries();
  const { url } = await profiler.serve({ port: 0, keepAlive: true });
  return { measure: () => scrape(`${url}/metrics`, LINES, changing ? children : []) };
}

async function promServed(changing: boolean): Promise<Probe> {
  const { registry, children } = await promSeries();
  const server = createServer((_request, response) => void registry.metrics().then((text) => response.end(text)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { measure: () => scrape(`http://127.0.0.1:${port}/metrics`, PROM_LINES, changing ? children : []) };
}

/** Has another process read it whole, and watches event loop, heap and CPU meanwhile. */
async function scrape(url: string, expectedLines: number, changing: readonly Observing[]): Promise<Figures> {
  observeAll(changing);
  const reader = fork(MAIN, ['--read', url], { execArgv: [] });
  await once(reader, 'message');
  globalThis.gc?.();
  const base = heapUsed();
  let peak = base;
  let stall = 0;
  let last = performance.now();
  const ticker = setInterval(() => {
    const now = performance.now();
    // The interval itself is no stall.
    stall = Math.max(stall, now - last - 1);
    last = now;
    peak = Math.max(peak, heapUsed());
  }, 1);
  const before = process.cpuUsage();
  reader.send('read');
  const [lines] = (await once(reader, 'message')) as [number];
  const { user, system } = process.cpuUsage(before);
  clearInterval(ticker);
  expectEqual('lines', lines, expectedLines);
  return { cpu: (user + system) / 1000, stall, heap: (peak - base) / 1e6 };
}

/** Bytes of the JavaScript heap and of buffers. */
function heapUsed(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
