import { Counter, Profiler, RESPONSE_SIZE, TIME_PROFILER } from 'phanos';
import { vi } from 'vitest';
import { replay } from './replay.js';
import { pythonSize, type Stage } from './stage.js';

/** Synchronous programs: names, contexts, recursion, errors, and changes of the profiler while calls run. */

/** The classes that the programs share, profiled by the stage's profiler. */
function classesOf({ profile, clock, fn }: Stage) {
  class Res {
    @profile(pythonSize(56)) get() {
      this.first();
      this.second();
      return [{}, 201];
    }
    @profile first() {
      clock.tick(200);
    }
    @profile second() {
      this.first();
      clock.tick(300);
    }
    @profile via_unprofiled() {
      this.unprofiled();
    }
    unprofiled() {
      this.second();
    }
  }

  class Db {
    @profile static first() {
      clock.tick(200);
    }
    @profile static stat() {
      clock.tick(10);
    }
    @profile second() {
      this.#first();
      clock.tick(300);
    }
    @profile third() {
      this.second();
    }
    @profile get prop() {
      clock.tick(2);
      return 'prop';
    }
    @profile makes_inner() {
      fn('inner', () => clock.tick(1))();
    }
    @profile raises() {
      this.#first();
      throw new Error('boom');
    }
    @profile swallows() {
      try {
        this.raises();
      } catch {
        // What the program is about.
      }
    }
    /** esbuild gives classes that name themselves another name. */
    #first() {
      (this.constructor as typeof Db).first();
    }
  }

  class Sub extends Db {
    @profile own() {
      this.second();
    }
  }

  class Over extends Db {
    @profile override second() {
      super.second();
      clock.tick(5);
    }
  }

  class Inner {
    @profile meth() {
      clock.tick(1);
    }
  }

  class Outer {
    readonly Inner = Inner;
  }

  return { Res, Db, Sub, Over, Outer };
}

/** A function of the programs' module. Its result has 42 bytes in Python. */
function plainOf(c: Stage): () => string {
  return c.fn(
    'plain',
    () => {
      c.clock.tick(1.5);
      return 'x';
    },
    pythonSize(42),
  );
}

