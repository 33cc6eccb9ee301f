import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Histogram, Profiler } from 'phanos';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Scrapes } from '../../src/collector/scrape.js';
import type { ExposedFamily } from '../../src/exposition/exposed-family.js';
import { CONTENT_TYPES } from '../../src/record/exposed.js';
import { CountArena } from '../../src/sketch/count-arena.js';
import { DEFAULT_MAX_BUCKETS, DEFAULT_SCALE, DEFAULT_ZERO_THRESHOLD, Sketch } from '../../src/sketch/sketch.js';
import { eventually } from '../support/eventually.js';
import { Prometheus, type PrometheusSample } from '../support/prometheus.js';
import { family } from './a-family.js';
import { collectorOf, matrix, readable } from './hostile-families.js';
import { labelKey } from './parse-text.js';
import { expectedSamples, plainZeros, type Samples } from './shown-samples.js';

/** A real Prometheus takes what it negotiates, with and without native histograms, and answers queries about it. */

const plain = matrix();
/** Seconds; some of each sign, zeros, one too large for any bucket. */
const observed = Array.from({ length: 5000 }, (_, i) => Math.exp(((i * 7919) % 5000) / 700 - 5));
const shape = { maxBuckets: DEFAULT_MAX_BUCKETS, zeroThreshold: DEFAULT_ZERO_THRESHOLD, scale: DEFAULT_SCALE };
const TRACE = { labels: [['trace_id', 'abc"\\']] as const, value: 0.7, timestamp: Date.now() };

function sketchOf(values: readonly number[]): Sketch {
  const sketch = new Sketch({ ...shape, arena: new CountArena() });
  for (const value of values) sketch.add(value);
  return sketch;
}

function withSketch(name: string, values: readonly number[]): ExposedFamily {
  const bounds = [0.1, 1, 10];
  const counts = [...bounds, Number.POSITIVE_INFINITY].map(
    (upper, i) => values.filter((v) => v <= upper && v > (bounds[i - 1] ?? -1e300)).length,
  );
  const cells = Float64Array.from([...counts, values.reduce((a, b) => a + b, 0)]);
  const exemplars = [undefined, TRACE];
  return family('histogram', {}, { name, bounds, series: [{ labels: '', cells, offset: 0, sketch: sketchOf(values), exemplars }] });
}

const both = [...observed, ...observed.map((value) => -value), ...Array.from({ length: 100 }, () => 0)];
const native = [withSketch('native', observed), withSketch('native_both', both), withSketch('native_empty', [])];

const traced = family(
  'counter',
  {},
  {
    name: 'traced',
    series: [
      { labels: '', cells: Float64Array.of(3), offset: 0, exemplars: [TRACE] },
      // Prometheus refuses the whole scrape for it.
      { labels: 'a="1"', cells: Float64Array.of(1), offset: 0, exemplars: [{ ...TRACE, labels: [['trace_id', 'a\0b']] as const }] },
    ],
  },
);

let server: Server;
/** The same observations by way of a whole program. */
let profiler: Profiler;
let programTarget: string;
let target: string;
/** Content types of the answers. */
const given = new Set<string | undefined>();

