import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import { type Figures, type Group, PEER_MODULE, type Probe, type Timed } from './harness.js';
import { type Observing, observeAll, phanosSeries, promSeries, SERIES } from './many-series.js';
import { successor } from './peer.js';
import type { Row } from './row.js';
import { expectEqual, sampleSum } from './subjects.js';

/** Writing 100 000 histogram series as text, and serving them. */

/** 12 buckets, sum and count of each series, and two lines of header a metric. */
const LINES = SERIES * 14 + 20;
/** Metrics that prom-client parts by an empty line. */
const PROM_LINES = LINES + 9;
const SUCCESSOR = '@prometheus-io/client';
const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

export const render: Group = {
  name: 'render',
  rounds: 3,
  cases: {
    phanos: () => phanosWritten(undefined),
    'phanos, OpenMetrics': () => phanosWritten('application/openmetrics-text'),
    'phanos, protobuf': () => phanosWritten('application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited'),
    'prom-client': () => promWritten(),
    successor: () => promWritten(process.env[PEER_MODULE]),
    'phanos in memory': () => phanosText(),
    'prom-client in memory': () => promText(),
    'phanos served': () => phanosServed(false),
    'prom-client served': () => promServed(false),
    'successor served': () => promServed(false, process.env[PEER_MODULE]),
    'phanos served, all changed': () => phanosServed(true),
    'prom-client served, all changed': () => promServed(true),
  },
  peers: { successor, 'successor served': successor },
  rows(best) {
    const ms = (name: string): number => best(name) / 1e6;
    const beside = (peer: string, value: number) => ({ name: peer === 'successor' ? SUCCESSOR : peer, best: value });
    const written = (what: string, name: string, peer: string): Row => ({
      what: `100k histograms ${what}`,
      best: ms(name),
      unit: 'ms',
      beside: beside(peer, ms(peer)),
    });
    const served = (name: string, peer: string, isJudged: boolean): Row[] => {
      const row = (what: string, figure: string, unit: 'ms' | 'MB', limit?: number): Row => ({
        what: `100k histograms ${name}: ${what}`,
        best: best(`phanos ${name}`, figure),
        unit,
        beside: beside(peer, best(`${peer} ${name}`, figure)),
        ...(limit === undefined || !isJudged ? {} : { budget: { kind: 'atMost', limit } }),
      });
      return [
        row('CPU', 'cpu', 'ms'),
        row('first byte', 'firstByte', 'ms'),
        row('longest stall of the event loop', 'stall', 'ms', 25),
        row('peak growth of the heap', 'heap', 'MB', 60),
      ];
    };
    return [
      { ...written('written as text', 'phanos', 'prom-client'), budget: { kind: 'timesFaster', limit: 10 } },
      written('written as text', 'phanos', 'successor'),
      written('written as OpenMetrics, beside text', 'phanos, OpenMetrics', 'prom-client'),
      written('written as protobuf, beside text', 'phanos, protobuf', 'prom-client'),
      written('as one string', 'phanos in memory', 'prom-client in memory'),
      ...served('served', 'prom-client', true),
      ...served('served', 'successor', false),
      ...served('served, all changed', 'prom-client', true),
    ];
  },
};

async function phanosWritten(accept: string | undefined): Promise<Timed> {
  const { profiler } = await phanosSeries();
  const isBinary = accept?.includes('protobuf') === true;
  return written((request, response) => profiler.metricsHandler(request, response), accept, !isBinary);
}

async function promWritten(peer?: string): Promise<Timed> {
  const { registry } = await promSeries(undefined, peer);
  return written((_request, response) => void registry.metrics().then((text) => response.end(text)), undefined, true);
}

/** Answers into a connection that takes everything: what a scrape costs, without the system's share of it. */
function written(answer: (request: IncomingMessage, response: ServerResponse) => void, accept: string | undefined, isText: boolean): Timed {
  const scrape = async (take: (chunk: Buffer) => void): Promise<void> => {
    const request = new IncomingMessage(new Socket());
    request.method = 'GET';
    if (accept !== undefined) request.headers.accept = accept;
    const response = new ServerResponse(request);
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        take(chunk);
        done();
      },
    });
    response.assignSocket(sink as Socket);
    // As a server does for its connections.
    sink.on('drain', () => response.emit('drain'));
    answer(request, response);
    await once(response, 'finish');
  };
  return {
    async run(times) {
      let length = 0;
      for (let i = 0; i < times; i++) {
        await scrape((chunk) => {
          length += chunk.length;
        });
      }
      return length;
    },
    async verify() {
      const received: Buffer[] = [];
      await scrape((chunk) => void received.push(chunk));
      const text = Buffer.concat(received).toString('latin1');
      if (!text.startsWith('HTTP/1.1 200 OK')) throw new Error(`the answer begins with ${text.slice(0, 100)}`);
      // Chunks of the transfer may begin in the middle of a line, but for ours.
      if (isText) expectEqual('samples', text.match(/^things_\d_count/gm)?.length, SERIES);
    },
  };
}

async function phanosText(): Promise<Timed> {
  const { profiler } = await phanosSeries();
  return texts(() => profiler.metrics(), LINES);
}

async function promText(): Promise<Timed> {
  const { registry } = await promSeries();
  return texts(() => registry.metrics(), PROM_LINES);
}

function texts(text: () => Promise<string>, lines: number): Timed {
  return {
    async run(times) {
      let length = 0;
      for (let i = 0; i < times; i++) length += (await text()).length;
      return length;
    },
    async verify() {
      const whole = await text();
      expectEqual('lines', whole.split('\n').length - 1, lines);
      const sum = sampleSum(whole.slice(0, whole.indexOf('# HELP things_1')), 'things_0_count');
      expectEqual('observations', sum, SERIES / 10);
    },
  };
}

async function phanosServed(changing: boolean): Promise<Probe> {
  const { profiler, children } = await phanosSeries();
  const { url } = await profiler.serve({ port: 0, keepAlive: true });
  return { measure: () => scrape(`${url}/metrics`, LINES, changing ? children : []) };
}

async function promServed(changing: boolean, peer?: string): Promise<Probe> {
  const { registry, children } = await promSeries(undefined, peer);
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
  const [[lines, firstByte]] = (await once(reader, 'message')) as [[number, number]];
  const { user, system } = process.cpuUsage(before);
  clearInterval(ticker);
  expectEqual('lines', lines, expectedLines);
  return { cpu: (user + system) / 1000, stall, heap: (peak - base) / 1e6, firstByte };
}

/** Bytes of the JavaScript heap and of buffers. */
function heapUsed(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
