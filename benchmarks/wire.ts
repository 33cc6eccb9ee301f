import { deflateSync } from 'node:zlib';
import type { Group, Probe } from './harness.js';
import { type Extent, type Observing, phanosSeries, promSeries } from './many-series.js';
import { ownTransport } from './own-transport.js';
import type { Row } from './row.js';
import { countingProfiler } from './subjects.js';

/** What goes from a worker to the one who collects, for each histogram series that has changed. */

const EXTENT: Extent = { metrics: 1, routes: 50 };
const SERIES = 5000;
/** As phanos compresses batches that leave the machine. */
const FASTEST = { level: 1 };

export const wire: Group = {
  name: 'wire',
  rounds: 1,
  cases: { phanos, 'prom-client': promClient },
  rows(best) {
    const row = (what: string, figure: string): Row => ({ what, best: best('phanos', figure), unit: 'B' });
    const beside = { name: "prom-client's answer to a scrape", best: best('prom-client', 'bytes') };
    return [
      { ...row('bytes a histogram series a flush, 1 observation each: between processes', 'bytes'), beside },
      row('bytes a histogram series a flush, 1 observation each: over HTTP or AMQP', 'packed'),
      { ...row('bytes a histogram series a flush, 100 observations each: between processes', 'bytesOfMany'), beside },
      row('bytes a histogram series a flush, 100 observations each: over HTTP or AMQP', 'packedOfMany'),
    ];
  },
};

/** The second flush: the first one makes series known. */
async function phanos(): Promise<Probe> {
  let bytes = 0;
  let packed = 0;
  const collector = ownTransport((body) => {
    bytes += body.byteLength / SERIES;
    packed += deflateSync(body, FASTEST).byteLength / SERIES;
    return { kind: 'stored', epoch: 'only' };
  });
  const profiler = countingProfiler({ timeProfile: false, responseSizeProfile: false, flushInterval: 60_000, collector });
  const { children } = await phanosSeries(profiler, undefined, EXTENT);
  await profiler.flush();
  return {
    async measure() {
      bytes = packed = 0;
      observeDurations(children);
      await profiler.flush();
      const once = { bytes, packed };
      bytes = packed = 0;
      for (let i = 0; i < 100; i++) observeDurations(children);
      await profiler.flush();
      return { ...once, bytesOfMany: bytes, packedOfMany: packed };
    },
  };
}

async function promClient(): Promise<Probe> {
  const { registry, children } = await promSeries(EXTENT);
  return {
    async measure() {
      observeDurations(children);
      return { bytes: Buffer.byteLength(JSON.stringify(await registry.getMetricsAsJSON())) / SERIES };
    },
  };
}

/** Seconds as they are measured, with all their digits, and of an order that nothing can be made of. */
function observeDurations(children: readonly Observing[]): void {
  for (const child of children) child.observe(10 ** (Math.random() * 4 - 3));
}
