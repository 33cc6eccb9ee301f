import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DurableCollector } from 'phanos/collector';
import type { Group, MakeCase } from './harness.js';
import { type Extent, phanosSeries, promSeries, SERIES, seriesProfiler, WHOLE } from './many-series.js';
import { ownTransport } from './own-transport.js';
import type { Row } from './row.js';
import { countingProfiler, expectEqual } from './subjects.js';

/** Resident memory of histogram series, in processes that hold nothing else. */

const NATIVE: Extent = { ...WHOLE, durations: 20 };

export const memory: Group = {
  name: 'memory',
  rounds: 1,
  // The young generation grows with the speed at which the series are made, and would be most of what is seen.
  flags: ['--max-semi-space-size=1'],
  cases: {
    client: grownBy(loadPhanos, () => phanosSeries()),
    'client and collector': grownBy(loadPhanos, () => withCollector()),
    'client and service': grownBy(loadPhanos, withService),
    'native client': grownBy(loadPhanos, () => phanosSeries(seriesProfiler(), undefined, NATIVE)),
    'native client, handed over': grownBy(loadPhanos, handedOver),
    'native client and collector': grownBy(loadPhanos, () => withCollector(NATIVE)),
    'prom-client': grownBy(
      () => import('prom-client'),
      () => promSeries(),
    ),
  },
  rows(best) {
    const beside = { name: 'prom-client', best: best('prom-client', 'bytes') };
    const row = (what: string, bytes: number, limit = 400): Row => ({
      what,
      best: bytes,
      unit: 'B',
      beside,
      budget: { kind: 'atMost', limit },
    });
    const collectorOfNative = best('native client and collector', 'bytes') - best('native client, handed over', 'bytes');
    return [
      row('RSS a histogram series of 11 buckets, client', best('client', 'bytes')),
      row('RSS a histogram series of 11 buckets, embedded collector', best('client and collector', 'bytes') - best('client', 'bytes')),
      row('RSS a histogram series of 11 buckets, collector service', best('client and service', 'bytes') - best('client', 'bytes')),
      row('  same with native buckets of 20 durations, client before it hands over', best('native client', 'bytes'), 900),
      row('  same with native buckets of 20 durations, embedded collector', collectorOfNative, 900),
    ];
  },
};

function loadPhanos(): Promise<void> {
  return seriesProfiler().ready();
}

/** The collector takes in one metric after the other, as it would second by second. */
async function withCollector(extent = WHOLE): Promise<unknown> {
  const profiler = seriesProfiler();
  await profiler.ready();
  return phanosSeries(profiler, () => profiler.flush(), extent);
}

/** The same with the collector of a service, which has a journal and shows job and instance. */
async function withService(): Promise<unknown> {
  const directory = mkdtempSync(join(tmpdir(), 'phanos-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true })).once('SIGTERM', () => process.exit());
  const durable = await DurableCollector.open({ directory, limits: { seriesPerJob: SERIES } });
  const profiler = countingProfiler({
    timeProfile: false,
    responseSizeProfile: false,
    flushInterval: 60_000,
    collector: ownTransport((body) => durable.receive(body)),
  });
  const kept = await phanosSeries(profiler, () => profiler.flush());
  expectEqual('operations', durable.collector.self.operations, SERIES);
  expectEqual('rows folded', durable.collector.adjusted.total, 0);
  return { kept, durable };
}

/** What a client keeps once a collector elsewhere has it all. */
async function handedOver(): Promise<unknown> {
  const collector = ownTransport(() => ({ kind: 'stored', epoch: 'only' }));
  const profiler = countingProfiler({ timeProfile: false, responseSizeProfile: false, flushInterval: 60_000, collector });
  return phanosSeries(profiler, () => profiler.flush(), NATIVE);
}

/**
 * Bytes a series by which the process grows while they are made, once garbage is collected.
 *
 * @param load has all code loaded before
 */
function grownBy(load: () => Promise<unknown>, make: () => Promise<unknown>): MakeCase {
  return () => ({
    async measure() {
      await load();
      const before = await residentBytes();
      const kept = await make();
      const bytes = (await residentBytes()) - before;
      if (kept === undefined) throw new Error('nothing was made');
      return { bytes: bytes / SERIES };
    },
  });
}

async function residentBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    // Freed pages go back to the system in the background.
    await delay(50);
  }
  return process.memoryUsage.rss();
}
