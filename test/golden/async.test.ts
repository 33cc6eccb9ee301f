import { replay } from './replay.js';
import { pythonSize, type Stage } from './stage.js';

/** Asynchronous programs in virtual time: awaited and concurrent children, roots side by side, children that outlive their root, async handlers. */

function classOf({ profile, clock }: Stage) {
  class A {
    @profile async short() {
      await clock.sleep(300);
    }
    @profile(pythonSize(16)) async long() {
      await clock.sleep(200);
    }
    @profile async await_test() {
      await this.short();
      await this.long();
    }
    @profile async gather() {
      await Promise.all([this.short(), this.long(), this.short()]);
    }
    @profile async task_nested() {
      await this.short();
    }
    @profile async task_test() {
      const tasks = [this.long(), this.task_nested()];
      for (const task of tasks) await task;
    }
    @profile async mix() {
      await this.task_test();
      await this.task_test();
    }
    @profile static sync_work() {
      clock.tick(200);
    }
    @profile async sync_in_async() {
      (this.constructor as typeof A).sync_work();
    }
    @profile async raises() {
      await this.short();
      throw new Error('boom');
    }
    @profile async fire_and_forget() {
      void this.short();
    }
    @profile async fire_then_yield() {
      void this.short();
      await clock.sleep(50);
    }
  }
  return A;
}

type A = InstanceType<ReturnType<typeof classOf>>;

/** Runs the program with an object of the class. */
function runWith(c: Stage, program: (a: A) => Promise<unknown>): Promise<unknown> {
  const a = new (classOf(c))();
  return c.run(() => program(a));
}

/** Two roots, the second 30 ms behind, both with two children. */
async function interleave(c: Stage): Promise<void> {
  const child = c.fn('child', async (milliseconds: number) => c.clock.sleep(milliseconds));
  const rootA = c.fn('rootA', async () => {
    await child(100);
    await child(300);
  });
  const rootB = c.fn('rootB', async () => {
    await c.clock.sleep(30);
    await child(100);
    await child(100);
  });
  await c.run(() => Promise.all([rootA(), rootB()]));
}

replay('async', {
  await_test: (c) => runWith(c.config(), (a) => a.await_test()),
  gather: (c) => runWith(c.config(), (a) => a.gather()),
  task_test: (c) => runWith(c.config(), (a) => a.task_test()),
  two_roots: (c) => runWith(c.config(), (a) => Promise.all([a.task_test(), a.short()])),
  mix: (c) => runWith(c.config(), (a) => a.mix()),
  sync_in_async: (c) => runWith(c.config(), (a) => a.sync_in_async()),
  raises: (c) => runWith(c.config(), (a) => a.raises()),
  interleaved_roots: (c) => interleave(c.config()),
  interleaved_roots_async_cfg: (c) => interleave(c.config()),
  fire_and_forget: (c) =>
    runWith(c.config(), async (a) => {
      await a.fire_and_forget();
      await c.clock.sleep(1000);
      c.notes['calls so far'] = c.calls.length;
      await a.long();
    }),
  fire_then_yield: (c) =>
    runWith(c.config(), async (a) => {
      await a.fire_then_yield();
      await c.clock.sleep(1000);
    }),
  async async_handler_latency(c) {
    const { profiler, clock } = c.config({ capture: false, stream: false, responseSizeProfile: true });
    profiler.addHandler(c.slowCapture('a', 50));
    profiler.addHandler(c.slowCapture('b', 50));
    await runWith(c, async (a) => {
      const start = clock.now();
      await a.long();
      c.notes.elapsed_ms = clock.now() - start;
    });
  },
  async add_handler_during_async_flush(c) {
    const { profiler, clock } = c.config({ capture: false, stream: false });
    profiler.addHandler(c.slowCapture('a', 50));
    const addLater = async (): Promise<void> => {
      await clock.sleep(220);
      profiler.addHandler(c.capture('late'));
    };
    await runWith(c, (a) => Promise.all([a.long(), addLater()]));
  },
  sync_roots_async_cfg(c) {
    const A = classOf(c.config());
    A.sync_work();
    A.sync_work();
    return c.run(() => new A().long());
  },
  async_cfg_plain: (c) => runWith(c.config(), (a) => a.await_test()),
  sync_returning_coro(c) {
    const f = c.config().fn('f', () => c.clock.sleep(200));
    return c.run(f);
  },
  async_gen(c) {
    const agen = c.config().fn('agen', async function* () {
      await c.clock.sleep(1000);
      yield 1;
    });
    return c.run(async () => {
      const seen: number[] = [];
      for await (const n of agen()) seen.push(n);
      return seen;
    });
  },
  force_async(c) {
    classOf(c.config()).sync_work();
    return c.profiler.flush();
  },
});
