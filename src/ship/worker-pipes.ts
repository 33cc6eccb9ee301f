import type { Cluster } from 'node:cluster';
import { type CollectorMessage, FIELD, type Pipe, type ProducerMessage, threadChannel, unwrap } from '../record/pipe.js';

/** The ends that workers hold. Modules of Node.js are taken when needed: loading `node:cluster` in a plain program would load `node:net`. */

export type WorkerPipe = Pipe<ProducerMessage, CollectorMessage>;

/** The way to whoever started this worker. */
export interface WorkerRoad {
  readonly pipe: WorkerPipe;
  readonly to: 'main thread' | 'primary';
  /** What to do if nobody answers there. */
  readonly remedy: string;
}

const THREAD_REMEDY = "if it does not use phanos, call `profiler.config` there too, or configure collector: 'local' in the thread";
const PRIMARY_REMEDY = "if it does not use phanos, add the line `import 'phanos/primary'` to it";
const PM2_REMEDY =
  'under PM2 it is not your program: start `phanos collect --socket /tmp/phanos.sock` and give the workers ' +
  'PHANOS_COLLECTOR=unix:/tmp/phanos.sock in their environment';

/** A pipe to the main thread if this is a worker thread, to the primary if this is a cluster worker, else undefined. */
export function roadOfWorker(): WorkerRoad | undefined {
  const threads = process.getBuiltinModule('node:worker_threads');
  if (!threads.isMainThread) return { pipe: threadPipe(threads, threads.threadId), to: 'main thread', remedy: THREAD_REMEDY };
  if (process.channel === undefined) return undefined;
  const cluster: unknown = process.getBuiltinModule('node:cluster');
  if (!(cluster as Cluster).isWorker) return undefined;
  return { pipe: clusterPipe(), to: 'primary', remedy: process.env.pm_id === undefined ? PRIMARY_REMEDY : PM2_REMEDY };
}

function threadPipe(threads: typeof import('node:worker_threads'), threadId: number): WorkerPipe {
  const channel = new threads.BroadcastChannel(threadChannel(threadId));
  channel.unref();
  return {
    post: (message) => channel.postMessage({ [FIELD]: message }),
    onMessage: (listener) => {
      channel.onmessage = (event: unknown) => {
        const message = unwrap<CollectorMessage>((event as MessageEvent).data);
        if (message !== undefined) listener(message);
      };
    },
    close: () => channel.close(),
  };
}

function clusterPipe(): WorkerPipe {
  // The declarations of `process` know no such event.
  const internals: NodeJS.EventEmitter = process;
  let remove = (): void => undefined;
  return {
    post: (message) => {
      if (!process.connected) throw new Error('the channel to the primary is closed');
      process.send?.({ [FIELD]: textual(message) }, undefined, undefined, () => undefined);
    },
    onMessage: (listener) => {
      const receive = (arrived: unknown): void => {
        const message = unwrap<CollectorMessage>(arrived);
        if (message !== undefined) listener(message);
      };
      const leave = (arrived: unknown): void => {
        if (isDisconnect(arrived)) listener({ kind: 'leave' });
      };
      process.on('message', receive);
      // Before Node.js hears it, which may close the channel at once.
      internals.prependListener('internalMessage', leave);
      // Listening keeps the channel alive, but in a cluster worker Node.js itself does so already.
      remove = () => {
        process.off('message', receive);
        internals.off('internalMessage', leave);
      };
    },
    close: () => remove(),
  };
}

/**
 * Whether the primary has asked the worker to disconnect: there is a moment left until the channel closes, and no event that everybody may know. Should
 * Node.js ever say it in another way, the worker loses what it had not handed over, as when it is killed.
 */
function isDisconnect(arrived: unknown): boolean {
  const { cmd, act } = (arrived ?? {}) as { readonly cmd?: unknown; readonly act?: unknown };
  return cmd === 'NODE_CLUSTER' && act === 'disconnect';
}

/** The channel of a cluster writes JSON. */
function textual(message: ProducerMessage): ProducerMessage {
  return message.kind === 'batch' && typeof message.body !== 'string'
    ? { ...message, body: Buffer.from(message.body).toString() }
    : message;
}
