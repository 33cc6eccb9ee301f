import { setTimeout as delay } from 'node:timers/promises';
import type { Group, MakeCase } from './harness.js';
import { phanosSeries, promSeries, SERIES, seriesProfiler } from './many-series.js';
import type { Row } from './row.js';

/** Resident memory of histogram series, in processes that hold nothing else. */

export const memory: Group = {
  name: 'memory',
  rounds: 1,
  // The young generation grows with the speed at which the series are made, and would be most of what is seen.
  flags: ['--max-semi-space-size=1'],
  cases: {
    client: grownBy(loadPhanos, () => phanosSeries()),
    'client and collector': grownBy(loadPhanos, withCollector),
    'prom-client': grownBy(() => import('prom-client'), promSeries),
  },
  rows(best) {
    const beside = { name: 'prom-client', best: best('prom-client', 'bytes') };
    const row = (what: string, bytes: number): Row => ({ what, best: bytes, unit: 'B', beside, budget: { kind: 'atMost', limit: 400 } });
    return [
      row('RSS a histogram series of 11 buckets, client', best('client', 'bytes')),
      row('RSS a histogram series of 11 buckets, embedded collector', best('client and collector', 'bytes') - best('client', 'bytes')),
    ];
  },
};

function loadPhanos(): Promise<void> {
  return seriesProfiler().ready();
}

/** The collector takes in one metric after the other, as it would second by second. */
async function withCollector(): Promise<unknown> {
  const profiler = seriesProfiler();
  await profiler.ready();
  return phanosSeries(profiler, () => profiler.flush());
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
