import type { Diagnostics } from '../diagnostics/diagnostics.js';
import { inTime } from '../diagnostics/waiting.js';
import type { Recorded } from '../record/recorded.js';
import type { Handler } from './handler.js';

export interface HandlerQueueOptions {
  /** Calls of `handle` that may wait while one is running. Default: 1000. */
  readonly limit?: number | undefined;
  /** Counts what is dropped and what fails, and reports it. */
  readonly diagnostics: Diagnostics;
  /** Runs a task in the context in which handlers run, where nothing is profiled; what the task returns or throws comes through. */
  readonly run: <T>(task: () => T) => T;
  /** Milliseconds that a flush or close waits for one call of the handler, without keeping the process alive. Default: 8000. */
  readonly patience?: number | undefined;
}

interface WaitingCall {
  readonly records: readonly Recorded[];
  readonly metricName: string;
}

interface PendingFlush {
  /** Resolved when so many calls have been settled. */
  readonly settled: number;
  readonly resolve: () => void;
}

const DEFAULT_LIMIT = 1000;
/** Less than a signal waits for a close: what comes after the handlers is to have its time, too. */
const DEFAULT_PATIENCE = 8000;

/**
 * Brings records to one handler, in order, one call at a time, and isolates its errors.
 *
 * A handler that returns nothing runs inline. After one that returns a promise, calls wait until it is settled; those beyond `limit` are dropped
 * and counted as `queue_full` (records) and `queue_full_calls`. A call made from inside of the handler itself waits for the next turn of the event
 * loop, so that a handler which makes records can't spin. Errors are counted as `handler_error`. The arrays of waiting calls are kept as they are:
 * don't reuse them.
 */
