import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, expect, it } from 'vitest';
import { Diagnostics } from '../../src/diagnostics/diagnostics.js';
import type { Handler } from '../../src/handlers/handler.js';
import { HandlerQueue, type HandlerQueueOptions } from '../../src/handlers/handler-queue.js';
import { logSink } from '../diagnostics/log-sink.js';
import { eventually } from '../support/eventually.js';
import { records } from './a-record.js';

const sink = logSink();
let diagnostics: Diagnostics;
let handled: string[];

beforeEach(() => {
  sink.logged.length = 0;
  handled = [];
  diagnostics = new Diagnostics({ logger: sink, clock: () => 0 });
});

function queueFor(handle: Handler['handle'], options: Partial<HandlerQueueOptions> & Partial<Handler> = {}): HandlerQueue {
  const { limit, run = (task) => task(), patience, flush, close, reportTo } = options;
  const handler: Handler = { handlerName: 'h', handle, ...(flush && { flush }), ...(close && { close }), ...(reportTo && { reportTo }) };
  return new HandlerQueue(handler, { limit, diagnostics, run, patience });
}

/** A handler whose calls are ended by hand; `most` is how many ran at once. */
function manualHandler() {
  let running = 0;
  const state = {
    most: 0,
    ends: [] as (() => void)[],
    handle: async (_records: readonly unknown[], metricName: string): Promise<void> => {
      handled.push(metricName);
      state.most = Math.max(state.most, ++running);
      await new Promise<void>((resolve) => state.ends.push(resolve));
      running--;
    },
  };
  return state;
}

describe('HandlerQueue of a synchronous handler', () => {
  it('calls it inline with the very array, in the context that the caller provides', () => {
    const context = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const queue = queueFor((given, metricName) => void seen.push(given, metricName, context.getStore()), {
      run: (task) => context.run('muted', task),
    });
    const given = records(2);
    queue.handle(given, 'm');
    expect(seen[0]).toBe(given);
    expect(seen.slice(1)).toEqual(['m', 'muted']);
    expect(diagnostics.snapshot()).toEqual([]);
  });

  it('isolates what it throws: counted each time, reported once, and the next call gets through', () => {
    const failure = new Error('boom');
    const queue = queueFor((_records, metricName) => {
      handled.push(metricName);
      if (metricName !== 'good') throw failure;
    });
    for (const metric of ['bad', 'bad', 'good']) queue.handle(records(1), metric);
    expect(handled).toEqual(['bad', 'bad', 'good']);
    expect(diagnostics.snapshot()).toEqual([{ reason: 'handler_error', culprit: 'h', count: 2 }]);
    expect(sink.logged).toEqual([
      {
        level: 'error',
        fields: { handler: 'h', method: 'handle', metric: 'bad', err: failure },
        message: "handler 'h' failed in handle; the program and the other handlers are not affected",
      },
    ]);
  });

  it('lets a handler that makes records from inside itself go on in the next turn, so that it can’t spin', async () => {
    const queue: HandlerQueue = queueFor((_records, metricName) => {
      handled.push(metricName);
      queue.handle(records(1), `${metricName}+`);
    });
    queue.handle(records(1), 'm');
    expect(handled).toEqual(['m']);
    await eventually('the second turn', () => handled.length >= 2);
    await queue.close();
    expect(handled.slice(0, 2)).toEqual(['m', 'm+']);
    expect(diagnostics.snapshot()).toEqual([{ reason: 'handler_closed', culprit: 'h', count: 1 }]);
  });

  it('keeps the order when a call comes before the next turn', async () => {
    const queue: HandlerQueue = queueFor((_records, metricName) => {
      handled.push(metricName);
      if (metricName === 'first') queue.handle(records(1), 'inner');
    });
    queue.handle(records(1), 'first');
    queue.handle(records(1), 'second');
    const flushed = queue.flush();
    // At once: when the program is about to end there is no next turn.
    expect(handled).toEqual(['first', 'inner', 'second']);
    await flushed;
  });
});

