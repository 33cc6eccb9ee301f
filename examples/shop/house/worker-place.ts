import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { WorkerStatus } from './open-shop.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

/** Hears what happens in a place. */
export interface PlaceListener {
  heard(message: FromWorker, pid: number): void;
  /** @param how a signal or an exit code, in words */
  exited(pid: number, how: string): void;
}

/** One place of the cluster, filled by one process after the other. */
export class WorkerPlace {
  readonly number: number;
  deaths = 0;
  /** When its worker was killed from here, as `Date.now` has it. */
  killedAt: number | undefined;
  #worker: Worker | undefined;
  #openSince: number | undefined;

  constructor(number: number) {
    this.number = number;
  }

  get status(): WorkerStatus {
    const up = this.#openSince === undefined ? undefined : (performance.now() - this.#openSince) / 1000;
    return { number: this.number, pid: this.#worker?.process.pid, up, deaths: this.deaths };
  }

  /** True from the moment that its worker takes requests. */
  get isOpen(): boolean {
    return this.#openSince !== undefined;
  }

  /** Starts a process. */
  fill(listener: PlaceListener): void {
    const worker = cluster.fork();
    const { pid = 0 } = worker.process;
    this.#worker = worker;
    this.killedAt = undefined;
    worker.on('message', (message: FromWorker | { readonly type?: undefined }) => {
      if (message.type === 'opened') this.#openSince = performance.now();
      if (message.type !== undefined) listener.heard(message, pid);
    });
    worker.once('exit', (code: number | null, signal: string | null) => {
      this.#worker = undefined;
      this.#openSince = undefined;
      listener.exited(pid, signal ?? `code ${code}`);
    });
  }

  tell(message: ToWorker): void {
    // A worker that can't be told any more is about to exit.
    if (this.#worker?.isConnected()) this.#worker.send(message, () => undefined);
  }

  kill(): void {
    this.killedAt = Date.now();
    this.#worker?.process.kill('SIGKILL');
  }

  /** Has the worker close and waits for its end; one that doesn't come to it is killed after some milliseconds. */
  async empty(patience: number): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = once(worker, 'exit');
    const impatience = setTimeout(() => this.kill(), patience);
    this.tell({ type: 'close' });
    await ended;
    clearTimeout(impatience);
  }
}
