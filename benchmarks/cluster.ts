import nodeCluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CLUSTER_SERIES, type ClusterLibrary } from './cluster-worker.js';
import type { Figures, Group, Probe } from './harness.js';
import type { Row } from './row.js';
import { countingProfiler, expectEqual, sampleSum } from './subjects.js';

/** What the primary of a cluster spends on a scrape: eight workers that have the same 5 000 histogram series each. */

const WORKERS = 8;
const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

export const cluster: Group = {
  name: 'cluster',
  rounds: 3,
  cases: {
    'phanos, all changed': () => phanos(true),
    'phanos, nothing changed': () => phanos(false),
    'prom-client, all changed': () => promClient(true),
    'prom-client, nothing changed': () => promClient(false),
  },
  rows(best) {
    const row = (what: string, name: string, figure: string): Row => ({
      what,
      best: best(`phanos, ${name}`, figure),
      unit: 'ms',
      beside: { name: 'prom-client', best: best(`prom-client, ${name}`, figure) },
    });
    return [
      {
        ...row('cluster of 8 x 5 000 histograms, all changed: CPU of the primary', 'all changed', 'cpu'),
        budget: { kind: 'timesFaster', limit: 10 },
      },
      row('cluster of 8 x 5 000 histograms, nothing changed: CPU of the primary', 'nothing changed', 'cpu'),
    ];
  },
};

async function phanos(changing: boolean): Promise<Probe> {
  const profiler = countingProfiler({ timeProfile: false, responseSizeProfile: false });
  return scraped('phanos', changing, () => profiler.metrics());
}

async function promClient(changing: boolean): Promise<Probe> {
  const { AggregatorRegistry } = await import('prom-client');
  const registry = new AggregatorRegistry();
  waitLonger();
  return scraped('prom-client', changing, () => registry.clusterMetrics());
}

/** prom-client gives up after 5 s, which eight workers on a few busy cores may well exceed; what is measured here is CPU time. */
function waitLonger(): void {
  const { setTimeout: original } = globalThis;
  const longer = (callback: () => void, milliseconds?: number) => original(callback, milliseconds === 5000 ? 120_000 : milliseconds);
  globalThis.setTimeout = Object.assign(longer, { __promisify__: original.__promisify__ });
}

/** Measures from the first observation to the end of the scrape: what workers hand over on their own in between counts as well. */
async function scraped(library: ClusterLibrary, changing: boolean, text: () => Promise<string>): Promise<Probe> {
  nodeCluster.setupPrimary({ exec: MAIN, args: ['--cluster-worker', library], execArgv: [] });
  const workers = Array.from({ length: WORKERS }, () => nodeCluster.fork());
  await Promise.all(workers.map((worker) => answerOf(worker)));
  let observed = 1;
  const measure = async (): Promise<Figures> => {
    const before = process.cpuUsage();
    if (changing) {
      observed++;
      await Promise.all(
        workers.map((worker) => {
          const answer = answerOf(worker);
          worker.send('observe');
          return answer;
        }),
      );
    }
    const whole = await text();
    const { user, system } = process.cpuUsage(before);
    expectEqual('observations', sampleSum(whole, 'things_0_count'), WORKERS * CLUSTER_SERIES * observed);
    return { cpu: (user + system) / 1000 };
  };
  // The first scrape meets code that was never run, and series that were never seen.
  await measure();
  return { measure };
}

async function answerOf(worker: Worker): Promise<void> {
  for (;;) {
    const [message] = (await once(worker, 'message')) as [unknown];
    if (message === 'done') return;
  }
}