describe('HandlerQueue of an asynchronous handler', () => {
  it('runs one call at a time, in order, and the caller never waits', async () => {
    const handler = manualHandler();
    const queue = queueFor(handler.handle);
    for (const metric of ['a', 'b', 'c']) queue.handle(records(1), metric);
    expect(handled).toEqual(['a']);
    for (const [index, expected] of [['a'], ['a', 'b'], ['a', 'b', 'c']].entries()) {
      await eventually(`call ${index}`, () => handler.ends.length === index + 1);
      expect(handled).toEqual(expected);
      handler.ends[index]?.();
    }
    await queue.flush();
    expect(handler.most).toBe(1);
  });

  it('drops what comes beyond the limit, counting records and calls', async () => {
    const handler = manualHandler();
    const queue = queueFor(handler.handle, { limit: 2 });
    for (const metric of ['a', 'b', 'c', 'd', 'e']) queue.handle(records(10), metric);
    expect(diagnostics.snapshot()).toEqual([
      { reason: 'queue_full', culprit: 'h', count: 20 },
      { reason: 'queue_full_calls', culprit: 'h', count: 2 },
    ]);
    expect(sink.logged).toEqual([expect.objectContaining({ level: 'warn', fields: { handler: 'h', metric: 'd', dropped: 10, limit: 2 } })]);
    const flushed = queue.flush();
    for (let index = 0; index < 3; index++) {
      await eventually(`call ${index}`, () => handler.ends.length === index + 1);
      handler.ends[index]?.();
    }
    await flushed;
    expect(handled).toEqual(['a', 'b', 'c']);
    queue.handle(records(1), 'f');
    expect(handled).toEqual(['a', 'b', 'c', 'f']);
  });

  it('holds 1000 waiting calls by default', () => {
    const queue = queueFor(manualHandler().handle);
    for (let call = 0; call < 1003; call++) queue.handle(records(1), 'm');
    expect(diagnostics.snapshot()[0]).toEqual({ reason: 'queue_full', culprit: 'h', count: 2 });
  });

  it('isolates rejections and goes on with what waits', async () => {
    const queue = queueFor(async (_records, metricName) => {
      handled.push(metricName);
      await Promise.resolve();
      if (metricName === 'bad') throw new Error('boom');
    });
    for (const metric of ['bad', 'good', 'bad', 'good']) queue.handle(records(1), metric);
    await queue.flush();
    expect(handled).toEqual(['bad', 'good', 'bad', 'good']);
    expect(diagnostics.snapshot()).toEqual([{ reason: 'handler_error', culprit: 'h', count: 2 }]);
    expect(sink.logged).toHaveLength(1);
  });

  it('takes any thenable for a promise', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const queue = queueFor((_records, metricName) => {
      handled.push(metricName);
      // biome-ignore lint/suspicious/noThenProperty: a thenable that is no Promise is the point
      return { then: (ok: () => void) => released.then(ok) } as unknown as Promise<void>;
    });
    queue.handle(records(1), 'a');
    queue.handle(records(1), 'b');
    expect(handled).toEqual(['a']);
    release();
    await queue.flush();
    expect(handled).toEqual(['a', 'b']);
  });

  it('runs waiting calls in the caller’s context too, not in the one that queued them', async () => {
    const context = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const queue = queueFor(
      async () => {
        seen.push(context.getStore());
        await Promise.resolve();
        seen.push(context.getStore());
      },
      { run: (task) => context.run('muted', task) },
    );
    context.run('request 1', () => queue.handle(records(1), 'm'));
    context.run('request 2', () => queue.handle(records(1), 'm'));
    await queue.flush();
    expect(seen).toEqual(['muted', 'muted', 'muted', 'muted']);
  });
});

