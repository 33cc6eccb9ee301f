import { Counter, type Handler, Profiler, RESPONSE_SIZE, TIME_PROFILER } from 'phanos';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { logSink } from '../diagnostics/log-sink.js';
import { measured, samplesOf, untyped } from '../metrics/measured.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

function errorOf(task: () => unknown): Error & { code?: string } {
  try {
    task();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

const quiet = { logger: logSink() };
const handler: Handler = { handlerName: 'h', handle: () => undefined };

describe('wrong options', () => {
  test.each([
    [{ job: 5 }, 'config: job must be a string, got 5'],
    [{ job: null }, 'config: job must be a string, got null'],
    [
      { logger: {} },
      'config: logger must be an object with the methods debug, info, warn, error, got an object without debug, info, warn, error',
    ],
    [{ logger: { ...logSink(), warn: 1 } }, 'got an object without warn'],
    [{ timeProfile: 'yes' }, "config: timeProfile must be true or false, got 'yes'"],
    [{ timeProfile: null }, 'config: timeProfile must be true or false, got null'],
    [{ responseSizeProfile: 1 }, 'config: responseSizeProfile must be true or false, got 1'],
    [{ handleRecords: 0 }, 'config: handleRecords must be true or false, got 0'],
    [{ errorRaisedLabel: 'off' }, "config: errorRaisedLabel must be true or false, got 'off'"],
    [{ handlers: { a: handler } }, 'config: handlers must be an array of handlers, got an object'],
    [{ handlers: [{}] }, 'config: handlers[0] must be an object with the methods handle, got an object without handle'],
    [{ handlers: [{ handle: () => 1 }] }, 'config: handlers[0].handlerName must be a non-empty string, got undefined'],
    [{ handlers: [handler, { ...handler, handlerName: '' }] }, "config: handlers[1].handlerName must be a non-empty string, got ''"],
    [{ collector: 'remote' }, 'config: collector must be '],
    [{ collector: null }, 'config: collector must be '],
    [{ flushInterval: '1s' }, "config: flushInterval must be a number greater than 0, got '1s'"],
    [{ flushInterval: Number.NaN }, 'config: flushInterval must be a number greater than 0, got NaN'],
    [{ callPath: 'leaf' }, "config: callPath must be 'full', 'root' or 'off', got 'leaf'"],
    [{ instance: 5 }, 'config: instance must be a non-empty string, got 5'],
    [{ instance: '' }, "config: instance must be a non-empty string, got ''"],
    [{ worker: 0 }, 'config: worker must be a non-empty string, got 0'],
    [{ recordLimit: 1.5 }, 'config: recordLimit must be a whole number of at least 1, got 1.5'],
    [{ recordLimit: '100' }, "config: recordLimit must be a whole number of at least 1, got '100'"],
    [{ closeOn: 'SIGTERM' }, "config: closeOn must be an array of signals such as 'SIGTERM', got 'SIGTERM'"],
    [{ closeOn: [15] }, 'config: closeOn must be a non-empty string, got 15'],
    [{ closeOn: ['SIGTREM'] }, "config: closeOn has the unknown signal 'SIGTREM', did you mean 'SIGTERM'?"],
    [{ closeOn: ['SIGKILL'] }, "config: closeOn can't have SIGKILL, which ends a process without asking it"],
    [{ limits: 5 }, 'config: limits: options must be an object, got 5'],
    [{ limits: null }, 'config: limits: options must be an object, got null'],
    [{ limits: { callNodes: '5' } }, "config: limits.callNodes must be a whole number of at least 1, got '5'"],
    [{ limits: { seriesPerMetrics: 5 } }, "config: limits: unknown option 'seriesPerMetrics', did you mean 'seriesPerMetric'?"],
    [{ jop: 'shop' }, "config: unknown option 'jop', did you mean 'job'?"],
    [{ error_raised_label: true }, "config: unknown option 'error_raised_label', did you mean 'errorRaisedLabel'?"],
    [null, 'config: options must be an object, got null'],
    ['shop', "config: options must be an object, got 'shop'"],
  ])('%o: a TypeError that says what is wrong', (options, message) => {
    const profiler = new Profiler();
    const error = errorOf(() => profiler.config(untyped(options)));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(message);
    expect(error.code).toMatch(/^OPTION_(INVALID|UNKNOWN)$/);
  });

  test.each([
    [{ flushInterval: 0 }, 'config: flushInterval must be greater than 0, got 0'],
    [{ flushInterval: -1 }, 'config: flushInterval must be greater than 0, got -1'],
    [{ recordLimit: 0 }, 'config: recordLimit must be at least 1, got 0'],
    [{ limits: { contextDepth: 0 } }, 'config: limits.contextDepth must be at least 1, got 0'],
  ])('%o: a RangeError', (options, message) => {
    const error = errorOf(() => new Profiler().config(options));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe(message);
  });

  test('nothing of them is applied', () => {
    const { profiler, logged } = measured({ job: 'before', errorRaisedLabel: false });
    const other = { ...handler, handlerName: 'other' };
    expect(() =>
      profiler.config({ job: 'after', errorRaisedLabel: true, timeProfile: true, handlers: [other], limits: { callNodes: 0 } }),
    ).toThrow(RangeError);
    expect([profiler.job, profiler.errorRaisedLabel, [...profiler.handlers.keys()], profiler.registeredMetrics.size]).toEqual([
      'before',
      false,
      ['kept'],
      0,
    ]);
    expect(logged).toEqual([]);
  });

  test('the clock of a profiler must be a function', () => {
    expect(() => new Profiler(untyped({ clock: 5 }))).toThrow('Profiler: clock must be a function, got 5');
  });
});

describe('defaults', () => {
  test('all is on', async () => {
    const profiler = new Profiler();
    expect(profiler.config(quiet)).toBe(profiler);
    profiler.profile('shop:fn', () => 'four')();
    expect([profiler.job, profiler.handleRecords, profiler.errorRaisedLabel, profiler.handlers.size]).toEqual(['', true, true, 0]);
    expect([...profiler.registeredMetrics.keys()]).toEqual([RESPONSE_SIZE, TIME_PROFILER]);
    const names = Object.keys(await samplesOf(profiler)).filter((name) => name.includes('_count'));
    expect(names).toEqual([
      'phanos_time_profiler_seconds_count{method="shop:fn",function="shop.fn",error_raised="false"}',
      'phanos_response_size_bytes_count{method="shop:fn",function="shop.fn",error_raised="false"}',
    ]);
  });

  test('an option that is undefined has its default', () => {
    const profiler = new Profiler();
    const limits = { contextDepth: undefined, seriesPerMetric: undefined };
    profiler.config(untyped({ ...quiet, job: undefined, timeProfile: undefined, collector: undefined, handlers: undefined, limits }));
    expect([...profiler.registeredMetrics.keys()]).toEqual([RESPONSE_SIZE, TIME_PROFILER]);
  });

  test('limits that are undefined still limit', async () => {
    const { profiler, samples } = measured({ timeProfile: true, withoutHandler: true, limits: untyped({ contextDepth: undefined }) });
    let depth = 0;
    const deep: () => void = profiler.profile('shop:deep', () => {
      if (++depth < 60) deep();
    });
    deep();
    expect(Object.keys(await samples()).filter((name) => name.includes('_count'))).toHaveLength(33);
  });

  test('the console is the logger', () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const profiler = new Profiler().config();
    new Counter({ name: 'sold', profiler }).inc(-1);
    expect(error.mock.calls).toEqual([
      [
        'phanos: counter \'sold\': takes finite numbers that are not negative, got -1; nothing was recorded {"metric":"sold","reason":"value"}',
      ],
    ]);
    error.mockRestore();
  });
});

describe('each on its own', () => {
  test('timeProfile and responseSizeProfile off: that metric is not there', async () => {
    const noTime = measured({ timeProfile: false, responseSizeProfile: true });
    noTime.profiler.profile('shop:fn', () => 'x')();
    expect((await noTime.records()).map(([metric]) => metric)).toEqual([RESPONSE_SIZE]);
    const noSize = measured({ timeProfile: true, responseSizeProfile: false });
    noSize.profiler.profile('shop:fn', () => 'x')();
    expect((await noSize.records()).map(([metric]) => metric)).toEqual([TIME_PROFILER]);
    expect(Object.keys(await noSize.samples()).join()).not.toContain('response_size');
  });

  test('handleRecords off: no records, but series; it can be switched at any time', async () => {
    const { profiler, records, samples } = measured({ handleRecords: false });
    const sold = new Counter({ name: 'sold', profiler });
    sold.inc();
    profiler.handleRecords = true;
    sold.inc();
    await records().then((seen) => expect(seen).toHaveLength(1));
    profiler.handleRecords = false;
    sold.inc();
    expect(await records()).toEqual([]);
    expect(await samples()).toEqual({ sold_total: 3 });
  });

  test("collector 'off': records, but no series", async () => {
    const { profiler, records } = measured({ collector: 'off' });
    const sold = new Counter({ name: 'sold', profiler });
    sold.inc();
    expect(sold.value()).toBe(0);
    expect(await records()).toHaveLength(1);
  });

  test('with neither lane, without metrics, or without config, the wrapper just calls through', async () => {
    const idle = [
      new Profiler(),
      new Profiler().config({ ...quiet, collector: 'off' }),
      new Profiler().config({ ...quiet, collector: 'off', handlers: [handler], handleRecords: false }),
      new Profiler().config({ ...quiet, timeProfile: false, responseSizeProfile: false, handlers: [handler] }),
    ];
    for (const profiler of idle) {
      let seen: string | undefined;
      const fn = profiler.profile('shop:fn', () => {
        seen = profiler.currentNode.context;
      });
      fn();
      expect(seen).toBe('');
    }
  });

  test.each([
    ['full', ['method="shop:outer.inner",function="shop.inner"', 'method="shop:outer",function="shop.outer"']],
    ['root', ['method="shop:outer",function="shop.inner"', 'method="shop:outer",function="shop.outer"']],
    ['off', ['function="shop.inner"', 'function="shop.outer"']],
  ] as const)('callPath %s', async (callPath, labels) => {
    const { profiler, samples, calls } = measured({ timeProfile: true, callPath, errorRaisedLabel: false });
    const inner = profiler.profile('shop:inner', () => 1);
    profiler.profile('shop:outer', () => inner())();
    const counts = Object.entries(await samples()).filter(([name]) => name.includes('_count'));
    expect(counts).toEqual(labels.map((text) => [`phanos_time_profiler_seconds_count{${text}}`, 1]));
    expect(calls[0]?.records.map(({ method }) => method)).toEqual(['shop:outer.inner', 'shop:outer']);
  });

  test('logger: a new one takes over, none brings the console back', () => {
    const { profiler, logged } = measured();
    const second = logSink();
    profiler.config({ logger: second });
    profiler.deleteMetric('nope');
    expect([logged.length, second.logged.map(({ message }) => message)]).toEqual([
      0,
      ['the profiler is configured again; what is not given has its default', "there is no metric 'nope' to delete"],
    ]);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    profiler.config();
    profiler.deleteMetric('never');
    expect(warn.mock.calls.map(([line]) => line)).toContain('phanos: there is no metric \'never\' to delete {"metric":"never"}');
    warn.mockRestore();
  });

  test('a logger that throws changes nothing', () => {
    const broken = () => {
      throw new Error('no log');
    };
    const profiler = new Profiler().config({ logger: { debug: broken, info: broken, warn: broken, error: broken } });
    const sold = new Counter({ name: 'sold', profiler });
    sold.inc(-1);
    sold.inc();
    expect(sold.value()).toBe(1);
  });
});

describe('the environment', () => {
  test('PHANOS_COLLECTOR is the default of collector', async () => {
    vi.stubEnv('PHANOS_COLLECTOR', 'off');
    await expect(new Profiler().config(quiet).metrics()).rejects.toMatchObject({ code: 'COLLECTOR_UNAVAILABLE' });
    expect(await new Profiler().config({ ...quiet, collector: 'local' }).metrics()).toBe('');
    await expect(new Profiler().config({ ...quiet, collector: 'auto' }).metrics()).rejects.toMatchObject({ code: 'COLLECTOR_UNAVAILABLE' });
    vi.stubEnv('PHANOS_COLLECTOR', '');
    expect(await new Profiler().config(quiet).metrics()).toBe('');
  });

  test('PHANOS_COLLECTOR that is wrong is told at config, unless config says where', () => {
    vi.stubEnv('PHANOS_COLLECTOR', 'nowhere');
    expect(() => new Profiler().config(quiet)).toThrow('PHANOS_COLLECTOR');
    new Profiler().config({ ...quiet, collector: 'local' });
  });
});

test('a new Profiler refuses unknown options', () => {
  expect(() => new Profiler(untyped({ clok: () => 0 }))).toThrow("Profiler: unknown option 'clok', did you mean 'clock'?");
  expect(() => new Profiler(untyped(null))).toThrow('Profiler: options must be an object, got null');
});
