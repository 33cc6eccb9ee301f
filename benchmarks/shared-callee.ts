import type { Group, Timed } from './harness.js';
import { countingProfiler, expectCalls, expectEqual, work } from './subjects.js';

/** A function that many others call, as a query function is: its place in the call tree is another one each time. */

const CALLERS = 4;
const CALLS = 4;

export const sharedCallee: Group = {
  name: 'shared-callee',
  cases: {
    'time metric': profiledTree,
    'clock reads': clockedTree,
  },
  rows: (best) => [
    {
      what: `sync calls, ${CALLERS} roots in turn call one function ${CALLS} times, each call`,
      best: best('time metric'),
      unit: 'ns',
      beside: { name: 'two clock reads', best: best('clock reads') },
      budget: { kind: 'timesFloor', limit: 1.5 },
    },
  ],
};

function profiledTree(): Timed {
  const profiler = countingProfiler({ responseSizeProfile: false });
  const callee = profiler.profile('bench:work', work);
  const callers = Array.from({ length: CALLERS }, (_, i) => profiler.profile(`bench:caller${i}`, callerOf(callee)));
  return inTurn(callers, (calls) => expectCalls(profiler, calls));
}

function clockedTree(): Timed {
  let clocked = 0;
  const timed = (fn: (n: number) => number) => (n: number) => {
    const start = performance.now();
    const result = fn(n);
    if (performance.now() - start >= 0) clocked++;
    return result;
  };
  const callee = timed(work);
  const callers = Array.from({ length: CALLERS }, () => timed(callerOf(callee)));
  return inTurn(callers, (calls) => expectEqual('timed calls', clocked, calls));
}

function callerOf(callee: (n: number) => number): (n: number) => number {
  return (n) => {
    let sum = 0;
    for (let i = 0; i < CALLS; i++) sum += callee(n + i);
    return sum;
  };
}

/** One repetition is one call, of a caller or of the callee. */
function inTurn(callers: readonly ((n: number) => number)[], verify: (calls: number) => void | Promise<void>): Timed {
  let calls = 0;
  return {
    run(times) {
      let sum = 0;
      const trees = Math.ceil(times / (CALLS + 1));
      for (let i = 0; i < trees; i++) sum += (callers[i % CALLERS] as (n: number) => number)(i);
      calls += trees * (CALLS + 1);
      return sum;
    },
    verify: () => verify(calls),
  };
}
