import type { Cluster, Worker as ClusterWorker } from 'node:cluster';
import type { Worker as Thread } from 'node:worker_threads';
import { type CollectorMessage, FIELD, type ProducerMessage, threadChannel, unwrap } from '../record/pipe.js';
import type { Hub } from './hub.js';

/** Attaches the workers of this process to a hub as they come. Returns what takes the listeners back. */
export function watchWorkers(hub: Hub): () => void {
  const stops = [watchThreads(hub), watchCluster(hub)];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Threads of this process, from the moment on in which this file was loaded: a program may start some before it says where series go. */
const threads = new Set<Thread>();
process.on('worker', (thread) => {
  threads.add(thread);
  thread.once('exit', () => threads.delete(thread));
});

function watchThreads(hub: Hub): () => void {
  const started = (thread: Thread): void => {
    const { BroadcastChannel } = process.getBuiltinModule('node:worker_threads');
    const channel = new BroadcastChannel(threadChannel(thread.threadId));
    channel.unref();
    const ended = hub.attach({
      post: (message: CollectorMessage) => channel.postMessage({ [FIELD]: message }),
      onMessage: (listener) => {
        channel.onmessage = (event: unknown) => {
          const message = unwrap<ProducerMessage>((event as MessageEvent).data);
          if (message !== undefined) listener(message);
        };
      },
      close: () => channel.close(),
    });
    thread.once('exit', ended);
  };
  for (const thread of threads) started(thread);
  process.on('worker', started);
  return () => void process.off('worker', started);
}

/** Only where the program itself has loaded `node:cluster`: loading it would load `node:net`. */
function watchCluster(hub: Hub): () => void {
  if (!isClusterLoaded()) return () => undefined;
  const cluster = process.getBuiltinModule('node:cluster') as unknown as Cluster;
  if (!cluster.isPrimary) return () => undefined;
  const known = new Map<ClusterWorker, { readonly hear: (message: ProducerMessage) => void; readonly ended: () => void }>();
  const meet = (worker: ClusterWorker): { readonly hear: (message: ProducerMessage) => void } => {
    let hear = (_message: ProducerMessage): void => undefined;
    const ended = hub.attach({
      post: (message: CollectorMessage) => void (worker.isConnected() && worker.send({ [FIELD]: message }, () => undefined)),
      onMessage: (listener) => {
        hear = listener;
      },
      close: () => undefined,
    });
    const entry = { hear: (message: ProducerMessage) => hear(message), ended };
    known.set(worker, entry);
    return entry;
  };
  const onMessage = (worker: ClusterWorker, arrived: unknown): void => {
    const message = unwrap<ProducerMessage>(arrived);
    if (message !== undefined) (known.get(worker) ?? meet(worker)).hear(message);
  };
  const onExit = (worker: ClusterWorker): void => {
    known.get(worker)?.ended();
    known.delete(worker);
  };
  cluster.on('message', onMessage);
  cluster.on('exit', onExit);
  return () => {
    cluster.off('message', onMessage);
    cluster.off('exit', onExit);
  };
}

function isClusterLoaded(): boolean {
  const { moduleLoadList } = process as { readonly moduleLoadList?: readonly string[] };
  return moduleLoadList === undefined || moduleLoadList.includes('NativeModule cluster');
}
