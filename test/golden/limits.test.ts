import { Counter } from 'phanos';
import { replay } from './replay.js';
import type { Stage } from './stage.js';

/** Programs of many calls: when their records are handed over. */

/** A root with this many leaves, profiled and called. */
function rootOf(c: Stage, leaves: number): void {
  const leaf = c.fn('leaf', () => c.clock.tick(0.01));
  c.fn('root', () => {
    for (let i = 0; i < leaves; i++) leaf();
  })();
  c.abridge();
}

replay('limits', {
  limit_99: (c) => rootOf(c.config({ stream: false }), 99),
  limit_100: (c) => rootOf(c.config({ stream: false }), 100),
  limit_250: (c) => rootOf(c.config({ stream: false }), 250),
  limit_two_metrics(c) {
    const { profiler } = c.config({ stream: false });
    const counter = new Counter({ name: 'cnt', job: 'JOB', units: 'u', profiler });
    profiler.afterFunc = () => counter.inc();
    rootOf(c, 120);
    c.notes.calls = c.calls.map(({ metric }) => metric);
  },
  limit_async_cfg_sync_root: (c) => rootOf(c.config({ stream: false }), 250),
  limit_err: (c) => rootOf(c.config({ stream: false }), 3100),
});
