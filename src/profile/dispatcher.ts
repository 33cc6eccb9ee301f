import type { Diagnostics } from '../diagnostics/diagnostics.js';
import type { Handler } from '../handlers/handler.js';
import { HandlerQueue } from '../handlers/handler-queue.js';
import { Metric } from '../metrics/metric.js';
import type { CallContext } from './call-context.js';
import { isPromise } from './promises.js';
import type { RecordBuffer } from './record-buffer.js';

/** What a {@link Dispatcher} works with. */
export interface DispatcherOptions {
  readonly context: CallContext;
  readonly diagnostics: Diagnostics;
  /** Metrics in the order in which their records are handed over. */
  readonly metrics: () => Iterable<Metric>;
}

/** Takes the records of root calls to the handlers, metric by metric, handler by handler. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #queues = new Map<string, HandlerQueue>();
  /** Queues of replaced or deleted handlers that still deliver what they took. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  get handlers(): ReadonlyMap<string, Handler> {
    return new Map([...this.#queues].map(([name, queue]) => [name, queue.handler]));
  }

  get size(): number {
    return this.#queues.size;
  }

  /** Adds a handler, in the place of one of the same name. True if there was one. */
  add(handler: Handler, queueLimit: number): boolean {
    const { diagnostics, context } = this.#options;
    const known = this.#queues.get(handler.handlerName);
    if (known?.handler === handler) return false;
    if (isAsyncFunction(handler.handle)) context.useFrames();
    const run = <T>(task: () => T): T => {
      const result = context.mute(task);
      if (isPromise(result)) context.useFrames();
      return result;
    };
    this.#queues.set(handler.handlerName, new HandlerQueue(handler, { limit: queueLimit, diagnostics, run }));
    if (known !== undefined) this.#leave(known);
    return known !== undefined;
  }

  /** Removes a handler; it is closed once it has what it took. False if there is none of this name. */
  delete(name: string): boolean {
    const queue = this.#queues.get(name);
    if (queue === undefined) return false;
    this.#queues.delete(name);
    this.#leave(queue);
    return true;
  }

  /** Hands over what is in the buffer; metrics then clean up. Handlers and metrics may be added and removed meanwhile. */
  deliver(buffer: RecordBuffer): void {
    if (buffer.pending === 0) return;
    const taken = buffer.take();
    const queues = [...this.#queues.values()];
    for (const metric of [...this.#options.metrics()]) {
      const records = taken.get(metric.table);
      if (records === undefined) continue;
      Object.freeze(records);
      for (const queue of queues) queue.handle(records, metric.name);
      if (hasCleanup(metric)) this.#cleanUp(metric);
    }
  }

  /** Resolves when everything handed over so far is out. */
  async flush(): Promise<void> {
    await Promise.all([...this.#leaving, ...[...this.#queues.values()].map((queue) => queue.flush())]);
  }

  /** Flushes and closes all handlers and forgets them. */
  async close(): Promise<void> {
    const queues = [...this.#queues.values()];
    this.#queues.clear();
    await Promise.all([...this.#leaving, ...queues.map((queue) => queue.close())]);
  }

  #leave(queue: HandlerQueue): void {
    const leaving = queue.close();
    this.#leaving.add(leaving);
    void leaving.then(() => this.#leaving.delete(leaving));
  }

  #cleanUp(metric: Metric): void {
    const { context, diagnostics } = this.#options;
    try {
      context.mute(() => metric.cleanup());
    } catch (error) {
      diagnostics.count('cleanup_error', metric.name);
      diagnostics.report('error', `cleanup_error ${metric.name}`, { metric: metric.name, err: error }, `cleanup of metric '${metric.name}' threw ${String(error)}`);
    }
  }
}

/** True for metrics of classes with a `cleanup` of their own. */
export function hasCleanup(metric: Metric): boolean {
  return metric.cleanup !== Metric.prototype.cleanup;
}

function isAsyncFunction(fn: unknown): boolean {
  return (fn as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag] === 'AsyncFunction';
}
