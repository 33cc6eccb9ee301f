import { Profiler } from 'phanos';
import type { Group, Timed } from './harness.js';
import type { Row } from './row.js';
import { distinctFunctions } from './subjects.js';

/** Profiled functions while nobody measures. */

type Work = (n: number) => number;

export const idleWrapper: Group = {
  name: 'idle',
  cases: {
    raw: () => calls(distinctFunctions()),
    'not configured': () => wrapped(() => undefined),
    "collector 'off'": () => wrapped((profiler) => profiler.config({ collector: 'off' })),
    closed: () => wrapped((profiler) => profiler.config({ collector: 'local' }).close()),
  },
  rows: (best) =>
    ['not configured', "collector 'off'", 'closed'].map(
      (name): Row => ({
        what: `idle wrapper, ${name}, 64 functions`,
        best: best(name),
        unit: 'ns',
        beside: { name: 'raw call', best: best('raw') },
        budget: { kind: 'overFloor', limit: 20 },
      }),
    ),
};

async function wrapped(prepare: (profiler: Profiler) => unknown): Promise<Timed> {
  const profiler = new Profiler();
  await prepare(profiler);
  return calls(distinctFunctions().map((fn, i) => profiler.profile(`bench:work${i}`, fn)));
}

function calls(functions: readonly Work[]): Timed {
  return {
    run(times) {
      let sum = 0;
      for (let i = 0; i < times; i++) sum += (functions[i & 63] as Work)(i);
      return sum;
    },
  };
}
