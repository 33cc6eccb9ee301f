import { describe, expect, test } from 'vitest';
import { Profiler } from '../../src/client.js';
import { counting, counts, deferred, Keeper, recording, silent, troubles, turn } from './watched.js';

/** `m:f`, `m:f.f`, … */
function levels(depth: number, name = 'f'): string[] {
  return Array.from({ length: depth }, (_, at) => `m:${[name, ...Array<string>(at).fill(name)].join('.')}`);
}

describe('recursion', () => {
  test('repeats the name, level by level', async () => {
    const { profiler, kept } = recording();
    const fall = profiler.profile('m:f', (n: number): number => (n <= 1 ? 1 : fall(n - 1)));
    fall(4);
    expect(kept.paths()).toEqual(levels(4).reverse());
    const rise = profiler.profile('m:f', async (n: number): Promise<void> => {
      await turn();
      if (n > 1) await rise(n - 1);
    });
    await rise(4);
    expect(kept.paths()).toEqual(levels(4).reverse());
    expect(await counts(profiler)).toEqual(Object.fromEntries(levels(4).map((path) => [path, 2])));
  });

  test('mutual recursion', async () => {
    const profiler = counting();
    const even = profiler.profile('m:even', (n: number): boolean => n === 0 || odd(n - 1));
    const odd = profiler.profile('m:odd', (n: number): boolean => n !== 0 && even(n - 1));
    expect(even(3)).toBe(false);
    expect(await counts(profiler)).toEqual({ 'm:even': 1, 'm:even.odd': 1, 'm:even.odd.even': 1, 'm:even.odd.even.odd': 1 });
  });

  test('may go deep', () => {
    for (const { profile } of [counting(), recording({ recordLimit: 10 }).profiler]) {
      const fall = profile('m:f', (n: number): number => (n === 0 ? 0 : 1 + fall(n - 1)));
      expect(fall(500)).toBe(500);
      expect(fall(800)).toBe(800);
    }
  });

  test.each([
    ['counting', () => counting()],
    ['recording', () => recording().profiler],
  ])('%s: a stack overflow that the program survives leaves the place as it was', async (_lane, make) => {
    const profiler = make();
    const leaf = profiler.profile('m:leaf', () => 1);
    const fall = profiler.profile('m:f', (): number => 1 + fall());
    const plain = (): number => plain() + 1 + leaf();
    const plainFirst = (): number => leaf() + 1 + plainFirst();
    leaf();
    for (let round = 0; round < 3; round++) {
      for (const deep of [fall, plain, plainFirst]) {
        expect(deep).toThrow(RangeError);
        expect(profiler.currentNode.context).toBe('');
      }
    }
    await profiler.profile('m:root', async () => {
      expect(plainFirst).toThrow(RangeError);
      expect(profiler.currentNode.context).toBe('m:root');
    })();
    expect(profiler.currentNode.context).toBe('');
  });
});

describe.each([
  ['counting', () => []],
  ['recording', () => [new Keeper()]],
])('%s: a clock that finds no room on the stack leaves the place as it was', (_lane, handlers) => {
  test.each<[string, number, () => number]>([
    ['at the start of a call', 1, () => 1],
    ['when it has returned', 2, () => 1],
    [
      'when it has thrown',
      2,
      () => {
        throw new Error('mine');
      },
    ],
  ])('%s', (_when, reading, body) => {
    let left = 0;
    const clock = (): number => {
      if (--left === 0) throw new RangeError('no room');
      return 0;
    };
    const profiler = new Profiler({ clock }).config({ logger: silent, collector: 'local', handlers: handlers() });
    let warm = true;
    const leaf = profiler.profile('m:leaf', () => (warm ? 1 : body()));
    leaf();
    warm = false;
    for (let round = 0; round < 3; round++) {
      left = reading;
      expect(() => leaf()).toThrow(RangeError);
      expect(profiler.currentNode.context).toBe('');
    }
  });
});

