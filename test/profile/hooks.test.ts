import { describe, expect, test } from 'vitest';
import { Counter, type Profiler } from '../../src/client.js';
import { counting, counts, deferred, type Keeper, recording, silent, troubles, turn } from './watched.js';

type Hook = 'afterFunc' | 'afterRootFunc' | 'beforeFunc' | 'beforeRootFunc';
const hookNames: readonly Hook[] = ['beforeRootFunc', 'beforeFunc', 'afterFunc', 'afterRootFunc'];

/** Has every hook write down its name and where it runs. */
function watchHooks(profiler: Profiler): string[] {
  const log: string[] = [];
  for (const name of hookNames) {
    profiler[name] = () => {
      const { context, error } = profiler.currentNode;
      log.push(`${name} ${context}${error instanceof Error ? ` ${error.message}` : ''}`);
    };
  }
  return log;
}

/** The ways in which a call can run and end; each is called three times, as the first call may be followed in another way. */
const kinds = (profiler: Profiler, log: string[], option: object = {}) => {
  const { profile } = profiler;
  const child = profile({ name: 'a:child', ...option }, (): void => void log.push(`body ${profiler.currentNode.context}`));
  return {
    sync: profile({ name: 'a:root', ...option }, () => child()),
    async: profile({ name: 'a:root', ...option }, async () => {
      await turn();
      child();
    }),
    promise: profile({ name: 'a:root', ...option }, () => turn().then(() => child())),
    generator: () => [
      ...profile({ name: 'a:root', ...option }, function* () {
        yield 1;
        child();
      })(),
    ],
    'async generator': async () => {
      const items = profile({ name: 'a:root', ...option }, async function* () {
        yield 1;
        await turn();
        child();
      })();
      for await (const _ of items) await turn();
    },
  };
};

const order = [
  'beforeRootFunc a:root',
  'beforeFunc a:root',
  'beforeFunc a:root.child',
  'body a:root.child',
  'afterFunc a:root.child',
  'afterFunc a:root',
  'afterRootFunc a:root',
];

describe.each(['sync', 'async', 'promise', 'generator', 'async generator'] as const)(
  '%s: hooks run in order, each in the context of its call',
  (kind) => {
    test.each([
      ['without handlers', () => counting()],
      ['with a handler', () => recording().profiler],
    ])('%s', async (_lanes, make) => {
      const profiler = make();
      const log = watchHooks(profiler);
      const call = kinds(profiler, log)[kind];
      for (let round = 0; round < 3; round++) {
        log.length = 0;
        await call();
        expect(log).toEqual(order);
      }
      expect(profiler.currentNode).toEqual({ context: '', error: undefined });
      expect(await counts(profiler)).toEqual({ 'a:root': 3, 'a:root.child': 3 });
    });

    test("with context: 'exact'", async () => {
      const { profiler } = recording();
      const log = watchHooks(profiler);
      const call = kinds(profiler, log, { context: 'exact' })[kind];
      for (let round = 0; round < 3; round++) {
        log.length = 0;
        await call();
        expect(log).toEqual(order);
      }
    });
  },
);

describe.each<[string, (fail: () => never) => () => unknown]>([
  ['sync', (fail) => () => fail()],
  ['async, at once', (fail) => async () => fail()],
  [
    'async, later',
    (fail) => async () => {
      await turn();
      fail();
    },
  ],
  ['a rejected promise', (fail) => () => turn().then(fail)],
])('%s: after hooks know the error', (_kind, make) => {
  test('as currentNode.error, with result undefined', async () => {
    for (const option of [{}, { context: 'exact' as const }]) {
      const { profiler } = recording();
      const log = watchHooks(profiler);
      const results: unknown[] = [];
      const { afterFunc, afterRootFunc } = profiler;
      profiler.afterFunc = (result, args) => {
        results.push(result);
        void afterFunc?.(result, args);
      };
      profiler.afterRootFunc = (result, args) => {
        results.push(result);
        void afterRootFunc?.(result, args);
      };
      const error = new Error('failed');
      const call = profiler.profile(
        { name: 'a:root', ...option },
        make(() => {
          throw error;
        }),
      );
      for (let round = 0; round < 3; round++) {
        log.length = 0;
        results.length = 0;
        await expect((async () => call())()).rejects.toBe(error);
        expect(log).toEqual(['beforeRootFunc a:root', 'beforeFunc a:root', 'afterFunc a:root failed', 'afterRootFunc a:root failed']);
        expect(results).toEqual([undefined, undefined]);
      }
    }
  });
});

