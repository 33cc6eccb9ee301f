import { Counter, TIME_PROFILER } from 'phanos';
import { replay } from './replay.js';
import { pythonSize, type Stage } from './stage.js';

/** Programs around hooks and handlers: their order, their time, and what happens when they fail or change things. */

/** Notes each hook: where it ran, the function's name or result, and its arguments; the last one stands for Python's keywords if it is an object. */
function trace(c: Stage): void {
  const log: unknown[] = [];
  c.notes.hooks = log;
  const note = (hook: string, first: unknown, args: readonly unknown[]): void => {
    const last = args.at(-1);
    const keywords = typeof last === 'object' && last !== null;
    log.push([hook, c.context, first ?? null, keywords ? args.slice(0, -1) : [...args], keywords ? last : {}]);
  };
  c.profiler.beforeRootFunc = (func, args) => note('before_root', func.name, args);
  c.profiler.beforeFunc = (func, args) => note('before', func.name, args);
  c.profiler.afterFunc = (result, args) => note('after', result, args);
  c.profiler.afterRootFunc = (result, args) => note('after_root', result, args);
}

/** Notes what a call throws, instead of throwing it. */
function noteThrown(c: Stage, call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    c.notes.raised = String(error);
    return undefined;
  }
}

function boom(): never {
  throw new Error('hook');
}

replay('hooks', {
  order(c) {
    trace(c.config());
    const named = {
      child: (x: number, { y = 0 } = {}) => x + y,
      root: (a: number, { k }: { k: number }): number => child(a, { y: k }),
    };
    const child = c.fn('child', named.child);
    c.notes.result = c.fn('root', named.root)(1, { k: 2 });
  },
  on_exception(c) {
    trace(c.config());
    const bad = (_x: number): never => {
      throw new Error('x');
    };
    c.fn('bad', bad)(1);
  },
  time_of_hooks(c) {
    const { clock, profiler } = c.config();
    profiler.beforeRootFunc = () => clock.tick(1000);
    profiler.beforeFunc = () => clock.tick(100);
    profiler.afterFunc = () => clock.tick(10);
    profiler.afterRootFunc = () => clock.tick(1);
    const child = c.fn('child', () => clock.tick(0.5));
    c.fn('root', () => child())();
  },
  time_of_handlers(c) {
    const { clock, profiler } = c.config();
    profiler.addHandler({ handlerName: 'slow', handle: () => clock.tick(500) });
    const child = c.fn('child', () => clock.tick(1));
    c.fn('root', () => {
      for (let i = 0; i < 100; i++) child();
    })();
    for (const call of c.calls) call.records = call.records.slice(-1);
    c.stream.clear();
  },
  before_raises(c) {
    const { clock, profiler, calls } = c.config();
    const ran: number[] = [];
    profiler.beforeFunc = boom;
    const f = c.fn('f', () => ran.push(1));
    const g = c.fn('g', () => clock.tick(1));
    noteThrown(c, f);
    profiler.beforeFunc = undefined;
    c.notes.f_ran = ran;
    for (let i = 0; i < 3; i++) g();
    c.notes.handle_calls_after_3_more_roots = calls.length;
    for (let i = 0; i < 97; i++) g();
    c.notes.handle_calls_after_100 = calls.length;
    c.stream.clear();
  },
  after_raises(c) {
    const { profiler } = c.config();
    profiler.afterFunc = boom;
    const f = c.fn('f', () => 'result');
    c.notes.result = noteThrown(c, f);
    profiler.afterFunc = undefined;
    f();
  },
  after_raises_masks(c) {
    c.config().profiler.afterFunc = boom;
    noteThrown(
      c,
      c.fn('f', () => {
        throw new RangeError('real');
      }),
    );
  },
  handler_raises(c) {
    const { profiler } = c.config({ capture: false, stream: false, responseSizeProfile: true });
    profiler.addHandler(c.capture('first'));
    profiler.addHandler({ handlerName: 'bad', handle: boom });
    profiler.addHandler(c.capture('last'));
    const f = c.fn('f', () => 'result', pythonSize(47));
    c.notes.result = noteThrown(c, f);
    profiler.deleteHandler('bad');
    f();
  },
  handler_mutates(c) {
    const { profiler } = c.config({ capture: false, stream: false });
    profiler.addHandler(c.capture('before'));
    profiler.addHandler({
      handlerName: 'mutator',
      handle(records) {
        (records as unknown[]).length = 0;
      },
    });
    profiler.addHandler(c.capture('after'));
    c.fn('f', () => 1)();
  },
  change_during_flush(c) {
    const { profiler } = c.config({ stream: false });
    profiler.addHandler({ handlerName: 'adder', handle: () => profiler.addHandler(c.capture('new')) });
    c.fn('f', () => 1)();
  },
  profiled_in_hook(c) {
    const g = c.config().fn('g', () => 1);
    c.profiler.beforeFunc = () => void g();
    c.fn('f', () => 1)();
  },
  profiled_in_handler(c) {
    const { clock, profiler, calls } = c.config({ stream: false });
    const g = c.fn('g', () => clock.tick(3));
    profiler.addHandler({
      handlerName: 'calls_g',
      handle() {
        if (calls.length < 3) g();
      },
    });
    const f = c.fn('f', () => 1);
    f();
    f();
  },
  not_callable(c) {
    c.config().profiler.beforeFunc = 5 as never;
    c.fn('f', () => 1)();
  },
  time_profile_created_midrun(c) {
    const { profiler } = c.config({ timeProfile: false });
    new Counter({ name: 'k', job: 'JOB', units: 'n', profiler });
    c.fn('f', () => profiler.config({ job: 'JOB', logger: c.log, responseSizeProfile: false }))();
  },
  time_profile_deleted_midrun(c) {
    const { profiler } = c.config();
    new Counter({ name: 'k', job: 'JOB', units: 'n', profiler });
    c.fn('f', () => profiler.deleteMetric(TIME_PROFILER))();
  },
});
