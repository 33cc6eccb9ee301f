import type { Metric } from '../metrics/metric.js';
import { shownError } from '../metrics/refusal.js';
import type { Engine } from './engine.js';
import { isPromise } from './promises.js';

/** Milliseconds that a gauge's `collect` is waited for; what it sets later shows at the next scrape. */
const PATIENCE = 100;

/** An answer that is still to come. */
interface Pending {
  readonly answer: Promise<void>;
  /** True once nobody waited for it any longer. */
  isLate: boolean;
}

/** Lets gauges with a `collect` set themselves. */
export class Gauges {
  readonly #engine: Engine;
  /** By the function that was asked: a gauge that is made anew has another. */
  readonly #pending = new Map<() => unknown, Pending>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Asks all of them at once; one that has not answered the last time is not asked again before it has. Never rejects. */
  async ask(metrics: Iterable<Metric>): Promise<void> {
    // Metrics that are read together have one function for all of them.
    const names = new Map<() => unknown, string>();
    for (const { name, table } of metrics) {
      const { beforeDrain } = table;
      if (beforeDrain !== undefined && !names.has(beforeDrain)) names.set(beforeDrain, name);
    }
    const asked = [...names].map(([collect, name]) => this.#ask(name, collect)).filter((pending) => pending !== undefined);
    if (asked.length === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        for (const pending of asked) pending.isLate = true;
        resolve();
      }, PATIENCE);
    });
    await Promise.race([Promise.all(asked.map(({ answer }) => answer)), patience]);
    clearTimeout(timer);
  }

  #ask(name: string, collect: () => unknown): Pending | undefined {
    const known = this.#pending.get(collect);
    if (known !== undefined) {
      if (known.isLate) this.#tellLate(name);
      return known;
    }
    const { context } = this.#engine;
    try {
      const answer: unknown = context.muteAnswer(collect);
      if (!isPromise(answer)) return undefined;
      const pending: Pending = { answer: this.#settled(name, collect, answer), isLate: false };
      this.#pending.set(collect, pending);
      return pending;
    } catch (error) {
      this.#tellFailed(name, error);
      return undefined;
    }
  }

  async #settled(name: string, asked: () => unknown, answer: Promise<unknown>): Promise<void> {
    try {
      await answer;
    } catch (error) {
      this.#tellFailed(name, error);
    } finally {
      this.#pending.delete(asked);
    }
  }

  #tellLate(name: string): void {
    const { diagnostics } = this.#engine;
    diagnostics.count('collect_late', name);
    const message = `collect of gauge '${name}' has not answered since it was last asked; it is asked again once it has, and the gauge shows what was set before`;
    diagnostics.report('warn', `collect_late ${name}`, { metric: name }, message);
  }

  #tellFailed(name: string, error: unknown): void {
    const { diagnostics } = this.#engine;
    diagnostics.count('collect_error', name);
    const message = `collect of gauge '${name}' threw ${shownError(error)}; the gauge shows what was set before`;
    diagnostics.report('error', `collect_error ${name}`, { metric: name, err: error }, message);
  }
}