test('before hooks get the original function and the arguments, after hooks the result and the arguments', async () => {
  const { profiler } = recording();
  const seen: unknown[][] = [];
  for (const name of hookNames) profiler[name] = (first: unknown, args: readonly unknown[]) => void seen.push([name, first, [...args]]);
  const add = (a: number, b: number): number => a + b;
  const later = async (a: number): Promise<number> => a;
  expect(profiler.profile('a:add', add)(1, 2)).toBe(3);
  expect(seen).toEqual([
    ['beforeRootFunc', add, [1, 2]],
    ['beforeFunc', add, [1, 2]],
    ['afterFunc', 3, [1, 2]],
    ['afterRootFunc', 3, [1, 2]],
  ]);
  expect(seen[0]?.[1]).toBe(add);
  seen.length = 0;
  await profiler.profile('a:later', later)(5);
  expect(seen).toEqual([
    ['beforeRootFunc', later, [5]],
    ['beforeFunc', later, [5]],
    ['afterFunc', 5, [5]],
    ['afterRootFunc', 5, [5]],
  ]);
});

describe('errors in hooks are isolated', () => {
  test.each(hookNames)('%s throws: the call, the other hooks and the counts are not affected', async (name) => {
    const { profiler, kept } = recording();
    const log = watchHooks(profiler);
    profiler[name] = () => {
      throw new Error('hook');
    };
    const call = profiler.profile('a:f', (x: number): number => x);
    const later = profiler.profile('a:later', async (x: number): Promise<number> => x);
    for (let round = 0; round < 3; round++) expect(call(round)).toBe(round);
    for (let round = 0; round < 3; round++) expect(await later(round)).toBe(round);
    expect(log).toHaveLength(18);
    expect(kept.paths()).toEqual(['a:f', 'a:f', 'a:f', 'a:later', 'a:later', 'a:later']);
    const reason = {
      beforeRootFunc: 'before_root_func',
      beforeFunc: 'before_func',
      afterFunc: 'after_func',
      afterRootFunc: 'after_root_func',
    }[name];
    expect(troubles(profiler, `${reason}_error`)).toEqual({ 'a:f': 3, 'a:later': 3 });
  });

  test.each(hookNames)('%s is async and rejects: nobody hears of it but the diagnostics', async (name) => {
    const { profiler } = recording();
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listener);
    try {
      profiler[name] = async () => {
        await turn();
        throw new Error('hook');
      };
      const call = profiler.profile('a:f', (x: number): number => x);
      for (let round = 0; round < 3; round++) expect(call(round)).toBe(round);
      for (let round = 0; round < 4; round++) await turn();
    } finally {
      process.off('unhandledRejection', listener);
    }
    expect(unhandled).toEqual([]);
    expect(Object.values(profiler.diagnostics().filter(({ reason }) => reason.endsWith('_func_error'))).map(({ count }) => count)).toEqual([
      3,
    ]);
  });

  test('a call is never held up by an async hook', async () => {
    const { profiler } = recording();
    const gate = deferred();
    profiler.beforeFunc = async () => gate.promise;
    expect(profiler.profile('a:f', () => 7)()).toBe(7);
    expect(await profiler.profile('a:g', async () => 8)()).toBe(8);
    gate.resolve();
  });

  test('what is no function is ignored with a warning', () => {
    const warnings: string[] = [];
    const { profiler } = recording({ logger: { ...silent, warn: (_fields, message) => void warnings.push(message) } });
    profiler.beforeFunc = 'no function' as unknown as Profiler['beforeFunc'];
    expect(profiler.beforeFunc).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('beforeFunc')]);
    expect(profiler.profile('a:f', () => 1)()).toBe(1);
  });
});

