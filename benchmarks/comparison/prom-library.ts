import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { isMainThread, parentPort, type Worker as Thread } from 'node:worker_threads';
import type { MetricsLibrary } from './metrics-library.js';

/** A registry of the successor, which knows of orderly ends and of threads. */
interface NewerRegistry {
  shutdown(): Promise<void>;
  workerMetrics(): Promise<string>;
}

type Prom = typeof import('prom-client') & { readonly WorkerRegistry?: new () => NewerRegistry };

/** prom-client and its successor, which have the same interface. */
export function open(module: string): MetricsLibrary {
  const prom = createRequire(import.meta.url)(module) as Prom;
  const jobs = new prom.Counter({ name: 'jobs_total', help: 'Jobs done.' });
  const took = new prom.Summary({ name: 'took', help: 'Time they took.' });
  // Both are to be made in every process or thread, for they are what answers the one that collects.
  const cluster = new prom.AggregatorRegistry();
  const threads = prom.WorkerRegistry === undefined ? undefined : new prom.WorkerRegistry();
  if (threads === undefined && !isMainThread) answerByHand(prom);
  return {
    count: (n) => jobs.inc(n),
    observe: (seconds) => took.observe(seconds),
    async end() {
      const registry = isMainThread ? (cluster as Partial<NewerRegistry>) : threads;
      await registry?.shutdown?.();
    },
    serveCluster: () => serve(() => cluster.clusterMetrics()),
    serveThreads: (running) => serve(() => threads?.workerMetrics() ?? gatherByHand(prom, running)),
  };
}

/** As their examples do: a status of 500 when the metrics can't be gathered. */
async function serve(gather: () => Promise<string>): Promise<string> {
  const server = createServer((_request, response) => {
    gather().then(
      (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

/** What users of prom-client write themselves for threads. */
function answerByHand(prom: Prom): void {
  parentPort?.on('message', (message: { gather?: true }) => {
    if (message.gather) void prom.register.getMetricsAsJSON().then((gathered) => parentPort?.postMessage({ gathered }));
  });
}

async function gatherByHand(prom: Prom, threads: ReadonlySet<Thread>): Promise<string> {
  const own = await prom.register.getMetricsAsJSON();
  const others = await Promise.all([...threads].map(askByHand));
  return prom.AggregatorRegistry.aggregate([own, ...others.filter((metrics) => metrics !== undefined)]).metrics();
}

/** Undefined if the thread ends before it answers. */
function askByHand(thread: Thread): Promise<object[] | undefined> {
  return new Promise((resolve) => {
    const listener = (message: { gathered?: object[] }): void => settle(message.gathered);
    const ended = (): void => settle(undefined, true);
    const settle = (metrics: object[] | undefined, isOver = metrics !== undefined): void => {
      if (!isOver) return;
      thread.off('message', listener);
      thread.off('exit', ended);
      resolve(metrics);
    };
    thread.on('message', listener);
    thread.once('exit', ended);
    thread.postMessage({ gather: true });
  });
}