describe('flush and close of HandlerQueue', () => {
  it('flush waits for the calls before it and for the handler’s own flush, not for later calls', async () => {
    const handler = manualHandler();
    const queue = queueFor(handler.handle, { flush: async () => void handled.push('own flush') });
    queue.handle(records(1), 'a');
    queue.handle(records(1), 'b');
    const flushed = queue.flush();
    queue.handle(records(1), 'c');
    handler.ends[0]?.();
    await eventually('the second call', () => handler.ends.length === 2);
    handler.ends[1]?.();
    await flushed;
    expect(handled).toEqual(['a', 'b', 'c', 'own flush']);
    expect(handler.ends).toHaveLength(3);
  });

  it('flush resolves although the handler’s own flush fails', async () => {
    const queue = queueFor(() => {}, { flush: () => Promise.reject(new Error('no flush')) });
    await queue.flush();
    expect(diagnostics.snapshot()).toEqual([{ reason: 'handler_error', culprit: 'h', count: 1 }]);
    expect(sink.logged[0]?.fields).toEqual({ handler: 'h', method: 'flush', err: new Error('no flush') });
  });

  it('close lets what waits through, closes the handler once, and counts what comes later', async () => {
    const handler = manualHandler();
    const queue = queueFor(handler.handle, { close: async () => void handled.push('closed') });
    queue.handle(records(1), 'a');
    queue.handle(records(1), 'b');
    const closed = Promise.all([queue.close(), queue.close()]);
    queue.handle(records(3), 'late');
    handler.ends[0]?.();
    await eventually('the second call', () => handler.ends.length === 2);
    handler.ends[1]?.();
    await closed;
    expect(handled).toEqual(['a', 'b', 'closed']);
    expect(diagnostics.snapshot()).toEqual([{ reason: 'handler_closed', culprit: 'h', count: 3 }]);
  });

  it('flush and close wait no longer than their patience for one call, which starts anew with each', async () => {
    const { ends, handle } = manualHandler();
    const closed: string[] = [];
    const queue = queueFor(handle, { patience: 50, close: async () => void closed.push('closed') });
    for (const name of ['a', 'b', 'c']) queue.handle(records(2), name);
    const flushed = queue.flush();
    ends[0]?.();
    await eventually('b runs', () => handled.includes('b'));
    await flushed;
    const hang = { reason: 'handler_hangs', culprit: 'h', count: 1 };
    expect([handled, diagnostics.snapshot()]).toEqual([['a', 'b'], [hang]]);
    expect(sink.logged.map(({ message }) => message)).toEqual([
      "handler 'h' has not settled handle for 0.05 s; it is waited for no longer, so let it have a timeout of its own",
    ]);
    await queue.close();
    expect(closed).toEqual(['closed']);
    ends[1]?.();
    await queue.flush();
    expect(handled).toEqual(['a', 'b']);
    expect(diagnostics.snapshot()).toEqual([hang, { reason: 'handler_closed', culprit: 'h', count: 2 }]);
  });

  it('a flush of the handler itself that never settles is waited for as long, and then no more of it', async () => {
    const asked: string[] = [];
    const never = (what: string) => (): Promise<void> => {
      asked.push(what);
      return new Promise(() => undefined);
    };
    const queue = queueFor(() => {}, { patience: 20, close: never('close'), flush: never('flush') });
    await queue.flush();
    await queue.flush();
    await queue.close();
    expect(asked).toEqual(['flush', 'close']);
    expect(diagnostics.snapshot()).toEqual([{ reason: 'handler_hangs', culprit: 'h', count: 1 }]);
  });

  it('a flush of the handler that is late and then done is forgotten: close waits for everything again', async () => {
    const { ends, handle } = manualHandler();
    let flushed = (): void => undefined;
    const closed: string[] = [];
    const queue = queueFor(handle, {
      patience: 20,
      flush: () =>
        new Promise((resolve) => {
          flushed = resolve;
        }),
      close: async () => void closed.push('closed'),
    });
    await queue.flush();
    flushed();
    await new Promise(setImmediate);
    for (const name of ['a', 'b']) queue.handle(records(1), name);
    const closing = queue.close();
    for (const name of ['a', 'b']) {
      await eventually(`${name} runs`, () => handled.includes(name));
      ends.shift()?.();
    }
    await closing;
    expect([handled, closed]).toEqual([['a', 'b'], ['closed']]);
    expect(diagnostics.snapshot()).toEqual([{ reason: 'handler_hangs', culprit: 'h', count: 1 }]);
  });

  it('close flushes a handler that can only be flushed', async () => {
    const queue = queueFor(() => {}, { flush: async () => void handled.push('flushed') });
    await queue.close();
    expect(handled).toEqual(['flushed']);
  });

  it('tells the handler where to count, and survives one that can’t take it', () => {
    const given: unknown[] = [];
    queueFor(() => {}, { reportTo: (to) => void given.push(to) });
    expect(given).toEqual([diagnostics]);
    const queue = queueFor(() => void handled.push('works'), {
      reportTo: () => {
        throw new Error('no thanks');
      },
    });
    queue.handle(records(1), 'm');
    expect(handled).toEqual(['works']);
    expect(diagnostics.snapshot()).toEqual([{ reason: 'handler_error', culprit: 'h', count: 1 }]);
  });
});
