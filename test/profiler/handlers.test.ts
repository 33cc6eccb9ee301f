import { Counter, type Handler, type Profiler } from 'phanos';
import { describe, expect, test } from 'vitest';
import { type Measured, measured, untyped } from '../metrics/measured.js';
import { eventually } from '../support/eventually.js';

/** A profiler with two metrics of its own, and a root call that records both. */
function recording(): Measured & { call(): string } {
  const all = measured({ withoutHandler: true });
  const { profiler } = all;
  const one = new Counter({ name: 'one', profiler });
  const two = new Counter({ name: 'two', profiler });
  const call = profiler.profile('shop:call', () => {
    one.inc();
    two.inc();
    return 'result';
  });
  return { ...all, call };
}

function noting(order: string[], handlerName: string, also: (metric: string) => void = () => undefined): Handler {
  return {
    handlerName,
    handle: (_records, metric) => {
      order.push(`${handlerName} ${metric}`);
      also(metric);
    },
  };
}

const namesOf = (profiler: Profiler): string[] => [...profiler.handlers.keys()];

test('get the records metric by metric, in the order in which they were added', () => {
  const { profiler, call } = recording();
  const order: string[] = [];
  profiler.addHandler(noting(order, 'a'));
  profiler.addHandler(noting(order, 'b'));
  call();
  expect(order).toEqual(['a one', 'b one', 'a two', 'b two']);
});

test('get them after the call, before its caller goes on', () => {
  const { profiler, call } = recording();
  const order: string[] = [];
  profiler.addHandler(noting(order, 'a'));
  order.push(call());
  expect(order).toEqual(['a one', 'a two', 'result']);
});

test("all get the same records, which one can't take from another", () => {
  const { profiler, call } = recording();
  const seen: unknown[] = [];
  profiler.addHandler({ handlerName: 'thief', handle: (records) => void (records as unknown[]).splice(0) });
  profiler.addHandler({ handlerName: 'victim', handle: (records) => void seen.push(records.length) });
  expect(call()).toBe('result');
  expect(seen).toEqual([1, 1]);
});

describe('one that fails', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
    [
      'rejects later',
      async () => {
        await Promise.resolve();
        throw new Error('broken');
      },
    ],
  ])('%s: the caller and the others are not affected, it is counted and told once', async (_how, handle) => {
    const { profiler, call, troubles, logged } = recording();
    const order: string[] = [];
    profiler.addHandler({ handlerName: 'broken', handle });
    profiler.addHandler(noting(order, 'fine'));
    expect([call(), call()]).toEqual(['result', 'result']);
    expect(order).toEqual(['fine one', 'fine two', 'fine one', 'fine two']);
    await profiler.flush();
    expect(troubles('handler_error')).toEqual({ broken: 4 });
    expect(logged.map(({ level, message, fields }) => [level, message, fields])).toEqual([
      [
        'error',
        "handler 'broken' failed in handle; the program and the other handlers are not affected",
        { handler: 'broken', method: 'handle', metric: 'one', err: new Error('broken') },
      ],
    ]);
  });

  test('in flush or close: the others are flushed and closed', async () => {
    const { profiler, call, troubles } = recording();
    const order: string[] = [];
    const fail = (): Promise<void> => Promise.reject(new Error('broken'));
    profiler.addHandler({ handlerName: 'broken', handle: () => undefined, flush: fail, close: fail });
    profiler.addHandler({
      ...noting([], 'fine'),
      flush: async () => void order.push('flush'),
      close: async () => void order.push('close'),
    });
    call();
    await profiler.flush();
    await profiler.close();
    expect(order).toEqual(['flush', 'flush', 'close']);
    expect(troubles('handler_error')).toEqual({ broken: 3 });
  });
});

describe('asynchronous ones', () => {
  test('are never awaited by the call; flush waits for them', async () => {
    const { profiler, call } = recording();
    const order: string[] = [];
    let goOn!: () => void;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    profiler.addHandler({
      handlerName: 'slow',
      async handle(_records, metric) {
        order.push(`begin ${metric}`);
        await gate;
        order.push(`end ${metric}`);
      },
    });
    order.push(call());
    const flushed = profiler.flush().then(() => order.push('flushed'));
    goOn();
    await flushed;
    expect(order).toEqual(['begin one', 'result', 'end one', 'begin two', 'end two', 'flushed']);
  });

  test('that are too slow lose what is beyond the queue, counted', async () => {
    const { profiler, troubles } = measured({ withoutHandler: true, limits: { handlerQueue: 2 } });
    const sold = new Counter({ name: 'sold', profiler });
    const seen: unknown[] = [];
    let goOn!: () => void;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    profiler.addHandler({
      handlerName: 'slow',
      async handle(records) {
        await gate;
        seen.push(records[0]?.value[1]);
      },
    });
    const call = profiler.profile('shop:call', (n: number) => sold.inc(n));
    for (let n = 1; n <= 5; n++) call(n);
    goOn();
    await profiler.flush();
    expect(seen).toEqual([1, 2, 3]);
    expect([troubles('queue_full'), troubles('queue_full_calls')]).toEqual([{ slow: 2 }, { slow: 2 }]);
  });

  test('run unprofiled, and what they record makes no records', async () => {
    const { profiler, samples } = measured({ withoutHandler: true, timeProfile: true });
    const handled = new Counter({ name: 'handled', profiler });
    const inner = profiler.profile('shop:inner', () => handled.inc());
    const seen: string[] = [];
    profiler.addHandler({
      handlerName: 'busy',
      async handle(records, metric) {
        inner();
        await new Promise((resolve) => setImmediate(resolve));
        inner();
        seen.push(...records.map(({ method }) => `${metric} ${method}`));
      },
    });
    profiler.profile('shop:call', () => 1)();
    await profiler.flush();
    expect(seen).toEqual(['time_profiler shop:call']);
    expect(await samples()).toMatchObject({ handled_total: 2 });
    expect(Object.keys(await samples()).filter((name) => name.includes('_count'))).toHaveLength(1);
  });
});

