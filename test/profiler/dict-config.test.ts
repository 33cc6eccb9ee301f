import { Writable } from 'node:stream';
import {
  type Handler,
  Profiler,
  RESPONSE_SIZE,
  type Recorded,
  registerHandlerClass,
  registerLogger,
  StreamHandler,
  TIME_PROFILER,
} from 'phanos';
import { describe, expect, test, vi } from 'vitest';
import { logSink } from '../diagnostics/log-sink.js';
import { samplesOf, untyped } from '../metrics/measured.js';

/** A handler of the user's that says what it was made with and what becomes of it. */
class Own implements Handler {
  static readonly made: Own[] = [];
  readonly handlerName: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly metrics: string[] = [];
  closed = 0;

  constructor(handlerName: string, options: Readonly<Record<string, unknown>>) {
    this.handlerName = handlerName;
    this.options = options;
    Own.made.push(this);
  }

  handle(_records: readonly Recorded[], metric: string): void {
    this.metrics.push(metric);
  }

  async close(): Promise<void> {
    this.closed++;
  }
}

const logger = logSink();

function memory(): { output: Writable; text(): string } {
  let text = '';
  const output = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return { output, text: () => text };
}

test.each(['snake_case', 'camelCase'])('takes keys in %s', async (form) => {
  const { output, text } = memory();
  const settings = {
    job: 'shop',
    logger,
    time_profile: true,
    response_size_profile: false,
    error_raised_label: false,
    handle_records: true,
    call_path: 'root',
    record_limit: 2,
    limits: { series_per_metric: 1 },
    handlers: { ref: { class: 'StreamHandler', handler_name: 'out', output, buffer_limit: 1000 } },
  };
  const camel = (value: unknown): unknown =>
    typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype || value === logger
      ? value
      : Object.fromEntries(
          Object.entries(value).map(([key, inner]) => [key.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase()), camel(inner)]),
        );
  const profiler = new Profiler();
  expect(profiler.dictConfig((form === 'camelCase' ? camel(settings) : settings) as object as Record<string, unknown>)).toBe(profiler);
  const inner = profiler.profile('shop:inner', () => 1);
  profiler.profile('shop:outer', () => inner())();
  await profiler.flush();
  expect(
    text()
      .split('\n')
      .map((line) => line.replace(/value: [\d.]+/, 'value: …')),
  ).toEqual([
    'profiler: time_profiler, method: shop:outer.inner, value: … mS',
    'profiler: time_profiler, method: shop:outer, value: … mS',
    '',
  ]);
  expect([profiler.job, profiler.errorRaisedLabel, [...profiler.registeredMetrics.keys()], [...profiler.handlers.keys()]]).toEqual([
    'shop',
    false,
    [TIME_PROFILER],
    ['out'],
  ]);
  expect(Object.keys(await samplesOf(profiler)).filter((name) => name.includes('_count'))).toEqual([
    'phanos_time_profiler_seconds_count{method="shop:outer",function="shop.inner"}',
    'phanos_time_profiler_seconds_count{phanos_overflow="true"}',
  ]);
});

test('what is not given has the defaults of config', () => {
  const profiler = new Profiler().dictConfig({ job: 'shop' });
  expect([...profiler.registeredMetrics.keys()].sort()).toEqual([RESPONSE_SIZE, TIME_PROFILER]);
  expect([profiler.handleRecords, profiler.errorRaisedLabel]).toEqual([true, true]);
});

