import type { WorkerStatus } from '../house/open-shop.js';
import { type Calls, since } from './calls.js';
import type { LiveView } from './live-view.js';
import type { Numbers } from './numbers.js';

/** Milliseconds between looks. */
const INTERVAL = 1000;

/** Looks at the numbers each second and shows what was added, until it is stopped. */
export class Watch {
  readonly #read: Numbers['read'];
  readonly #view: LiveView;
  readonly #workers: () => readonly WorkerStatus[];
  readonly #start = performance.now();
  readonly #timer: NodeJS.Timeout;
  #lastLook = this.#start;
  #lastCalls: ReadonlyMap<string, Calls> = new Map();
  #looking: Promise<void> | undefined;
  #stopped: Promise<number> | undefined;

  constructor({ read }: Numbers, view: LiveView, workers: () => readonly WorkerStatus[]) {
    this.#read = read;
    this.#workers = workers;
    this.#view = view;
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, INTERVAL);
  }

  /** Ends the view, and returns the seconds that were watched; a second call changes nothing. */
  stop(): Promise<number> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<number> {
    clearInterval(this.#timer);
    const seconds = (performance.now() - this.#start) / 1000;
    await this.#looking;
    this.#view.close();
    return seconds;
  }

  async #look(): Promise<void> {
    // One look that fails leaves out a second; the last one, for the final table, must not fail.
    const calls = await this.#read().catch(() => undefined);
    if (calls === undefined) return;
    const now = performance.now();
    const times = { at: (now - this.#start) / 1000, span: (now - this.#lastLook) / 1000 };
    this.#view.show({ ...times, calls: since(this.#lastCalls, calls), workers: this.#workers() });
    this.#lastLook = now;
    this.#lastCalls = calls;
  }
}
