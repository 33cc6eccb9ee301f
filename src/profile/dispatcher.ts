import type { Diagnostics } from '../diagnostics/diagnostics.js';
import type { Handler } from '../handlers/handler.js';
import { HandlerQueue } from '../handlers/handler-queue.js';
import { Metric } from '../metrics/metric.js';
import { shownError } from '../metrics/refusal.js';
import type { SeriesOwner } from '../metrics/series.js';
import type { Recorded } from '../record/recorded.js';
import type { CallContext } from './call-context.js';
import { isPromise } from './promises.js';
import type { RecordBuffer } from './record-buffer.js';

/** What a {@link Dispatcher} works with. */
export interface DispatcherOptions {
  readonly context: CallContext;
  readonly diagnostics: Diagnostics;
  /** Metrics in the order in which their records are handed over. */
  readonly metrics: () => Iterable<Metric>;
  /** Whether handlers want records; metrics clean up either way. */
  readonly handleRecords: () => boolean;
}

/** Takes the records of root calls to the handlers, metric by metric, handler by handler. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #queues = new Map<string, HandlerQueue>();
  /** The same in their order; replaced and never changed, since handlers may come and go while one runs. */
  #order: readonly HandlerQueue[] = [];
  /** Queues of replaced or deleted handlers that still deliver what they took. */
  readonly #leaving = new Set<Promise<void>>();
  /** Names of the handlers that a close has taken away. */
  #closed: readonly string[] = [];
  /** True if records were handed over since somebody set it to false. */
  hasNews = false;

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
    this.#closed = this.#closed.filter((name) => name !== handler.handlerName);
    const known = this.#queues.get(handler.handlerName);
    if (known?.handler === handler) return false;
    const run = <T>(task: () => T): T => context.mute(task);
    this.#queues.set(handler.handlerName, new HandlerQueue(handler, { limit: queueLimit, diagnostics, run }));
    this.#order = [...this.#queues.values()];
    if (known !== undefined) this.#leave(known);
    return known !== undefined;
  }

  /** Removes a handler; it is closed once it has what it took. False if there is none of this name. */
  delete(name: string): boolean {
    const queue = this.#queues.get(name);
    if (queue === undefined) return false;
    this.#queues.delete(name);
    this.#order = [...this.#queues.values()];
    this.#leave(queue);
    return true;
  }

  /**
   * Hands over what is in the buffer; metrics then clean up, also those that recorded nothing. Handlers and metrics may be added and removed
   * meanwhile: a new handler gets the records of the metrics after, one that is gone gets no more.
   */
  deliver(buffer: RecordBuffer): void {
    // Only a root call that has ended is a reason to clean up without records.
    if (buffer.pending === 0 && buffer.open) return;
    this.hasNews = true;
    if (this.#options.handleRecords())
      for (const name of this.#closed) this.#options.diagnostics.count('handler_closed', name, buffer.pending);
    const taken = buffer.take();
    const metrics = [...this.#options.metrics()];
    const cleaning = metrics.filter(hasCleanup);
    // A root call under way when handlers were switched off still gives them its records; unless they were collected for a cleanup.
    if (this.#options.handleRecords() || cleaning.length === 0) {
      for (const metric of metrics) {
        const records = recordsOf(metric, taken);
        if (records !== undefined) this.#hand(Object.freeze(records), metric.name);
      }
    }
    for (const metric of cleaning) this.#cleanUp(metric);
  }

  /** Resolves when everything handed over so far is out. */
  async flush(): Promise<void> {
    await Promise.all([...this.#leaving, ...this.#order.map((queue) => queue.flush())]);
  }

  /** The profiler was set up anew: what handlers of before would have got is no loss. */
  reopen(): void {
    this.#closed = [];
  }

  /** Flushes and closes all handlers and forgets them. */
  async close(): Promise<void> {
    const queues = this.#order;
    this.#closed = [...this.#queues.keys()];
    this.#queues.clear();
    this.#order = [];
    await Promise.all([...this.#leaving, ...queues.map((queue) => queue.close())]);
  }

  #hand(records: readonly Recorded[], metricName: string): void {
    const order = this.#order;
    for (const queue of order) if (order === this.#order || this.#order.includes(queue)) queue.handle(records, metricName);
  }

  #leave(queue: HandlerQueue): void {
    const leaving = queue.close();
    this.#leaving.add(leaving);
    void leaving.then(() => this.#leaving.delete(leaving));
  }

  #cleanUp(metric: Metric): void {
    const { context, diagnostics } = this.#options;
    const failed = (error: unknown): void => {
      diagnostics.count('cleanup_error', metric.name);
      diagnostics.report(
        'error',
        `cleanup_error ${metric.name}`,
        { metric: metric.name, err: error },
        `cleanup of metric '${metric.name}' threw ${shownError(error)}`,
      );
    };
    try {
      const returned: unknown = context.mute(() => metric.cleanup());
      if (isPromise(returned)) void returned.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }
}

/** Records of a metric. Those of a default metric that was made anew during the call are its successor's; those of another replaced metric are lost. */
function recordsOf({ name, table }: Metric, taken: ReadonlyMap<SeriesOwner, Recorded[]>): Recorded[] | undefined {
  let found: Recorded[] | undefined;
  for (const [owner, records] of taken) {
    if (owner !== table && !(owner.definition.name === name && isOfPhanos(owner) && isOfPhanos(table))) continue;
    found = found === undefined ? records : [...found, ...records];
  }
  return found;
}

/** Only default metrics have the running function as a label. */
function isOfPhanos({ definition }: SeriesOwner): boolean {
  return definition.contextLabels.includes('function');
}

/** True for metrics of classes with a `cleanup` of their own. */
export function hasCleanup(metric: Metric): boolean {
  return metric.cleanup !== Metric.prototype.cleanup;
}
