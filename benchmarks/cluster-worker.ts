import { profiler } from 'phanos';
import { type Extent, type Observing, observeAll, phanosSeries, promSeries } from './many-series.js';

/** A worker of the cluster that is measured: it makes its series, then observes each of them whenever it is told to. */

export type ClusterLibrary = 'phanos' | 'prom-client';

const EXTENT: Extent = { metrics: 1, routes: 50 };

/** Histogram series of each worker. */
export const CLUSTER_SERIES = 5000;

export async function serveClusterWorker(library: ClusterLibrary): Promise<void> {
  const { children, settle } = library === 'phanos' ? await phanosWorker() : await promWorker();
  const settleAndTell = async (): Promise<void> => {
    await settle();
    process.send?.('done');
  };
  process.on('message', (message) => {
    if (message !== 'observe') return;
    observeAll(children);
    void settleAndTell();
  });
  await settleAndTell();
}

interface ClusterWorker {
  readonly children: readonly Observing[];
  /** Resolves when the primary has what there is, if it is told before it asks. */
  readonly settle: () => Promise<void>;
}

async function phanosWorker(): Promise<ClusterWorker> {
  profiler.config({ job: 'bench', timeProfile: false, responseSizeProfile: false });
  const { children } = await phanosSeries(profiler, undefined, EXTENT);
  return { children, settle: () => profiler.flush() };
}

async function promWorker(): Promise<ClusterWorker> {
  const { AggregatorRegistry } = await import('prom-client');
  const { registry, children } = await promSeries(EXTENT);
  AggregatorRegistry.setRegistries(registry);
  new AggregatorRegistry();
  return { children, settle: async () => undefined };
}
