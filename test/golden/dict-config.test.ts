import { type DictConfig, type Handler, type Recorded, registerLogger } from 'phanos';
import { replay } from './replay.js';
import { pythonSize, type Stage } from './stage.js';

/** Programs of `dictConfig`. The flags that are off by default in Python only are given. */

/** A handler class of the user's. */
class Own implements Handler {
  readonly handlerName: string;
  readonly options: unknown;
  readonly calls: { metric: string; records: readonly Recorded[] }[] = [];

  constructor(handlerName: string, options: unknown) {
    this.handlerName = handlerName;
    this.options = options;
  }

  handle(records: readonly Recorded[], metric: string): void | Promise<void> {
    this.calls.push({ metric, records });
  }
}

class AsyncOwn extends Own {
  override async handle(records: readonly Recorded[], metric: string): Promise<void> {
    await Promise.resolve();
    await super.handle(records, metric);
  }
}

const PYTHON_DEFAULTS = { time_profile: false, response_size_profile: false };

/** The settings, with Python's defaults and the stage's logger. */
function dictConfig(c: Stage, settings: DictConfig): void {
  registerLogger('oracle.case', c.log);
  c.profiler.dictConfig({ logger: 'oracle.case', ...PYTHON_DEFAULTS, ...settings });
}

function metricsOf(c: Stage): string[] {
  return [...c.profiler.registeredMetrics.keys()];
}

replay('dict_config', {
  full(c) {
    const output = { class: 'phanos.publisher.StreamHandler', handler_name: 'stdout_handler', output: c.stream.output };
    const both = { time_profile: true, response_size_profile: true };
    dictConfig(c, { job: 'my_app', ...both, error_raised_label: false, handle_records: true, handlers: { ref: output } });
    c.fn('f', () => c.clock.tick(1), pythonSize(16))();
    c.notes.handlers = [...c.profiler.handlers.keys()];
    c.notes.stdout = c.stream.text();
    c.stream.clear();
  },
  defaults(c) {
    c.profiler.dictConfig({ job: 'x' });
    const { errorRaisedLabel, handleRecords } = c.profiler;
    Object.assign(c.notes, { metrics: metricsOf(c), error_raised_label: errorRaisedLabel, handle_records: handleRecords });
  },
  no_job: (c) => dictConfig(c, { time_profile: true }),
  deprecated(c) {
    const { response_size_profile: _, ...rest } = PYTHON_DEFAULTS;
    c.profiler.dictConfig({ job: 'x', ...rest, logger: c.log, request_size_profile: true });
    c.notes.warnings = c.log.logged.map(({ message }) => ['DeprecationWarning', message]);
    c.notes.metrics = metricsOf(c);
  },
  readme_class(c) {
    const settings = { class: 'phanos.handlers.StreamHandler', handler_name: 's', output: 'ext://sys.stdout' };
    dictConfig(c, { job: 'x', handlers: { s: settings } });
  },
  class_object(c) {
    const settings = { class: Own, handler_name: 'own', opt: { k: [1] } };
    dictConfig(c, { job: 'x', time_profile: true, handlers: { s: settings } });
    settings.opt.k.push(2);
    c.notes.kw = (c.profiler.handlers.get('own') as Own).options;
    c.notes.handlers = [...c.profiler.handlers.keys()];
  },
  class_missing: (c) => dictConfig(c, { job: 'x', handlers: { s: { handler_name: 's' } } }),
  name_missing: (c) => dictConfig(c, { job: 'x', handlers: { s: { class: 'phanos.publisher.StreamHandler' } } }),
  class_unknown(c) {
    try {
      dictConfig(c, { job: 'x', time_profile: true, handlers: { s: { class: 'no_such_mod.X', handler_name: 's' } } });
    } finally {
      Object.assign(c.notes, { job: c.profiler.job, metrics: metricsOf(c) });
    }
  },
  submodule: (c) => dictConfig(c, { job: 'x', handlers: { s: { class: 'xml.etree.cElementTree.X', handler_name: 's' } } }),
  ext_lstrip(c) {
    const names = ['sys.stdout', 't_handlers.BUF', 'textwrap.dedent', 'xml.dom', 'tempfile.gettempdir', 'enum.Enum', ''];
    const resolve = (reference: string): string => {
      dictConfig(c, { job: 'x', handlers: { a: { class: Own, handler_name: 'a', a: reference } } });
      const resolved = ((c.profiler.handlers.get('a') as Own).options as { a: unknown }).a;
      return resolved === process.stdout ? 'the stream itself' : String(resolved);
    };
    const results = [...names.map((name) => `ext://${name}`), 'notext://sys.stdout'].map((reference) => {
      try {
        return [reference, resolve(reference)];
      } catch {
        return [reference, 'refused'];
      }
    });
    c.profiler.deleteHandler('a');
    c.log.logged.length = 0;
    c.notes.results = Object.fromEntries(results);
  },
  async_class(c) {
    dictConfig(c, { job: 'x', handlers: { s: { class: 'phanos.publisher.AsyncImpProfHandler', handler_name: 's' } } });
  },
  same_name(c) {
    dictConfig(c, { job: 'x', handlers: { a: { class: Own, handler_name: 'h' }, b: { class: Own, handler_name: 'h' } } });
    c.notes.handlers = [...c.profiler.handlers.keys()];
  },
  twice(c) {
    dictConfig(c, { job: 'one', time_profile: true, response_size_profile: true, handlers: { a: { class: Own, handler_name: 'a' } } });
    dictConfig(c, { job: 'two', time_profile: true, handlers: { b: { class: Own, handler_name: 'b' } } });
    const jobs = [...c.profiler.registeredMetrics.values()].map(({ name, table }) => [name, table.definition.job ?? c.profiler.job]);
    Object.assign(c.notes, { handlers: [...c.profiler.handlers.keys()], metrics: Object.fromEntries(jobs) });
  },
  async async_dict(c) {
    await c.run(async () => {
      dictConfig(c, {
        job: 'x',
        time_profile: true,
        handlers: { a: { class: AsyncOwn, handler_name: 'a' }, s: { class: Own, handler_name: 's' } },
      });
      await c.fn('f', async () => c.clock.sleep(100))();
    });
    for (const [handler, own] of c.profiler.handlers) c.calls.push(...(own as Own).calls.map((call) => ({ handler, ...call })));
  },
});