describe('classes of handlers', () => {
  test.each(['StreamHandler', 'phanos.publisher.StreamHandler', 'phanos.handlers.StreamHandler', 'phanos.StreamHandler'])(
    'by the name %s',
    (name) => {
      const { output } = memory();
      const profiler = new Profiler().dictConfig({ job: 'shop', handlers: { a: { class: name, handler_name: 'out', output } } });
      expect(profiler.handlers.get('out')).toBeInstanceOf(StreamHandler);
    },
  );

  test('as they are, with copies of their options', () => {
    Own.made.length = 0;
    const shared = { list: [1, { a: [2] }], keep: new Map() };
    const settings = { job: 'shop', handlers: { a: { class: Own, handler_name: 'own', some_option: shared, plain: 5 } } };
    new Profiler().dictConfig(settings);
    shared.list.push(3);
    (shared.list[1] as { a: number[] }).a.push(4);
    expect(Own.made[0]?.handlerName).toBe('own');
    expect(Own.made[0]?.options).toEqual({ someOption: { list: [1, { a: [2] }], keep: shared.keep }, plain: 5 });
    expect((Own.made[0]!.options.someOption as typeof shared).keep).toBe(shared.keep);
    expect(settings.handlers.a).toEqual({ class: Own, handler_name: 'own', some_option: shared, plain: 5 });
  });

  test('by a name that the user registered', () => {
    registerHandlerClass('dictConfigOwn', Own);
    const profiler = new Profiler().dictConfig({ job: 'shop', handlers: { a: { class: 'dictConfigOwn', handlerName: 'own' } } });
    expect(profiler.handlers.get('own')).toBeInstanceOf(Own);
    expect(() => registerHandlerClass('', Own)).toThrow("registerHandlerClass: name must be a non-empty string, got ''");
    expect(() => registerHandlerClass('x', untyped('Own'))).toThrow("registerHandlerClass: handlerClass must be a class, got 'Own'");
  });

  test('the later of two of one name replaces the first, with a warning', () => {
    const sink = logSink();
    const profiler = new Profiler().dictConfig({
      job: 'shop',
      logger: sink,
      handlers: { a: { class: Own, handler_name: 'h', n: 1 }, b: { class: Own, handler_name: 'h', n: 2 } },
    });
    expect([...profiler.handlers.values()].map((handler) => (handler as Own).options)).toEqual([{ n: 2 }]);
    expect(sink.logged.map(({ message }) => message)).toEqual(["handler 'h' existed and was replaced"]);
  });
});

