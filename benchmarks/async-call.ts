import { AsyncLocalStorage } from 'node:async_hooks';
import type { Group, Timed } from './harness.js';
import { countingProfiler, expectCalls, expectEqual, workAsync } from './subjects.js';

/** Profiled calls that return promises. */

type Work = (n: number) => Promise<number>;

export const asyncCall: Group = {
  name: 'async',
  cases: {
    root: () => profiled(false, false),
    'root, default metrics': () => profiled(true, false),
    child: () => profiled(false, true),
    'floor, root': () => byHand(false),
    'floor, child': () => byHand(true),
    raw: () => ({ run: loopOver(workAsync) }),
  },
  rows: (best) => [
    ...(['root', 'root, default metrics', 'child'] as const).map((name) => ({
      what: `async call, ${name}`,
      best: best(name),
      unit: 'ns' as const,
      beside: { name: 'als.run, then, clock', best: best(name === 'child' ? 'floor, child' : 'floor, root') },
      budget: { kind: 'timesFloor' as const, limit: 1.25 },
    })),
    { what: 'the async function itself, not profiled', best: best('raw'), unit: 'ns' },
  ],
};

function profiled(responseSizeProfile: boolean, asChild: boolean): Timed {
  const profiler = countingProfiler({ responseSizeProfile });
  const loop = loopOver(profiler.profile('bench:work', workAsync));
  let roots = 0;
  const root = profiler.profile('bench:root', (times: number) => {
    roots++;
    return loop(times);
  });
  return { run: asChild ? root : loop, verify: (times) => expectCalls(profiler, times + roots) };
}

/** The least that anybody must do to know the call's place and duration. */
function byHand(asChild: boolean): Timed {
  const storage = new AsyncLocalStorage<{ readonly depth: number }>();
  let ended = 0;
  let elapsed = 0;
  const work: Work = (n) => {
    const frame = { depth: (storage.getStore()?.depth ?? 0) + 1 };
    const start = performance.now();
    return storage.run(frame, workAsync, n).then(
      (result) => {
        elapsed += performance.now() - start;
        ended++;
        return result;
      },
      (error) => {
        elapsed += performance.now() - start;
        throw error;
      },
    );
  };
  const loop = loopOver(work);
  const run: Work = asChild ? (times) => storage.run({ depth: 1 }, loop, times) : loop;
  return { run, verify: (times) => expectEqual('ended calls', elapsed > 0 ? ended : 0, times) };
}

function loopOver(fn: Work): Work {
  return async (times) => {
    let sum = 0;
    for (let i = 0; i < times; i++) sum += await fn(i);
    return sum;
  };
}
