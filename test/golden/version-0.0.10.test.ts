import { Counter, Enum, Gauge, Histogram, Info, LoggerHandler, ResponseSize, Summary, TimeProfiler } from 'phanos';
import { logSink } from '../diagnostics/log-sink.js';
import { replay } from './replay.js';
import { pythonSize, type Stage, type StageOptions } from './stage.js';

/** What version 0.0.10 did. Its documentation is our specification, but its code was not yet what it says, and 0.3.2 goes before it. */

/** Its configuration: no job, no label of errors, and both default metrics unless told otherwise. */
function config(c: Stage, timeProfile = true, responseSizeProfile = true, options: StageOptions = {}): Stage {
  return c.config({ job: '', errorRaisedLabel: false, timeProfile, responseSizeProfile, ...options });
}

/** The methods of the programs' class; that version named local classes after their module. */
function methodsOf({ fn, clock }: Stage) {
  const first = fn('first', () => clock.tick(200), pythonSize(1712));
  const second = fn(
    'second',
    () => {
      first();
      clock.tick(300);
    },
    pythonSize(48),
  );
  const get = fn(
    'get',
    () => {
      first();
      second();
    },
    pythonSize(48),
  );
  const boom = fn('boom', () => {
    first();
    throw new Error('boom');
  });
  return { first, second, get, boom };
}

/** What calls throw, by their names; `ok` if nothing. */
function errorsOf(calls: Readonly<Record<string, () => unknown>>): Record<string, string> {
  const outcomes = Object.entries(calls).map(([name, call]) => {
    try {
      call();
      return [name, 'ok'];
    } catch (error) {
      return [name, String(error)];
    }
  });
  return Object.fromEntries(outcomes) as Record<string, string>;
}

function messagesOf(log: ReturnType<typeof logSink>): { level: string; message: string }[] {
  return log.logged.map(({ level, message }) => ({ level: level.toUpperCase(), message }));
}