describe('adding and deleting', () => {
  test('one of the same name is replaced in its place, with a warning, and closed', async () => {
    const { profiler, call, logged } = recording();
    const order: string[] = [];
    const first: Handler = { ...noting(order, 'first'), handlerName: 'a', close: async () => void order.push('closed') };
    profiler.addHandler(first);
    profiler.addHandler(noting(order, 'b'));
    profiler.addHandler(noting(order, 'a'));
    await eventually('the first is closed', () => order.includes('closed'));
    expect(namesOf(profiler)).toEqual(['a', 'b']);
    expect(logged.map(({ level, message, fields }) => [level, message, fields])).toEqual([
      ['warn', "handler 'a' existed and was replaced", { handler: 'a' }],
    ]);
    call();
    expect(order).toEqual(['closed', 'a one', 'b one', 'a two', 'b two']);
  });

  test('the same one again stays what it is', () => {
    const { profiler, logged } = recording();
    const order: string[] = [];
    const handler: Handler = { ...noting(order, 'a'), close: async () => void order.push('closed') };
    profiler.addHandler(handler);
    profiler.addHandler(handler);
    expect([namesOf(profiler), order, logged]).toEqual([['a'], [], []]);
  });

  test('a deleted one is closed once it has what it took; an unknown one is only warned about', async () => {
    const { profiler, call, logged } = recording();
    const order: string[] = [];
    profiler.addHandler({
      handlerName: 'slow',
      async handle(_records, metric) {
        await new Promise((resolve) => setImmediate(resolve));
        order.push(metric);
      },
      close: async () => void order.push('closed'),
    });
    call();
    profiler.deleteHandler('slow');
    expect(namesOf(profiler)).toEqual([]);
    call();
    await profiler.flush();
    expect(order).toEqual(['one', 'two', 'closed']);
    profiler.deleteHandler('slow');
    expect(logged.map(({ level, message }) => [level, message])).toEqual([['warn', "there is no handler 'slow' to delete"]]);
  });

  test('deleteHandlers deletes all', async () => {
    const { profiler, call } = recording();
    const order: string[] = [];
    for (const name of ['a', 'b']) profiler.addHandler({ ...noting(order, name), close: async () => void order.push(`${name} closed`) });
    profiler.deleteHandlers();
    call();
    await profiler.flush();
    expect([namesOf(profiler), order]).toEqual([[], ['a closed', 'b closed']]);
  });

  test('in the middle of a flush: a new one gets the metrics after, a deleted one gets no more, and nothing is lost or counted as lost', () => {
    const { profiler, call } = recording();
    const order: string[] = [];
    const added = noting(order, 'new');
    profiler.addHandler(noting(order, 'a', () => profiler.addHandler(added)));
    profiler.addHandler(noting(order, 'b', () => profiler.deleteHandler('c')));
    profiler.addHandler(noting(order, 'c'));
    profiler.addHandler(noting(order, 'd'));
    call();
    expect(order).toEqual(['a one', 'b one', 'd one', 'a two', 'b two', 'd two', 'new two']);
    expect(namesOf(profiler)).toEqual(['a', 'b', 'd', 'new']);
    expect(profiler.diagnostics()).toEqual([]);
  });

  test('one may delete or replace itself, and all others', () => {
    const { profiler, call } = recording();
    const order: string[] = [];
    profiler.addHandler(noting(order, 'a', () => profiler.addHandler(noting(order, 'a'))));
    profiler.addHandler(noting(order, 'b', () => profiler.deleteHandlers()));
    profiler.addHandler(noting(order, 'c'));
    expect(call()).toBe('result');
    expect(order).toEqual(['a one', 'b one']);
    expect([namesOf(profiler), profiler.diagnostics()]).toEqual([[], []]);
    call();
    expect(order).toHaveLength(2);
  });

  test('metrics may come and go in the middle of a flush', () => {
    const { profiler, call } = recording();
    const order: string[] = [];
    profiler.addHandler(
      noting(order, 'a', (metric) => {
        if (metric !== 'one') return;
        profiler.deleteMetric('two');
        new Counter({ name: 'three', profiler });
      }),
    );
    expect(call()).toBe('result');
    expect([...profiler.registeredMetrics.keys()]).toEqual(['one', 'three']);
    order.length = 0;
    call();
    expect(order).toEqual(['a one']);
  });

  test('before config they wait for it', () => {
    const order: string[] = [];
    const { profiler, call } = recording();
    profiler.addHandler(noting(order, 'a'));
    call();
    expect(order).toEqual(['a one', 'a two']);
  });

  test.each([
    ['null', null, 'addHandler: handler must be an object with the methods handle, got null'],
    ['without handle', { handlerName: 'x' }, 'addHandler: handler must be an object with the methods handle, got an object without handle'],
    ['without a name', { handle() {} }, 'addHandler: handlerName must be a non-empty string, got undefined'],
    ['with an empty name', { handlerName: '', handle() {} }, "addHandler: handlerName must be a non-empty string, got ''"],
  ])('%s: a TypeError', (_what, handler, message) => {
    const { profiler } = recording();
    expect(() => profiler.addHandler(untyped(handler))).toThrow(TypeError);
    expect(() => profiler.addHandler(untyped(handler))).toThrow(message);
    expect(namesOf(profiler)).toEqual([]);
  });
});