export class HandlerQueue {
  readonly handler: Handler;
  readonly #limit: number;
  readonly #diagnostics: Diagnostics;
  readonly #run: <T>(task: () => T) => T;
  readonly #patience: number;
  readonly #waiting: WaitingCall[] = [];
  #running = false;
  #resuming = false;
  #accepted = 0;
  #settled = 0;
  readonly #flushes: PendingFlush[] = [];
  /** Runs out when somebody has waited too long for the running call. */
  #patienceTimer: NodeJS.Timeout | undefined;
  /** True while nobody waits for the running call of `handle` any longer. */
  #hangs = false;
  /** The same of a `flush` or `close` of the handler. */
  #ownHangs = false;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(handler: Handler, options: HandlerQueueOptions) {
    this.handler = handler;
    this.#limit = options.limit ?? DEFAULT_LIMIT;
    this.#diagnostics = options.diagnostics;
    this.#run = options.run;
    this.#patience = options.patience ?? DEFAULT_PATIENCE;
    this.#guard(() => handler.reportTo?.(options.diagnostics));
  }

  /** Hands records over. Never throws; returns before an asynchronous handler is done. */
  handle(records: readonly Recorded[], metricName: string): void {
    if (this.#isClosed) return this.#diagnostics.count('handler_closed', this.handler.handlerName, records.length);
    if (this.#running || this.#waiting.length > 0) return this.#enqueue({ records, metricName });
    this.#accepted++;
    this.#call(records, metricName);
    if (!this.#running && this.#waiting.length > 0) this.#resumeLater();
  }

  /**
   * Resolves when everything handed over before is through, the handler's own `flush` included; or when one call of the handler takes longer than the
   * patience, which is reported. Never rejects: errors are counted and reported.
   */
  async flush(): Promise<void> {
    await this.#drained();
    await this.#runOwn('flush');
  }

  /**
   * Takes no more records, waits for those that wait as {@link flush} does, then closes the handler, or flushes it if it can't be closed. What it has not taken by
   * then is counted as `handler_closed`. Never rejects.
   */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    await this.#drained();
    for (const { records } of this.#waiting.splice(0)) this.#diagnostics.count('handler_closed', this.handler.handlerName, records.length);
    await this.#runOwn(this.handler.close === undefined ? 'flush' : 'close');
  }

  #enqueue(call: WaitingCall): void {
    if (this.#waiting.length < this.#limit) {
      this.#accepted++;
      this.#waiting.push(call);
      return;
    }
    const handler = this.handler.handlerName;
    this.#diagnostics.count('queue_full', handler, call.records.length);
    this.#diagnostics.count('queue_full_calls', handler);
    this.#diagnostics.report(
      'warn',
      `queue_full:${handler}`,
      { handler, metric: call.metricName, dropped: call.records.length, limit: this.#limit },
      'a handler takes records more slowly than they come, so records are dropped; make it faster or record less',
    );
  }

  /** Runs the handler; afterwards the call is either settled or `#running` tells that a promise is pending. */
  #call(records: readonly Recorded[], metricName: string): void {
    const { handler } = this;
    this.#running = true;
    try {
      const result: unknown = this.#run(() => handler.handle(records, metricName));
      if (isThenable(result)) {
        Promise.resolve(result).then(
          () => this.#settlePending(),
          (error: unknown) => {
            this.#fail(error, 'handle', metricName);
            this.#settlePending();
          },
        );
        return;
      }
    } catch (error) {
      this.#fail(error, 'handle', metricName);
    }
    this.#settle();
  }

  #settlePending(): void {
    this.#settle();
    this.#resume();
  }

  #settle(): void {
    this.#running = false;
    this.#hangs = false;
    this.#settled++;
    while (this.#flushes[0] !== undefined && this.#flushes[0].settled <= this.#settled) this.#flushes.shift()?.resolve();
    this.#watch();
  }

  /** Gives the next call all the patience anew, as long as somebody waits. */
  #watch(): void {
    clearTimeout(this.#patienceTimer);
    if (this.#flushes.length > 0) this.#patienceTimer = setTimeout(() => this.#giveUp(), this.#patience).unref();
  }

  #giveUp(): void {
    this.#hangs = true;
    this.#reportHang('handle');
    for (const { resolve } of this.#flushes.splice(0)) resolve();
  }

  #reportHang(method: string): void {
    const handler = this.handler.handlerName;
    this.#diagnostics.count('handler_hangs', handler);
    this.#diagnostics.report(
      'error',
      `handler_hangs:${handler}`,
      { handler, method, waiting: this.#waiting.length },
      `handler '${handler}' has not settled ${method} for ${this.#patience / 1000} s; it is waited for no longer, so let it have a timeout of its own`,
    );
  }

  /** Calls the handler for what waits now, up to the first promise; what is added meanwhile waits for the next turn. */
  #resume(): void {
    for (let left = this.#waiting.length; left > 0 && !this.#running; left--) {
      const next = this.#waiting.shift();
      if (next !== undefined) this.#call(next.records, next.metricName);
    }
    if (!this.#running && this.#waiting.length > 0) this.#resumeLater();
  }

  #resumeLater(): void {
    if (this.#resuming) return;
    this.#resuming = true;
    const turn = setImmediate(() => {
      this.#resuming = false;
      if (!this.#running) this.#resume();
    });
    turn.unref();
  }

  #drained(): Promise<void> {
    if (this.#settled >= this.#accepted || this.#hangs) return Promise.resolve();
    // The program may be about to end, and an unreferenced turn of the event loop might not come any more.
    if (!this.#running) this.#resume();
    if (this.#settled >= this.#accepted) return Promise.resolve();
    const settled = this.#accepted;
    return new Promise((resolve) => {
      this.#flushes.push({ settled, resolve });
      if (this.#flushes.length === 1) this.#watch();
    });
  }

  /** One that hangs already is waited for no longer. */
  async #runOwn(method: 'flush' | 'close'): Promise<void> {
    const isHanging = this.#hangs || this.#ownHangs;
    if (isHanging && method === 'flush') return;
    const settled = this.#ownSettled(method);
    if (isHanging) return;
    await inTime(this.#patience, settled, () => new Error('late')).catch(() => {
      this.#ownHangs = true;
      this.#reportHang(method);
      void settled.then(() => {
        this.#ownHangs = false;
      });
    });
  }

  async #ownSettled(method: 'flush' | 'close'): Promise<void> {
    try {
      await this.#run(() => this.handler[method]?.());
    } catch (error) {
      this.#fail(error, method, undefined);
    }
  }

  #guard(task: () => void): void {
    try {
      this.#run(task);
    } catch (error) {
      this.#fail(error, 'reportTo', undefined);
    }
  }

  #fail(error: unknown, method: string, metric: string | undefined): void {
    const handler = this.handler.handlerName;
    this.#diagnostics.count('handler_error', handler);
    this.#diagnostics.report(
      'error',
      `handler_error:${handler}`,
      { handler, method, ...(metric === undefined ? {} : { metric }), err: error },
      `handler '${handler}' failed in ${method}; the program and the other handlers are not affected`,
    );
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