describe('error_raised on records', () => {
  const flags = (kept: Keeper): Record<string, unknown[]> => {
    const found: Record<string, unknown[]> = {};
    for (const { metric, records } of kept.deliveries) {
      for (const { method, value, labels } of records) {
        found[metric] ??= [];
        found[metric].push(metric === 'notes' ? [labels.where, method, labels.error_raised] : [method, value[0], labels.error_raised]);
      }
    }
    kept.deliveries.length = 0;
    return found;
  };

  test.each<[string, (body: () => void) => () => unknown]>([
    ['sync', (body) => () => body()],
    [
      'async',
      (body) => async () => {
        await turn();
        body();
      },
    ],
  ])('%s: false in the body and in before hooks, the outcome in after hooks and on the default metrics', async (_kind, make) => {
    const { profiler, kept } = recording();
    const notes = new Counter({ name: 'notes', labelNames: ['where'], profiler });
    for (const name of hookNames) profiler[name] = () => notes.inc({ where: name });
    let fail = false;
    const root = profiler.profile(
      'a:root',
      make(() => {
        notes.inc({ where: 'body' });
        if (fail) throw new Error('failed');
      }),
    );
    for (let round = 0; round < 3; round++) {
      fail = false;
      await root();
      expect(flags(kept)).toEqual({
        time_profiler: [['a:root', 'observe', false]],
        notes: [
          ['beforeRootFunc', 'a:root', false],
          ['beforeFunc', 'a:root', false],
          ['body', 'a:root', false],
          ['afterFunc', 'a:root', false],
          ['afterRootFunc', 'a:root', false],
        ],
      });
      fail = true;
      await expect((async () => root())()).rejects.toThrow('failed');
      expect(flags(kept)).toEqual({
        time_profiler: [['a:root', 'observe', true]],
        notes: [
          ['beforeRootFunc', 'a:root', false],
          ['beforeFunc', 'a:root', false],
          ['body', 'a:root', false],
          ['afterFunc', 'a:root', true],
          ['afterRootFunc', 'a:root', true],
        ],
      });
    }
  });

  test('there is no response size on a throw: sizeOf is not asked, and nothing is missed', async () => {
    const { profiler, kept } = recording();
    let asked = 0;
    const sizeOf = (): undefined => void asked++;
    const fail = profiler.profile({ name: 'a:fail', sizeOf }, (): never => {
      throw new Error('failed');
    });
    const reject = profiler.profile({ name: 'a:reject', sizeOf }, async (): Promise<never> => {
      throw new Error('failed');
    });
    for (let round = 0; round < 3; round++) {
      expect(fail).toThrow('failed');
      await expect(reject()).rejects.toThrow('failed');
    }
    expect(asked).toBe(0);
    expect(troubles(profiler, 'response_size_unknown')).toEqual({});
    expect(new Set(kept.deliveries.map(({ metric }) => metric))).toEqual(new Set(['time_profiler']));
  });

  test("tells the outcome of this very call: a child's error that its parent handles is not the parent's", async () => {
    const { profiler, kept } = recording();
    const notes = new Counter({ name: 'notes', labelNames: ['where'], profiler });
    const child = profiler.profile('a:child', () => {
      throw new Error('child');
    });
    const parent = profiler.profile('a:parent', () => {
      try {
        child();
      } catch {
        notes.inc({ where: 'after the child' });
      }
      return 'fine';
    });
    for (let round = 0; round < 3; round++) {
      expect(parent()).toBe('fine');
      expect(flags(kept)).toEqual({
        response_size: [['a:parent', 'observe', false]],
        time_profiler: [
          ['a:parent.child', 'observe', true],
          ['a:parent', 'observe', false],
        ],
        notes: [['after the child', 'a:parent', false]],
      });
    }
  });

  test('errorIf makes a returned value a failure', async () => {
    const { profiler, kept } = recording();
    const notes = new Counter({ name: 'notes', labelNames: ['where'], profiler });
    profiler.afterFunc = () => notes.inc({ where: 'after' });
    const call = profiler.profile({ name: 'a:f', errorIf: (status: number) => status >= 500 }, (status: number): number => status);
    const later = profiler.profile(
      { name: 'a:g', errorIf: (status: number) => status >= 500 },
      async (status: number): Promise<number> => status,
    );
    for (const [fn, name] of [
      [call, 'a:f'],
      [later, 'a:g'],
    ] as const) {
      for (const status of [200, 500, 500, 200]) {
        expect(await fn(status)).toBe(status);
        expect(flags(kept)).toEqual({
          response_size: [[name, 'observe', status === 500]],
          time_profiler: [[name, 'observe', status === 500]],
          notes: [['after', name, status === 500]],
        });
      }
    }
    expect(await counts(profiler)).toEqual({ 'a:f': 2, 'a:f !': 2, 'a:g': 2, 'a:g !': 2 });
  });

  test('is the last label, and there is no such label when errorRaisedLabel is off', () => {
    const { profiler, kept } = recording();
    const notes = new Counter({ name: 'notes', labelNames: ['b', 'a'], profiler });
    const call = profiler.profile('a:f', () => notes.inc({ b: 1, a: 2 }));
    const labels = (): [string, string[]][] =>
      kept.deliveries.splice(0).map(({ metric, records }) => [metric, Object.keys(records[0]?.labels ?? {})]);
    call();
    expect(labels()).toEqual([
      ['time_profiler', ['error_raised']],
      ['notes', ['b', 'a', 'error_raised']],
    ]);
    profiler.errorRaisedLabel = false;
    call();
    expect(labels()).toEqual([
      ['time_profiler', []],
      ['notes', ['b', 'a']],
    ]);
    profiler.errorRaisedLabel = true;
    call();
    expect(labels()).toEqual([
      ['time_profiler', ['error_raised']],
      ['notes', ['b', 'a', 'error_raised']],
    ]);
  });
});
