import { Profiler } from '../../src/client.js';
import type { Handler } from '../../src/handlers/handler.js';
import type { ConfigOptions } from '../../src/profile/config-options.js';
import type { Recorded } from '../../src/record/recorded.js';

/** One call of a handler. */
export interface Delivery {
  readonly metric: string;
  readonly records: readonly Recorded[];
}

/** Keeps what it is handed. */
export class Keeper implements Handler {
  readonly handlerName: string;
  readonly deliveries: Delivery[] = [];

  constructor(handlerName = 'keeper') {
    this.handlerName = handlerName;
  }

  handle(records: readonly Recorded[], metric: string): void {
    this.deliveries.push({ metric, records });
  }

  /** Call paths of the time records, in the order in which they came; those of failed calls end in ` !`. Takes them out. */
  paths(): string[] {
    return this.times().flat();
  }

  /** As {@link paths}, with a list for each call of the handler. */
  times(): string[][] {
    const times = this.deliveries.filter(({ metric }) => metric === 'time_profiler');
    this.deliveries.length = 0;
    return times.map(({ records }) => records.map(({ method, labels }) => (labels.error_raised === true ? `${method} !` : method)));
  }
}

/** A logger that says nothing. */
export const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A configured profiler whose records `kept` keeps. */
export function recording(options: ConfigOptions = {}): { readonly profiler: Profiler; readonly kept: Keeper } {
  const profiler = new Profiler();
  const kept = new Keeper();
  profiler.config({ job: 'test', logger: silent, collector: 'local', handlers: [kept], ...options });
  return { profiler, kept };
}

/** A configured profiler that only counts. */
export function counting(options: ConfigOptions = {}): Profiler {
  return new Profiler().config({ job: 'test', logger: silent, collector: 'local', ...options });
}

const COUNT_LINE = /^phanos_time_profiler_seconds_count\{method="([^"]*)",function="[^"]*",error_raised="(\w+)"\} (\d+)$/gm;

/** How often each call path was counted on `/metrics`; paths of failed calls end in ` !`. */
export async function counts(profiler: Profiler): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [, path = '', failed, count] of (await profiler.metrics()).matchAll(COUNT_LINE)) {
    found[failed === 'true' ? `${path} !` : path] = Number(count);
  }
  return found;
}

/** How often this reason was counted among a profiler's troubles, by culprit. */
export function troubles(profiler: Profiler, reason: string): Record<string, number> {
  const found = profiler.diagnostics().filter((trouble) => trouble.reason === reason);
  return Object.fromEntries(found.map(({ culprit, count }) => [culprit, count]));
}

/** A promise and what settles it. */
export function deferred<T = void>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((accept, refuse) => {
    resolve = accept;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

/** Resolves in a later turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