beforeAll(async () => {
  const collector = collectorOf(plain);
  const scrapes = new Scrapes({ families: () => [...collector.families, ...native, traced] });
  server = createServer((request, response) => {
    const writeHead = response.writeHead.bind(response) as (status: number, headers: Record<string, string>) => ServerResponse;
    response.writeHead = ((status: number, headers: Record<string, string>) => {
      given.add(headers['content-type']);
      return writeHead(status, headers);
    }) as never;
    void scrapes.handle(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  profiler = new Profiler().config({ job: 'shop', timeProfile: false, responseSizeProfile: false, collector: 'local' });
  const took = new Histogram({ name: 'took', units: 's', buckets: [0.1, 1, 10], labelNames: ['kind'], native: true, profiler });
  for (const value of observed) took.observe(value, { kind: 'a' });
  programTarget = new URL((await profiler.serve({ port: 0 })).url).host;
  target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await profiler.close();
  server.closeAllConnections();
  server.close();
});

describe.each([
  ['with native histograms, by protobuf', ['--enable-feature=native-histograms,exemplar-storage'], 'protobuf'],
  ['without them, by OpenMetrics', ['--enable-feature=exemplar-storage'], 'openmetrics'],
] as const)('Prometheus %s', (_what, flags, format) => {
  let prometheus: Prometheus;

  // The first run on a machine may have to fetch it.
  beforeAll(async () => {
    given.clear();
    const config = { job_name: 'matrix', honor_labels: true, static_configs: [{ targets: [target, programTarget] }] };
    prometheus = await Prometheus.start([config], '1s', flags);
    await eventually('it has scraped', async () => (await prometheus.query('up == 1')).length === 2, 30_000);
  }, 330_000);

  afterAll(() => prometheus?.stop());

  test('it gets the format that it asks for', () => {
    expect([...given]).toEqual([CONTENT_TYPES[format]]);
  });

  test('it keeps every sample of the matrix, and nothing else', async () => {
    const found = await prometheus.query(`{__name__!~"up|scrape_.*|native.*|traced.*",instance="${target}"}`);
    expect(plainZeros(samplesIn(found))).toEqual(plainZeros(expectedSamples(readable(plain), format)));
  });

  test('quantiles', async () => {
    const [low, high] = format === 'protobuf' ? [1 / width(observed), width(observed)] : [0.1, 10];
    const suffix = format === 'protobuf' ? '' : '_bucket';
    for (const q of [0.01, 0.25, 0.5, 0.9, 0.99]) {
      const [sample] = await prometheus.query(`histogram_quantile(${q}, native${suffix})`);
      const [whole] = await prometheus.query(`histogram_quantile(${q}, took_seconds${suffix})`);
      const sorted = [...observed].sort((a, b) => a - b);
      const exact = sorted[Math.ceil(q * sorted.length) - 1]!;
      if (format === 'openmetrics' && exact > 10) continue;
      expect(sample!.value / exact, `quantile ${q}`).toBeGreaterThan(low);
      expect(sample!.value / exact, `quantile ${q}`).toBeLessThan(high);
      expect(whole).toEqual({ metric: { instance: programTarget, job: 'matrix', kind: 'a' }, value: sample!.value });
    }
  });

  test('exemplars', async () => {
    const names = format === 'protobuf' ? ['traced_total', 'native'] : ['traced_total', 'native_bucket'];
    for (const name of names) {
      const answer = await eventually(`exemplars of ${name} are there`, async () => {
        const url = `${prometheus.url}/api/v1/query_exemplars?query=${name}&start=${Date.now() / 1000 - 600}&end=${Date.now() / 1000 + 600}`;
        const { data } = (await (await fetch(url)).json()) as { data: readonly { exemplars: readonly object[] }[] };
        return data.length > 0 && data[0]!.exemplars;
      });
      // This version of Prometheus keeps the escapes of OpenMetrics in exemplars as they are.
      const expected = format === 'protobuf' ? 'abc"\\' : 'abc\\"\\\\';
      expect(answer[0]).toMatchObject({ labels: { trace_id: expected }, value: '0.7' });
    }
  });

  if (format !== 'protobuf') return;

  test('counts and sums of native histograms, of both signs and without observations', async () => {
    const ask = async (expression: string): Promise<number | undefined> => (await prometheus.query(expression))[0]?.value;
    expect(await ask('histogram_count(native)')).toBe(observed.length);
    expect(await ask('histogram_count(native_both)')).toBe(both.length);
    expect(await ask('histogram_sum(native)')).toBeCloseTo(
      observed.reduce((a, b) => a + b, 0),
      6,
    );
    expect(await ask('histogram_count(native_empty)')).toBe(0);
    expect(await ask('histogram_fraction(-Inf, 0, native_both)')).toBeCloseTo((observed.length + 50) / both.length, 2);
    expect(await ask('count(native_bucket)')).toBeUndefined();
  });
});

/** How much wider the values of one bucket may be than each other. */
function width(values: readonly number[]): number {
  return 2 ** (2 ** -sketchOf(values).scale);
}

function samplesIn(found: readonly PrometheusSample[]): Samples {
  const samples = new Map<string, number>();
  for (const { metric, value } of found) {
    const { __name__: name, instance: _, job, ...labels } = metric;
    // Where a series brings none, Prometheus puts its own.
    samples.set(name + labelKey(job === undefined || job === 'matrix' ? labels : { ...labels, job }), value);
  }
  return samples;
}