describe('references', () => {
  test.each([
    ['ext://process.stdout', process.stdout],
    ['ext://process.stderr', process.stderr],
    ['ext://sys.stdout', process.stdout],
    ['ext://sys.stderr', process.stderr],
    ['ext://console', console],
  ])('%s', (reference, meant) => {
    Own.made.length = 0;
    new Profiler().dictConfig({
      job: 'shop',
      handlers: { a: { class: Own, handler_name: 'own', output: reference, nested: { in: [reference] } } },
    });
    expect(Own.made[0]?.options.output).toBe(meant);
    expect((Own.made[0]!.options.nested as { in: unknown[] }).in[0]).toBe(meant);
  });

  test('a logger by the name that it was registered under', () => {
    const sink = logSink();
    registerLogger('dict-config-log', sink);
    const profiler = new Profiler().dictConfig({ job: 'shop', logger: 'dict-config-log' });
    profiler.deleteMetric('nope');
    expect(sink.logged.map(({ message }) => message)).toEqual(["there is no metric 'nope' to delete"]);
  });

  test('the console as logger', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    new Profiler().dictConfig({ job: 'shop', logger: 'ext://console' }).deleteMetric('nope');
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});

describe('what is wrong', () => {
  const own = { class: Own, handler_name: 'own' };
  test.each([
    [null, 'dictConfig: settings must be an object, got null'],
    [[], 'dictConfig: settings must be an object, got an array'],
    [{}, "dictConfig: 'job' is missing; give the name of the service"],
    [{ time_profile: true }, "dictConfig: 'job' is missing; give the name of the service"],
    [{ job: 5 }, 'dictConfig: job must be a string, got 5'],
    [{ job: 'a', time_profil: true }, "dictConfig: unknown option 'timeProfil', did you mean 'timeProfile'?"],
    [
      { job: 'a', time_profile: true, timeProfile: true },
      "dictConfig: 'time_profile' and 'timeProfile' are the same setting; give one of them",
    ],
    [{ job: 'a', time_profile: 1 }, 'dictConfig: timeProfile must be true or false, got 1'],
    [{ job: 'a', logger: 'nobody' }, "dictConfig: no logger is registered as 'nobody'"],
    [{ job: 'a', logger: 'ext://nobody' }, "dictConfig: logger: unknown reference 'ext://nobody'"],
    [{ job: 'a', limits: { series: 1 } }, "dictConfig: limits: unknown option 'series'"],
    [{ job: 'a', handlers: [own] }, 'dictConfig: handlers must be an object of names and settings, got an array'],
    [{ job: 'a', handlers: { x: 5 } }, 'dictConfig: handlers.x: settings must be an object, got 5'],
    [
      { job: 'a', handlers: { x: { handler_name: 'x' } } },
      'dictConfig: handlers.x: class must be a handler class or the name of one, got undefined',
    ],
    [
      { job: 'a', handlers: { x: { class: 'StremHandler', handler_name: 'x' } } },
      "dictConfig: handlers.x: unknown handler class 'StremHandler', did you mean 'StreamHandler'?",
    ],
    [
      { job: 'a', handlers: { x: { class: 'constructor', handler_name: 'x' } } },
      "dictConfig: handlers.x: unknown handler class 'constructor'",
    ],
    [
      { job: 'a', handlers: { x: { class: 'phanos.publisher.AsyncImpProfHandler', handler_name: 'x' } } },
      "; or import 'phanos/rabbitmq' before",
    ],
    [{ job: 'a', handlers: { x: { class: Own } } }, 'dictConfig: handlers.x: handler_name must be a non-empty string, got undefined'],
    [
      { job: 'a', handlers: { x: { class: 'StreamHandler', handler_name: 'x', outptu: 1 } } },
      "StreamHandler 'x': unknown option 'outptu', did you mean 'output'?",
    ],
    [
      { job: 'a', handlers: { x: { ...own, output: 'ext://process.stdin' } } },
      "dictConfig: handlers.x.output: unknown reference 'ext://process.stdin', known are process.stdout",
    ],
    [
      { job: 'a', handlers: { x: { ...own, a: { b: ['ext://toString'] } } } },
      "dictConfig: handlers.x.a.b: unknown reference 'ext://toString'",
    ],
    [
      { job: 'a', handlers: { x: { class: Object, handler_name: 'x' } } },
      'dictConfig: handlers.x: handler must be an object with the methods handle',
    ],
  ])('%o: a TypeError that says so', (settings, message) => {
    const profiler = new Profiler();
    let error: unknown;
    try {
      profiler.dictConfig(untyped(settings));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(message);
    expect([profiler.job, profiler.handlers.size, profiler.registeredMetrics.size]).toEqual(['', 0, 0]);
  });

  test('is found before anything is applied, and handlers that were made are closed', () => {
    Own.made.length = 0;
    const profiler = new Profiler().config({ job: 'before', logger, timeProfile: false, responseSizeProfile: false });
    const bad = { class: 'Nothing', handler_name: 'two' };
    expect(() =>
      profiler.dictConfig({ job: 'after', error_raised_label: false, handlers: { one: { ...own, handler_name: 'one' }, two: bad } }),
    ).toThrow(TypeError);
    expect([profiler.job, profiler.errorRaisedLabel, profiler.handlers.size, profiler.registeredMetrics.size]).toEqual([
      'before',
      true,
      0,
      0,
    ]);
    expect(Own.made.map(({ handlerName, closed }) => [handlerName, closed])).toEqual([['one', 1]]);
    expect(() => profiler.dictConfig({ job: 'after', flush_interval: 'x', handlers: { one: own } })).toThrow(TypeError);
    expect(Own.made).toHaveLength(1);
  });
});

test('the deprecated request_size_profile is taken for response_size_profile, with a warning', () => {
  const sink = logSink();
  const off = new Profiler().dictConfig({ job: 'shop', logger: sink, request_size_profile: false });
  expect([...off.registeredMetrics.keys()]).toEqual([TIME_PROFILER]);
  expect(sink.logged.map(({ level, message }) => [level, message])).toEqual([
    ['warn', "dictConfig: 'request_size_profile' is deprecated, use 'response_size_profile'"],
  ]);
  const both = new Profiler().dictConfig({ job: 'shop', logger: sink, request_size_profile: false, response_size_profile: true });
  expect(both.registeredMetrics.has(RESPONSE_SIZE)).toBe(true);
});

test('called twice: handlers of before stay', () => {
  const profiler = new Profiler();
  profiler.dictConfig({ job: 'one', logger, handlers: { a: { class: Own, handler_name: 'a' } } });
  profiler.dictConfig({ job: 'two', logger, handlers: { b: { class: Own, handler_name: 'b' } } });
  expect([profiler.job, [...profiler.handlers.keys()]]).toEqual(['two', ['a', 'b']]);
});