describe('limits.contextDepth', () => {
  const limits = { contextDepth: 3 };

  test.each(['sync', 'async'])('%s: records name every level, series of deeper levels fold, and folds are counted', async (kind) => {
    const { profiler, kept } = recording({ limits });
    const fall = profiler.profile('m:f', (n: number): unknown => (n <= 1 ? 1 : fall(n - 1)));
    const rise = profiler.profile('m:f', async (n: number): Promise<void> => {
      await turn();
      if (n > 1) await rise(n - 1);
    });
    for (let round = 1; round <= 2; round++) {
      await (kind === 'sync' ? fall : rise)(6);
      expect(kept.paths()).toEqual(levels(6).reverse());
      expect(await counts(profiler)).toEqual({ 'm:f': round, 'm:f.f': round, 'm:f.f.f': round, 'm:f.f.f.….f': 3 * round });
      expect(troubles(profiler, 'context_depth')).toEqual({ '': 3 * round });
    }
  });

  test('a path of exactly this many calls does not fold', async () => {
    const profiler = counting({ limits });
    const fall = profiler.profile('m:f', (n: number): unknown => (n <= 1 ? 1 : fall(n - 1)));
    fall(3);
    expect(await counts(profiler)).toEqual({ 'm:f': 1, 'm:f.f': 1, 'm:f.f.f': 1 });
    expect(troubles(profiler, 'context_depth')).toEqual({});
  });

  test('each function folds apart, each outcome too, and the way back up is exact', async () => {
    const { profiler, kept } = recording({ limits: { contextDepth: 2 } });
    const { profile } = profiler;
    const leaf = profile('m:leaf', () => 1);
    const fail = profile('m:fail', (): never => {
      leaf();
      throw new Error('deep');
    });
    const b = profile('m:b', () => {
      leaf();
      expect(fail).toThrow('deep');
      leaf();
    });
    const a = profile('m:a', () => {
      b();
      leaf();
    });
    a();
    expect(kept.paths()).toEqual(['m:a.b.leaf', 'm:a.b.fail.leaf', 'm:a.b.fail !', 'm:a.b.leaf', 'm:a.b', 'm:a.leaf', 'm:a']);
    expect(await counts(profiler)).toEqual({ 'm:a': 1, 'm:a.b': 1, 'm:a.leaf': 1, 'm:a.b.….leaf': 3, 'm:a.b.….fail !': 1 });
  });

  test('deep asynchronous calls side by side keep their places', async () => {
    const { profiler, kept } = recording({ limits: { contextDepth: 1 } });
    const leaf = profiler.profile('m:leaf', () => 1);
    const work = profiler.profile('m:work', async (n: number): Promise<void> => {
      for (let at = 0; at < n; at++) await turn();
      leaf();
    });
    const root = profiler.profile('m:root', async () => void (await Promise.all([work(2), work(1), work(2)])));
    await Promise.all([root(), root()]);
    expect(kept.paths().sort()).toEqual([
      ...Array<string>(2).fill('m:root'),
      ...Array<string>(6).fill('m:root.work'),
      ...Array<string>(6).fill('m:root.work.leaf'),
    ]);
    expect(await counts(profiler)).toEqual({ 'm:root': 2, 'm:root.….work': 6, 'm:root.….leaf': 6 });
  });

  test('what is forgotten by clear() while deep calls run is found again', async () => {
    const { profiler, kept } = recording({ limits: { contextDepth: 1 } });
    const gate = deferred();
    const leaf = profiler.profile('m:leaf', () => 1);
    const work = profiler.profile('m:work', async () => {
      leaf();
      await gate.promise;
      leaf();
    });
    const root = profiler.profile('m:root', async () => work());
    const running = root();
    profiler.clear();
    gate.resolve();
    await running;
    await root();
    expect(kept.paths().filter((path) => path === 'm:root.work')).toHaveLength(2);
    expect((await counts(profiler))['m:root.….leaf']).toBe(4);
  });
});

describe('limits.callNodes', () => {
  test('calls on further paths are recorded whole, and timed together', async () => {
    const { profiler, kept } = recording({ limits: { callNodes: 2 } });
    const { profile } = profiler;
    const leaf = profile('m:leaf', () => 1);
    const known = profile('m:known', () => leaf());
    const late = profile('m:late', () => leaf());
    known();
    for (let round = 0; round < 2; round++) late();
    known();
    expect(kept.paths()).toEqual(['m:known.leaf', 'm:known', 'm:late.leaf', 'm:late', 'm:late.leaf', 'm:late', 'm:known.leaf', 'm:known']);
    expect(await counts(profiler)).toEqual({ 'm:known': 2, 'm:known.leaf': 2, '…:…': 4 });
    expect(troubles(profiler, 'call_paths')).toEqual({ '': 4 });
    expect(troubles(profiler, 'context_depth')).toEqual({});
  });

  test('asynchronous calls on further paths keep their places', async () => {
    const { profiler, kept } = recording({ limits: { callNodes: 1 } });
    const leaf = profiler.profile('m:leaf', () => 1);
    const work = profiler.profile('m:work', async () => {
      await turn();
      leaf();
    });
    const root = profiler.profile('m:root', async () => void (await Promise.all([work(), work()])));
    await Promise.all([root(), root()]);
    expect(kept.paths().sort()).toEqual([
      ...Array<string>(2).fill('m:root'),
      ...Array<string>(4).fill('m:root.work'),
      ...Array<string>(4).fill('m:root.work.leaf'),
    ]);
    expect(await counts(profiler)).toEqual({ 'm:root': 2, '…:…': 8 });
  });

  test('clear() makes room again, also while calls on further paths run', async () => {
    const { profiler, kept } = recording({ limits: { callNodes: 1 } });
    const gate = deferred();
    const leaf = profiler.profile('m:leaf', () => 1);
    const work = profiler.profile('m:work', async () => {
      await gate.promise;
      return leaf();
    });
    const root = profiler.profile('m:root', async () => work());
    const running = root();
    profiler.clear();
    gate.resolve();
    expect(await running).toBe(1);
    expect(kept.paths()).toEqual(['m:root.work.leaf', 'm:root.work', 'm:root']);
    leaf();
    expect((await counts(profiler))['m:leaf']).toBe(1);
  });

  test('tells the user once', () => {
    const warnings: string[] = [];
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      error: () => undefined,
      warn: (_: object, message?: string) => void warnings.push(message ?? ''),
    };
    const profiler = counting({ limits: { callNodes: 1 }, logger });
    for (let at = 0; at < 5; at++) profiler.profile(`m:f${at}`, () => 1)();
    expect(warnings).toEqual([expect.stringMatching(/call paths.*limits\.callNodes/)]);
  });
});