replay('sync', {
  root_function: (c) => plainOf(c.config())(),
  root_function_no_label: (c) => plainOf(c.config({ errorRaisedLabel: false }))(),
  nested: (c) => new (classesOf(c.config()).Res)().get(),
  nested_response_size_config: (c) => new (classesOf(c.config({ responseSizeProfile: true, errorRaisedLabel: false })).Res)().get(),
  nested_response_size_dict(c) {
    c.profiler.dictConfig({ job: 'JOB', logger: c.log, time_profile: true, response_size_profile: true, error_raised_label: false });
    new (classesOf(c.addHandlers()).Res)().get();
  },
  unprofiled_between: (c) => new (classesOf(c.config()).Res)().via_unprofiled(),
  recursion(c) {
    const fact = c.config().fn('fact', (n: number) => {
      if (n > 1) fact(n - 1);
      c.clock.tick(1);
    });
    fact(4);
  },
  mutual_recursion(c) {
    const step = (next: () => (n: number) => void) => (n: number) => {
      if (n > 0) next()(n - 1);
      c.clock.tick(1);
    };
    const even: (n: number) => void = c.config().fn(
      'even',
      step(() => odd),
    );
    const odd = c.fn(
      'odd',
      step(() => even),
    );
    even(3);
  },
  siblings(c) {
    const plain = plainOf(c.config());
    c.fn('calls_plain', () => {
      plain();
      plain();
      c.clock.tick(0.25);
    })();
  },
  two_roots(c) {
    const plain = plainOf(c.config());
    plain();
    plain();
  },
  kinds(c) {
    const { Db } = classesOf(c.config());
    const db = new Db();
    Db.first();
    Db.first();
    Db.stat();
    Db.stat();
    db.second();
    void db.prop;
  },
  inherited(c) {
    const { Sub } = classesOf(c.config());
    const sub = new Sub();
    sub.second();
    sub.own();
    Sub.first();
    Sub.stat();
  },
  overriding: (c) => new (classesOf(c.config()).Over)().second(),
  nested_class(c) {
    const { Outer } = classesOf(c.config());
    const { Inner } = new Outer();
    new Inner().meth();
  },
  locals_(c) {
    const { profile, clock } = c.config();
    class L {
      @profile m() {
        clock.tick(1);
      }
    }
    c.fn('local', () => clock.tick(1))();
    new L().m();
    new (classesOf(c).Db)().makes_inner();
  },
  local_in_method_as_root: (c) => c.config().profile('Db:inner', () => c.clock.tick(1))(),
  odd_callables(c) {
    const { profile, clock } = c.config();
    c.fn('<lambda>', () => clock.tick(1))();
    profile('builtins:len', (list: readonly unknown[]) => list.length)([1]);
    profile('str:upper', String.prototype.toUpperCase).call('a');
    profile('str:upper', 'abc'.toUpperCase.bind('abc'))();
    plainOf(c)();
    const { Outer, Db } = classesOf(c);
    refuses(() => profile(Outer as never));
    refuses(() => profile(':ghost', () => 1));
    const db = new Db();
    profile(db.third).call(db);
  },
  partial_callable: (c) => c.config().fn('parseInt', Number.parseInt.bind(null, '3'))(),
  exception_propagates: (c) => new (classesOf(c.config()).Db)().raises(),
  exception_swallowed: (c) => new (classesOf(c.config()).Db)().swallows(),
  exception_no_label: (c) => new (classesOf(c.config({ errorRaisedLabel: false })).Db)().raises(),
  exception_response_size: (c) => new (classesOf(c.config({ responseSizeProfile: true, timeProfile: false })).Db)().raises(),
  called_inside_except(c) {
    const plain = plainOf(c.config());
    try {
      throw new Error('outer');
    } catch {
      plain();
    }
  },
  cleanup_in_except(c) {
    const plain = plainOf(c.config());
    c.fn('work', () => {
      try {
        throw new Error('x');
      } catch {
        plain();
      }
    })();
  },
  base_exception(c) {
    const thrown: unknown = 'no error at all';
    c.config().fn('f', () => {
      throw thrown;
    })();
  },
  generator(c) {
    const gen = c.config().fn('gen', function* () {
      c.clock.tick(50);
      yield 1;
      c.clock.tick(50);
      yield 2;
    });
    Array.from(gen());
  },
  no_handlers(c) {
    c.notes.result = plainOf(c.config({ capture: false, stream: false }))();
  },
  handle_records_false(c) {
    c.notes.result = plainOf(c.config({ handleRecords: false }))();
  },
  no_metrics(c) {
    const seen: string[] = [];
    const plain = plainOf(c.config({ timeProfile: false }));
    c.profiler.beforeFunc = () => void seen.push('before');
    c.notes.result = plain();
    c.notes.hook_calls = seen;
  },
  unconfigured: (c) => plainOf(c)(),
  add_handler_before_config: (c) => c.profiler.addHandler(c.capture('x')),
  handle_records_toggled_midrun(c) {
    const plain = plainOf(c.config());
    c.fn('f', () => {
      plain();
      c.profiler.handleRecords = false;
      plain();
      c.clock.tick(1);
    })();
  },
  handlers_deleted_midrun(c) {
    const plain = plainOf(c.config());
    c.fn('f', () => {
      plain();
      c.profiler.deleteHandlers();
      c.clock.tick(1);
    })();
  },
  rounding(c) {
    const f = c.config().fn('f', (us: number) => c.clock.tick(us / 1000));
    for (const us of [0, 1, 4, 5, 6, 14, 15, 25, 35, 45, 104, 105, 1005, 2675, 123_456, 1_234_565, 86_400_000_000]) f(us);
  },
  async clock_backwards(c) {
    // Only the profiler's own clock can tell whether it minds the wall clock; what is real of its time is not for a test to say.
    const profiler = new Profiler().config({ job: 'JOB', logger: c.log, responseSizeProfile: false, handlers: [c.capture('capture')] });
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
    profiler.profile('t_sync:f', () => vi.setSystemTime(750_000))();
    vi.useRealTimers();
    for (const call of c.calls)
      call.records = call.records.map((record) => ({ ...record, value: ['observe', Math.min(0, Number(record.value[1]))] }));
    await profiler.close();
    c.config();
  },
  empty_job: (c) => plainOf(c.config({ job: '' }))(),
  async two_profilers(c) {
    const other = new Profiler({ clock: c.clock.now });
    other.config({ job: 'OTHER', logger: c.log, responseSizeProfile: false, handlers: [c.capture('other')] });
    const plain = plainOf(c.config());
    const inner = other.profile('t_sync:inner', () => c.clock.tick(1));
    c.fn('outer', () => {
      inner();
      plain();
    })();
    await other.close();
  },
  handler_overwrite(c) {
    const plain = plainOf(c.config());
    c.profiler.addHandler(c.capture('z'));
    c.profiler.addHandler(c.capture('capture'));
    plain();
  },
  deletions(c) {
    const { profiler } = c.config({ responseSizeProfile: true });
    const plain = plainOf(c);
    const addCounter = () => new Counter({ name: 'cnt', job: 'JOB', units: 'u', profiler });
    const metrics = () => [...profiler.registeredMetrics.keys()];
    addCounter();
    profiler.deleteHandler('nope');
    profiler.deleteMetric('nope');
    profiler.deleteHandler('stream');
    plain();
    profiler.deleteMetric('cnt');
    c.notes['1'] = metrics();
    addCounter();
    profiler.deleteMetrics();
    c.notes['2 delete_metrics()'] = metrics();
    profiler.deleteMetric(TIME_PROFILER);
    c.notes['3 time_profile is None'] = !profiler.registeredMetrics.has(TIME_PROFILER) && profiler.registeredMetrics.has(RESPONSE_SIZE);
    plain();
    profiler.deleteMetrics(true, true);
    c.notes['4 delete_metrics(True, True)'] = metrics();
    profiler.deleteHandlers();
    c.notes['5 handlers'] = [...profiler.handlers.keys()];
  },
  config_twice(c) {
    const plain = plainOf(c.config({ job: 'ONE' }));
    c.profiler.config({ logger: c.log, job: 'TWO', responseSizeProfile: false });
    plain();
  },
  clear_between(c) {
    const plain = plainOf(c.config());
    plain();
    c.profiler.clear();
    plain();
  },
  async force_inside(c) {
    const plain = plainOf(c.config());
    let flushed: Promise<void> | undefined;
    c.fn('f', () => {
      plain();
      flushed = c.profiler.flush();
      plain();
    })();
    plain();
    await flushed;
  },
  passthrough(c) {
    const f = (a: number, b: number, d: number, { k = 1, ...rest }: { k?: number; z?: number } = {}) => [a, [b, d], k, rest];
    const wrapped = c.config().fn('f', f);
    Object.assign(c.notes, { result: wrapped(1, 2, 3, { k: 4, z: 5 }), name: wrapped.name });
  },
});

/** Runs what has to throw, else throws itself. */
function refuses(wrong: () => unknown): void {
  try {
    wrong();
  } catch {
    return;
  }
  throw new Error('nothing was thrown');
}
