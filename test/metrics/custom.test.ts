import { Counter, Enum, Gauge, Histogram, type Labels, type MetricOptions } from 'phanos';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { measured, untyped } from './measured.js';

/** A metric as the specification has it: own operations beside the inherited ones, state that a cleanup drops. */
class Progress extends Gauge<'step'> {
  readonly cleaned: number[] = [];
  #done = 0;

  constructor(options: Pick<MetricOptions, 'profiler'>) {
    super({ name: 'progress', labelNames: ['step'], ...options });
    this.operations = { ...this.operations, advance: (by: number, labels: Labels<'step'>) => this.advance(by, labels) };
    this.defaultOperation = 'advance';
  }

  advance(by: number, labels: Labels<'step'>): void {
    this.#done += by;
    this.set(this.#done, labels);
  }

  override cleanup(): void {
    super.cleanup();
    this.cleaned.push(this.#done);
    this.#done = 0;
  }
}

/** A subclass whose labels are still open. */
class Watched<L extends string> extends Counter<L> {
  seen = 0;
  watch(...args: Parameters<Counter<L>['inc']>): void {
    this.seen++;
    this.inc(...args);
  }
}

describe('storeOperation', () => {
  const step = { step: 'read' };

  test('runs an own operation, the default one if none is named, or an inherited one', async () => {
    const { profiler, samples, records } = measured({ errorRaisedLabel: false });
    const progress = new Progress({ profiler });
    progress.storeOperation({ operation: 'advance', value: 2, labelValues: step });
    progress.storeOperation({ value: 3, labelValues: step });
    progress.storeOperation({ operation: 'dec', value: 1, labelValues: step });
    progress.storeOperation({ operation: 'inc', labelValues: step });
    expect(await samples()).toEqual({ 'progress{step="read"}': 5 });
    expect(await records()).toEqual([
      ['progress', 'set', 2, step],
      ['progress', 'set', 5, step],
      ['progress', 'dec', 1, step],
      ['progress', 'inc', 1, step],
    ]);
  });

  test.each([
    ['counter', 'inc', 2, (p: MetricOptions['profiler']) => new Counter({ name: 'm', profiler: p! })],
    ['gauge', 'inc', 2, (p: MetricOptions['profiler']) => new Gauge({ name: 'm', profiler: p! })],
    ['histogram', 'observe', 2, (p: MetricOptions['profiler']) => new Histogram({ name: 'm', profiler: p! })],
    ['enum', 'state', 'on', (p: MetricOptions['profiler']) => new Enum({ name: 'm', states: ['on'], profiler: p! })],
  ])('a %s has the default operation %s', async (_kind, operation, value, make) => {
    const { profiler, records } = measured({ errorRaisedLabel: false });
    const metric = make(profiler);
    metric.storeOperation({ value });
    expect(metric.defaultOperation).toBe(operation);
    expect(await records()).toEqual([['m', operation, value, {}]]);
  });

  test('its record carries the given call path, or that of the running call', async () => {
    const { profiler, calls } = measured();
    const progress = new Progress({ profiler });
    const fn = profiler.profile('shop:fn', () => {
      progress.storeOperation({ value: 1, labelValues: step, method: profiler.currentNode.context });
      progress.storeOperation({ value: 1, labelValues: step, method: 'Other:path.here' });
      progress.storeOperation({ value: 1, labelValues: step });
      progress.advance(1, step);
    });
    fn();
    progress.storeOperation({ value: 1, labelValues: step, method: 'no colon' });
    await profiler.flush();
    expect(calls.flatMap(({ records }) => records.map(({ item, method }) => [item, method]))).toEqual([
      ['shop', 'shop:fn'],
      ['Other', 'Other:path.here'],
      ['shop', 'shop:fn'],
      ['shop', 'shop:fn'],
      ['', 'no colon'],
    ]);
  });

  test.each([
    ['an unknown operation', { operation: 'advanc', value: 1 }, "unknown operation 'advanc'; known operations: inc, dec, set, advance"],
    [
      'a name that every object has',
      { operation: 'constructor' },
      "unknown operation 'constructor'; known operations: inc, dec, set, advance",
    ],
    ['no name at all', { operation: Symbol('x') }, 'unknown operation Symbol(x); known operations: inc, dec, set, advance'],
  ])('%s is refused', async (_what, stored, message) => {
    const { profiler, samples, troubles, logged } = measured();
    const progress = new Progress({ profiler });
    progress.storeOperation(untyped({ ...stored, labelValues: step }));
    expect(await samples()).toEqual({});
    expect(troubles('operation')).toEqual({ progress: 1 });
    expect(logged[0]?.message).toBe(`gauge 'progress': ${message}; nothing was recorded`);
  });

  test('without arguments it runs the default operation, which may refuse', async () => {
    const { profiler, samples, troubles } = measured();
    const sold = new Counter({ name: 'sold', profiler });
    const progress = new Progress({ profiler });
    sold.storeOperation(untyped(undefined));
    progress.storeOperation({});
    expect(await samples()).toEqual({ sold_total: 1 });
    expect(troubles('labels')).toEqual({ progress: 1 });
  });

  test.each([
    ['an error', new Error('broken'), 'Error: broken'],
    ['a text', 'broken', 'broken'],
    ['something without a text', Object.create(null), 'something without a text'],
  ])('an operation that throws %s is isolated, and the path given to it is forgotten', async (_what, thrown, shown) => {
    const { profiler, calls, troubles, logged } = measured();
    const progress = new Progress({ profiler });
    progress.operations.fail = () => {
      throw thrown;
    };
    progress.operations.failLater = untyped(async () => {
      await Promise.resolve();
      throw thrown;
    });
    progress.storeOperation({ operation: 'fail', method: 'Other:path' });
    progress.advance(1, step);
    progress.storeOperation({ operation: 'failLater' });
    await eventually('both were counted', () => troubles('operation_error').progress === 2);
    expect(logged.map(({ message }) => message)).toEqual([`gauge 'progress': operation 'fail' threw ${shown}; nothing was recorded`]);
    await profiler.flush();
    expect(calls.flatMap(({ records }) => records.map(({ method }) => method))).toEqual(['']);
  });

  test('what is no function is no operation', () => {
    const { profiler, troubles } = measured();
    const progress = new Progress({ profiler });
    progress.operations.five = untyped(5);
    progress.storeOperation({ operation: 'five' });
    expect(troubles('operation')).toEqual({ progress: 1 });
  });
});

describe('cleanup', () => {
  const step = { step: 'read' };

  test('comes after every handler had the records of every metric, once a root call', () => {
    const order: string[] = [];
    const { profiler } = measured({ withoutHandler: true, timeProfile: true });
    for (const handlerName of ['one', 'two']) {
      profiler.addHandler({ handlerName, handle: (records, metric) => void order.push(`${handlerName} ${metric} ${records.length}`) });
    }
    class Noted extends Progress {
      override cleanup(): void {
        super.cleanup();
        order.push(`cleanup ${this.cleaned.at(-1)}`);
      }
    }
    const progress = new Noted({ profiler });
    const child = profiler.profile('shop:child', () => progress.advance(1, step));
    const root = profiler.profile('shop:root', () => {
      child();
      progress.advance(2, step);
    });
    root();
    expect(order).toEqual(['one time_profiler 2', 'two time_profiler 2', 'one progress 2', 'two progress 2', 'cleanup 3']);
    root();
    expect(progress.cleaned).toEqual([3, 3]);
    expect(progress.value(step)).toBe(3);
  });

  test('comes without any handler, and after roots in which the metric recorded nothing', () => {
    const { profiler } = measured({ withoutHandler: true });
    const progress = new Progress({ profiler });
    profiler.profile('shop:root', () => progress.advance(1, step))();
    profiler.profile('shop:root', () => undefined)();
    expect(progress.cleaned).toEqual([1, 0]);
  });

  test('comes at the end of an asynchronous root, not before', async () => {
    const { profiler } = measured({ withoutHandler: true });
    const progress = new Progress({ profiler });
    let goOn!: () => void;
    const root = profiler.profile('shop:root', async () => {
      progress.advance(1, step);
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      progress.advance(1, step);
    });
    const running = root();
    await profiler.flush();
    expect(progress.cleaned).toEqual([]);
    goOn();
    await running;
    expect(progress.cleaned).toEqual([2]);
  });

  test('comes with records that handlers do not want', async () => {
    const { profiler, calls } = measured({ handleRecords: false });
    const progress = new Progress({ profiler });
    profiler.profile('shop:root', () => progress.advance(1, step))();
    progress.advance(1, step);
    await profiler.flush();
    expect(progress.cleaned).toEqual([1, 1]);
    expect(calls).toEqual([]);
    profiler.handleRecords = true;
    profiler.profile('shop:root', () => progress.advance(1, step))();
    expect(calls).toHaveLength(1);
  });

  test('that throws is isolated: the call and the cleanups of others go on', () => {
    const { profiler, calls, troubles, logged } = measured();
    class Broken extends Counter {
      override cleanup(): void {
        throw new Error('no cleanup today');
      }
    }
    const broken = new Broken({ name: 'broken', profiler });
    const progress = new Progress({ profiler });
    const root = profiler.profile('shop:root', () => {
      broken.inc();
      progress.advance(1, step);
      return 'done';
    });
    expect([root(), root()]).toEqual(['done', 'done']);
    expect(progress.cleaned).toEqual([1, 1]);
    expect(calls).toHaveLength(4);
    expect(troubles('cleanup_error')).toEqual({ broken: 2 });
    expect(logged.map(({ level, message }) => [level, message])).toEqual([
      ['error', "cleanup of metric 'broken' threw Error: no cleanup today"],
    ]);
  });

  test('runs unprofiled', () => {
    const { profiler, calls } = measured({ timeProfile: true });
    const inner = profiler.profile('shop:inner', () => 1);
    class Curious extends Counter {
      override cleanup(): void {
        inner();
      }
    }
    const curious = new Curious({ name: 'curious', profiler });
    profiler.profile('shop:root', () => curious.inc())();
    expect(calls.flatMap(({ records }) => records.map(({ method }) => method))).toEqual(['shop:root', 'shop:root']);
  });

  test('may be an own property of the metric', () => {
    const { profiler } = measured({ withoutHandler: true });
    let cleaned = 0;
    const sold = new Counter({ name: 'sold', profiler });
    profiler.addHandler({ handlerName: 'none', handle: () => undefined });
    sold.cleanup = () => void cleaned++;
    profiler.profile('shop:root', () => sold.inc())();
    expect(cleaned).toBe(1);
  });
});

describe('subclasses', () => {
  test('may leave the labels open', async () => {
    const { profiler, samples } = measured();
    const watched = new Watched({ name: 'watched', labelNames: ['kind'], profiler });
    watched.watch({ kind: 'a' });
    watched.watch(2, { kind: 'a' });
    const plain = new Watched({ name: 'plain', profiler });
    plain.watch(...([] as unknown as Parameters<typeof plain.watch>));
    expect([watched.seen, plain.seen]).toEqual([2, 1]);
    expect(await samples()).toEqual({ 'watched_total{kind="a"}': 3, plain_total: 1 });
  });

  test('may override an operation; the inherited entry of operations stays what it was', async () => {
    const { profiler, samples } = measured();
    class Doubled extends Counter {
      override inc(value = 1): void {
        super.inc(2 * value);
      }
    }
    const doubled = new Doubled({ name: 'doubled', profiler });
    doubled.inc();
    doubled.inc(3);
    doubled.storeOperation({ value: 1 });
    expect(await samples()).toEqual({ doubled_total: 9 });
  });

  test('hooks may record with them', () => {
    const { profiler, calls } = measured({ timeProfile: true });
    const started = new Counter({ name: 'started', labelNames: ['name'], profiler });
    profiler.beforeFunc = (fn) => started.storeOperation({ labelValues: { name: fn.name }, method: profiler.currentNode.context });
    const profiledInner = profiler.profile('shop:inner', function inner() {});
    profiler.profile('shop:outer', function outer() {
      profiledInner();
    })();
    const records = calls.find(({ metric }) => metric === 'started')?.records;
    expect(records?.map(({ method, labels }) => [method, labels])).toEqual([
      ['shop:outer', { name: 'outer', error_raised: false }],
      ['shop:outer.inner', { name: 'inner', error_raised: false }],
    ]);
  });
});

describe('storeOperation of a metric with the label method', () => {
  test('labels the series with the given call path, as its record has it', async () => {
    const { profiler, lines, calls } = measured({ errorRaisedLabel: false, limits: { labelValueLength: 20 } });
    const sold = new Counter({ name: 'sold', method: true, labelNames: ['kind'], profiler });
    const labelValues = { kind: 'a' };
    sold.storeOperation({ labelValues, method: 'Shop:given.path' });
    profiler.profile('shop:sell', () => {
      sold.storeOperation({ labelValues, method: profiler.currentNode.context });
      sold.storeOperation({ labelValues });
      sold.storeOperation({ labelValues, method: 'Shop:a.path.that.is.too.long' });
    })();
    await profiler.flush();
    expect(calls.flatMap(({ records }) => records.map(({ method }) => method))).toEqual([
      'shop:sell',
      'shop:sell',
      'Shop:a.path.that.is.too.long',
      'Shop:given.path',
    ]);
    expect(await lines()).toEqual([
      'sold_total{kind="a",method="Shop:given.path"} 1',
      'sold_total{kind="a",method="shop:sell"} 2',
      'sold_total{kind="a",method="Shop:a.path.t.….long"} 1',
    ]);
  });

  test('with callPath root shows the running call as everywhere, and other paths as they are given', async () => {
    const { profiler, lines } = measured({ errorRaisedLabel: false, callPath: 'root' });
    const sold = new Counter({ name: 'sold', method: true, profiler });
    const child = profiler.profile('shop:child', () => {
      sold.inc();
      sold.storeOperation({ method: profiler.currentNode.context });
      sold.storeOperation({ method: 'Shop:other.path' });
    });
    profiler.profile('shop:root', () => child())();
    expect(await lines()).toEqual(['sold_total{method="shop:root"} 2', 'sold_total{method="Shop:other.path"} 1']);
  });

  test.each<[unknown, string]>([
    [null, 'storeOperation takes an object such as { operation, value, labelValues, method }, got null'],
    [5, 'storeOperation takes an object such as { operation, value, labelValues, method }, got 5'],
    [{ method: 5 }, 'method is a call path, a text; got 5'],
    [{ method: null }, 'method is a call path, a text; got null'],
  ])('of %j throws nothing, and is refused', async (stored, message) => {
    const { profiler, lines, logged, troubles } = measured();
    const sold = new Counter({ name: 'sold', method: true, profiler });
    sold.storeOperation(untyped(stored));
    expect([troubles('operation'), await lines()]).toEqual([{ sold: 1 }, []]);
    expect(logged.map((report) => report.message)).toEqual([`counter 'sold': ${message}; nothing was recorded`]);
  });
});
