import cluster from 'node:cluster';
import type { EventEmitter } from 'node:events';
import { parentPort, Worker as Thread } from 'node:worker_threads';
import type { Order } from './orders.js';

/** The workers of a cluster or the threads of a process, and how they talk. */
export interface Crew {
  /** Starts one more. */
  start(): Member;
  /** In a member: hears orders. */
  onOrder(listener: (order: Order) => void): void;
  /** In a member: tells that it is ready, or has done what it was told. */
  answer(told?: () => void): void;
}

export interface Member {
  /** Emits `exit`, and `message` for every message, also those of a library on the same channel. */
  readonly events: EventEmitter;
  tell(order: Order): void;
  /** Ends it without a warning. */
  kill(): void;
}

/** The one message of a member. */
export const ANSWER = 'comparison: done';

export const clusterCrew: Crew = {
  start() {
    const worker = cluster.fork();
    return { events: worker, tell: (order) => void worker.send(order), kill: () => void worker.process.kill('SIGKILL') };
  },
  onOrder: (listener) => void process.on('message', (message) => isOrder(message) && listener(message)),
  answer: (told) => void process.send?.(ANSWER, undefined, undefined, told),
};

/** @param program what a thread runs, with the arguments of this process */
export function threadCrew(program: URL, threads: Set<Thread>): Crew {
  return {
    start() {
      const thread = new Thread(program, { argv: process.argv.slice(2) });
      threads.add(thread);
      thread.once('exit', () => threads.delete(thread));
      return { events: thread, tell: (order) => thread.postMessage(order), kill: () => void thread.terminate() };
    },
    onOrder: (listener) => void parentPort?.on('message', (message) => isOrder(message) && listener(message)),
    answer(told) {
      parentPort?.postMessage(ANSWER);
      // What is posted has left by then.
      if (told !== undefined) setImmediate(told);
    },
  };
}

function isOrder(message: unknown): message is Order {
  return typeof message === 'object' && message !== null && 'do' in message;
}
