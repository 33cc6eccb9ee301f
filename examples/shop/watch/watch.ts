import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { WorkerStatus } from '../house/open-shop.js';
import { Trouble } from '../trouble.js';
import { type Calls, readCalls, since } from './calls.js';
import type { LiveView } from './live-view.js';

/** Milliseconds between looks. */
const INTERVAL = 1000;
/** Milliseconds after which a look is given up. */
const PATIENCE = 5000;

/** Reads the calls from /metrics. */
export async function readMetrics(url: string): Promise<Map<string, Calls>> {
  return readCalls(await textOf(url));
}

/** As Prometheus would: over HTTP. Not by `fetch`, which refuses some ports. */
export async function textOf(url: string): Promise<string> {
  const outgoing = get(url, { agent: false, signal: AbortSignal.timeout(PATIENCE) });
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Trouble(`${url} answered ${response.statusCode}`);
  return text(response);
}

/** Looks at /metrics each second and shows what was added, until it is stopped. */
export class Watch {
  readonly #url: string;
  readonly #view: LiveView;
  readonly #workers: () => readonly WorkerStatus[];
  readonly #start = performance.now();
  readonly #timer: NodeJS.Timeout;
  #lastLook = this.#start;
  #lastCalls: ReadonlyMap<string, Calls> = new Map();
  #looking: Promise<void> | undefined;
  #stopped: Promise<number> | undefined;

  constructor(url: string, view: LiveView, workers: () => readonly WorkerStatus[]) {
    this.#url = url;
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
    const calls = await readMetrics(this.#url).catch(() => undefined);
    if (calls === undefined) return;
    const now = performance.now();
    const times = { at: (now - this.#start) / 1000, span: (now - this.#lastLook) / 1000 };
    this.#view.show({ ...times, calls: since(this.#lastCalls, calls), workers: this.#workers() });
    this.#lastLook = now;
    this.#lastCalls = calls;
  }
}
