import { Counter, Gauge, type Handler } from 'phanos';
import { describe, expect, test } from 'vitest';
import { measured } from '../metrics/measured.js';

/** Whatever a callback of the user throws, the profiled call ends as it would have. */

const thrown: readonly (readonly [what: string, value: unknown])[] = [
  ['an error', new Error('broken')],
  ['nothing', undefined],
  ['null', null],
  ['a text', 'broken'],
  ['a symbol', Symbol('broken')],
  ['an object without a prototype', Object.create(null)],
  [
    'an object whose text throws',
    {
      toString() {
        throw new Error('no text');
      },
    },
  ],
  ['a proxy that was revoked', revoked()],
];

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe.each(thrown)('%s', (_what, value) => {
  const fail = (): never => {
    throw value;
  };

  test.each(['beforeFunc', 'afterFunc', 'beforeRootFunc', 'afterRootFunc'] as const)('thrown by %s', (hook) => {
    const { profiler, calls } = measured({ timeProfile: true });
    profiler[hook] = fail;
    expect(profiler.profile('shop:fn', () => 5)()).toBe(5);
    expect(calls).toHaveLength(1);
  });

  test('thrown by errorIf and sizeOf', () => {
    const { profiler, calls } = measured({ timeProfile: true, responseSizeProfile: true });
    expect(profiler.profile({ item: 'shop', name: 'judged', errorIf: fail }, () => 5)()).toBe(5);
    expect(profiler.profile({ item: 'shop', name: 'sized', sizeOf: fail }, () => 5)()).toBe(5);
    expect(calls.filter(({ metric }) => metric === 'time_profiler')).toHaveLength(2);
  });

  test('thrown by a handler, at once or later', async () => {
    const { profiler, calls, troubles } = measured({ timeProfile: true });
    const handlers: Handler[] = [
      { handlerName: 'sync', handle: fail },
      { handlerName: 'async', handle: async () => fail(), flush: async () => fail(), close: fail },
    ];
    for (const handler of handlers) profiler.addHandler(handler);
    expect(profiler.profile('shop:fn', () => 5)()).toBe(5);
    await profiler.close();
    expect(calls).toHaveLength(1);
    expect(troubles('handler_error')).toEqual({ sync: 1, async: 3 });
  });

  test('thrown by a collect, a cleanup and an operation', async () => {
    const { profiler, samples, troubles } = measured();
    class Custom extends Counter {
      override cleanup(): void {
        fail();
      }
    }
    const custom = new Custom({ name: 'custom', profiler });
    custom.operations.fail = fail;
    new Gauge({ name: 'sync', collect: fail, profiler });
    new Gauge({ name: 'async', collect: async () => fail(), profiler });
    const fn = profiler.profile('shop:fn', () => {
      custom.storeOperation({ operation: 'fail' });
      custom.inc();
      return 5;
    });
    expect(fn()).toBe(5);
    expect(await samples()).toEqual({ custom_total: 1, sync: 0, async: 0 });
    expect([troubles('cleanup_error'), troubles('operation_error'), troubles('collect_error')]).toEqual([
      { custom: 1 },
      { custom: 1 },
      { sync: 1, async: 1 },
    ]);
  });

  test('thrown by the logger', () => {
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    const { profiler } = measured({ logger });
    const sold = new Counter({ name: 'sold', profiler });
    sold.inc(-1);
    sold.inc();
    expect(sold.value()).toBe(1);
  });
});