replay('v0.0.10', {
  nested: (c) => methodsOf(config(c)).get(),
  plain_function: (c) => config(c).fn('f', () => 1)(),
  hook_args(c) {
    const { profiler } = config(c);
    const log: unknown[] = [];
    profiler.beforeRootFunc = (func, args) => void log.push(['before_root', func.name, [...args], {}]);
    profiler.beforeFunc = (func, args) => void log.push(['before', func.name, [...args], {}]);
    profiler.afterFunc = (result, args) => void log.push(['after', result, [...args], {}]);
    profiler.afterRootFunc = (result, args) => void log.push(['after_root', result, [...args], {}]);
    c.notes.hooks = log;
    c.notes.result = c.fn('f', (x: number, y = 0) => x + y, pythonSize(28))(7);
  },
  hook_two_args(c) {
    config(c).profiler.beforeFunc = () => undefined;
    c.fn('f', (x: number, y: number) => x + y)(1, 2);
  },
  exception(c) {
    const { boom, get } = methodsOf(config(c));
    c.notes.raised = errorsOf({ boom }).boom;
    c.notes.current_node = c.context;
    get();
    c.notes.current_node_after_next = c.context;
    c.notes.handle_calls = c.calls.length;
  },
  store_operation(c) {
    const { profiler } = config(c, false, false);
    const shared = { units: 'V', profiler };
    const h = new Histogram({ ...shared, name: 'h', labelNames: ['a'] });
    const k = new Counter({ ...shared, name: 'k' });
    const g = new Gauge({ ...shared, name: 'g' });
    const i = new Info({ name: 'i', profiler });
    const e = new Enum({ name: 'e', states: ['on', 'off'], profiler });
    const s = new Summary({ ...shared, name: 's' });
    c.fn('f', (_x: number) => {
      const method = profiler.currentNode.context;
      h.storeOperation({ operation: 'observe', method, value: 2, labelValues: { a: '1' } });
      h.storeOperation({ method, value: 3, labelValues: { a: '2' } });
      k.storeOperation({ method, operation: 'inc', value: 1 });
      k.storeOperation({ method, value: 4 });
      for (const operation of ['inc', 'dec'] as const) g.storeOperation({ method, operation, value: 1 });
      g.storeOperation({ method, operation: 'set', value: -1 });
      g.storeOperation({ method, value: 5 });
      i.storeOperation({ method, operation: 'info', value: { k: 'v' } });
      e.storeOperation({ method, operation: 'state', value: 'on' });
      s.storeOperation({ method, operation: 'observe', value: 1.5 });
    })(1);
    const defaults = [h, s, k, i, g, e].map(({ table, defaultOperation, operations }) => [
      table.definition.kind,
      [defaultOperation, Object.keys(operations)],
    ]);
    const t = new TimeProfiler({ name: 't', profiler: null });
    const r = new ResponseSize({ name: 'r', profiler: null });
    c.notes.defaults = {
      ...Object.fromEntries(defaults),
      TimeProfiler: [t.defaultOperation, Object.keys(t.operations)],
      ResponseSize: [r.defaultOperation, Object.keys(r.operations)],
    };
  },
  store_errors(c) {
    config(c, false, false);
    const shared = { units: 'V', profiler: c.profiler };
    const h = new Histogram({ ...shared, name: 'h', labelNames: ['a'] });
    const k = new Counter({ ...shared, name: 'k' });
    const g = new Gauge({ ...shared, name: 'g' });
    const i = new Info({ name: 'i', profiler: c.profiler });
    const e = new Enum({ name: 'e', states: ['on'], profiler: c.profiler });
    const method = 'm';
    c.notes.errors = errorsOf({
      'missing label': () => h.storeOperation({ method, operation: 'observe', value: 1 }),
      'extra label': () => h.storeOperation({ method, operation: 'observe', value: 1, labelValues: { a: '1', b: '2' } as never }),
      'unknown operation': () => h.storeOperation({ method, operation: 'nope', value: 1, labelValues: { a: '1' } }),
      'int value': () => h.storeOperation({ method, operation: 'observe', value: 1, labelValues: { a: '1' } }),
      'counter negative': () => k.storeOperation({ method, operation: 'inc', value: -1 }),
      'gauge dec negative': () => g.storeOperation({ method, operation: 'dec', value: -1 }),
      'info str': () => i.storeOperation({ method, operation: 'info', value: 'x' }),
      'enum unknown': () => e.storeOperation({ method, operation: 'state', value: 'no' }),
      'no value': () => k.storeOperation({ method }),
    });
  },
  deletes(c) {
    const { profiler } = config(c);
    const metrics = () => [...profiler.registeredMetrics.keys()];
    const errors = errorsOf({
      delete_metric: () => profiler.deleteMetric('nope'),
      delete_handler: () => profiler.deleteHandler('nope'),
    });
    profiler.deleteMetrics();
    const left = metrics();
    profiler.deleteMetrics(true, true);
    c.notes.errors = { ...errors, 'delete_metrics() leaves': left, 'delete_metrics(True, True) leaves': metrics() };
  },
  defaults(c) {
    const { first } = methodsOf(config(c));
    c.notes.metrics = [...c.profiler.registeredMetrics.keys()];
    first();
  },
  off(c) {
    const { first } = methodsOf(config(c, true, true, { capture: false, stream: false }));
    first();
    config(c, true, true, { handleRecords: false });
    first();
    c.notes.calls = c.calls.length;
  },
  unconfigured(c) {
    const { first } = methodsOf(c);
    first();
    c.notes.ran = true;
    c.profiler.addHandler(c.capture('x'));
    first();
  },
  unrounded(c) {
    new Counter({ name: 'k', units: 'n', profiler: config(c, true, false).profiler });
    const f = c.fn('f', (us: number) => c.clock.tick(us / 1000));
    for (const us of [1, 123, 1_234_567]) f(us);
  },
  logger_handler(c) {
    const logger = logSink();
    config(c).profiler.addHandler(new LoggerHandler('l', { logger }));
    methodsOf(c).second();
    c.notes.messages = messagesOf(logger);
  },
  wraps(c) {
    c.notes.name = config(c).fn('f', (_x: number) => undefined).name;
  },
});