test('the tree is interned: the same path is one series, however often and from wherever it is called', async () => {
  const profiler = counting();
  const leaf = profiler.profile('m:leaf', () => 1);
  const one = profiler.profile('m:one', () => leaf());
  const two = profiler.profile('m:two', () => leaf());
  for (let round = 0; round < 5; round++) {
    one();
    two();
    leaf();
  }
  profiler.clear();
  one();
  leaf();
  expect(await counts(profiler)).toEqual({ 'm:one': 6, 'm:one.leaf': 6, 'm:two': 5, 'm:two.leaf': 5, 'm:leaf': 6 });
});

test('callPath tells how much of the path the default metrics carry; records always carry all of it', async () => {
  const program = (callPath: 'full' | 'off' | 'root') => {
    const { profiler, kept } = recording({ callPath });
    const leaf = profiler.profile('m:leaf', () => 1);
    profiler.profile('m:root', () => profiler.profile('m:middle', () => leaf())())();
    return { profiler, kept };
  };
  const lines = async (callPath: 'full' | 'off' | 'root'): Promise<string[]> => {
    const { profiler, kept } = program(callPath);
    expect((kept satisfies Keeper).paths()).toEqual(['m:root.middle.leaf', 'm:root.middle', 'm:root']);
    const text = await profiler.metrics();
    return [...text.matchAll(/^phanos_time_profiler_seconds_count(.*)$/gm)].map(([, rest = '']) => rest).sort();
  };
  expect(await lines('full')).toEqual([
    '{method="m:root",function="m.root",error_raised="false"} 1',
    '{method="m:root.middle",function="m.middle",error_raised="false"} 1',
    '{method="m:root.middle.leaf",function="m.leaf",error_raised="false"} 1',
  ]);
  expect(await lines('root')).toEqual([
    '{method="m:root",function="m.leaf",error_raised="false"} 1',
    '{method="m:root",function="m.middle",error_raised="false"} 1',
    '{method="m:root",function="m.root",error_raised="false"} 1',
  ]);
  expect(await lines('off')).toEqual([
    '{function="m.leaf",error_raised="false"} 1',
    '{function="m.middle",error_raised="false"} 1',
    '{function="m.root",error_raised="false"} 1',
  ]);
});

test('roots whose owner is not known yet leave no room of the tree behind', async () => {
  const profiler = counting({ limits: { callNodes: 3 } });
  const { profile } = profiler;
  const leaf = profile('m:leaf', () => 1);
  class Detached {
    @profile run(): number {
      return leaf();
    }
  }
  const { run } = Detached.prototype;
  for (let round = 0; round < 5; round++) run();
  leaf();
  expect(troubles(profiler, 'call_paths')).toEqual({});
  expect(await counts(profiler)).toEqual({ 'call-tree.test:run': 5, 'call-tree.test:run.leaf': 5, 'm:leaf': 1 });
});

describe('functions that are made anew all the time are one function in the tree', () => {
  test('closures of the same name', async () => {
    const profiler = counting({ limits: { callNodes: 5 } });
    const handle = profiler.profile('m:handle', () => profiler.profile('m:step', () => 1)());
    for (let round = 0; round < 10; round++) {
      handle();
      void profiler.profile('m:task', async () => handle())();
    }
    await turn();
    expect(troubles(profiler, 'call_paths')).toEqual({});
    expect(await counts(profiler)).toEqual({
      'm:handle': 10,
      'm:handle.step': 10,
      'm:task': 10,
      'm:task.handle': 10,
      'm:task.handle.step': 10,
    });
  });

  test('arrow functions in fields of many instances', async () => {
    const profiler = counting({ limits: { callNodes: 2 } });
    const { profile } = profiler;
    class Worker {
      @profile run = (): number => this.step();
      @profile step = (): number => 1;
    }
    for (let round = 0; round < 10; round++) new Worker().run();
    expect(troubles(profiler, 'call_paths')).toEqual({});
    expect(await counts(profiler)).toEqual({ 'Worker:run': 10, 'Worker:run.step': 10 });
  });

  test('but functions of the same name and another owner are told apart', async () => {
    const profiler = counting();
    const one = profiler.profile('one:step', () => 1);
    const two = profiler.profile('two:step', () => 1);
    profiler.profile('m:root', () => one() + two() + two())();
    const text = await profiler.metrics();
    const series = [...text.matchAll(/^phanos_time_profiler_seconds_count\{method="m:root.step",(.*)\} (\d+)$/gm)];
    expect(series.map(([, labels, count]) => [labels, count])).toEqual([
      ['function="one.step",error_raised="false"', '1'],
      ['function="two.step",error_raised="false"', '2'],
    ]);
  });
});
