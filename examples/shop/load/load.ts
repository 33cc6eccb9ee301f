import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WorkerDeath } from '../house/open-shop.js';
import { Trouble } from '../trouble.js';
import { withResolvers } from '../with-resolvers.js';
import type { FromLoad, ToLoad } from './messages.js';

const PROGRAM = fileURLToPath(new URL('main.js', import.meta.url));
/** Milliseconds that the process gets to answer; its own patience with the shop is less. */
const PATIENCE = 15_000;

/** What the load process reports at its end. */
export type LoadReport = Extract<FromLoad, { type: 'done' }>;

/** The load process, as the shop holds it. */
export class Load {
  /** Never resolves; rejects when the process ends before it was told to. */
  readonly broken: Promise<never>;
  readonly #child: ChildProcess;
  #stopping = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.broken = new Promise((_resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        if (!this.#stopping) reject(new Trouble(`the load process ended with ${signal ?? code} before it was told to`));
      });
    });
    // Whoever waits for it hears of it; nobody has to.
    this.broken.catch(() => undefined);
  }

  /** Starts the process. Nothing is sent yet, but the supplier answers. */
  static async fork(): Promise<{ load: Load; supplierUrl: string }> {
    const load = new Load(fork(PROGRAM, { execArgv: ['--enable-source-maps'] }));
    const { supplierUrl } = await load.#answer('ready');
    return { load, supplierUrl };
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  start(options: Omit<Extract<ToLoad, { type: 'start' }>, 'type'>): void {
    this.#tell({ type: 'start', ...options });
  }

  /** Tells it that a process of the shop was killed. */
  died(death: WorkerDeath): void {
    this.#tell({ type: 'died', ...death });
  }

  /** Has it send nothing more, and resolves with its report once every request is answered. */
  async stop(): Promise<LoadReport> {
    const report = this.#answer('done');
    this.#tell({ type: 'stop' });
    return report;
  }

  /** Ends the process. */
  async end(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const ended = once(child, 'exit');
    const impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    if (child.connected) child.disconnect();
    await ended;
    clearTimeout(impatience);
  }

  #tell(message: ToLoad): void {
    // A process that can't be told any more is gone, and `broken` says so.
    this.#child.send(message, () => undefined);
  }

  async #answer<T extends FromLoad['type']>(type: T): Promise<Extract<FromLoad, { type: T }>> {
    const child = this.#child;
    const { promise, resolve, reject } = withResolvers<Extract<FromLoad, { type: T }>>();
    const timer = setTimeout(() => reject(new Trouble(`the load process did not say '${type}' within ${PATIENCE / 1000} s`)), PATIENCE);
    const listener = (message: FromLoad): void => {
      if (message.type === type) resolve(message as Extract<FromLoad, { type: T }>);
    };
    child.on('message', listener);
    try {
      return await Promise.race([promise, this.broken]);
    } finally {
      clearTimeout(timer);
      child.off('message', listener);
    }
  }
}
