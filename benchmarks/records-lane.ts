import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Profiler, StreamHandler } from 'phanos';
import type { Group, Timed } from './harness.js';
import { countingProfiler, expectEqual, work } from './subjects.js';

/** Records on their whole way, from the profiled call to bytes in a stream that throws them away. */

const CALLS = 5;
/** Root calls until the event loop turns, as it does between the requests of a server. */
const BURST = 50;

export const recordsLane: Group = {
  name: 'records',
  cases: {
    'time metric': () => trees(false),
    'default metrics': () => trees(true),
  },
  rows: (best) =>
    [
      { name: 'time metric', records: CALLS },
      { name: 'default metrics', records: CALLS + 1 },
    ].map(({ name, records }) => ({
      what: `records lane to a stream, trees of ${CALLS} calls, ${name}`,
      best: (records * 1e9) / best(name),
      unit: 'records/s' as const,
      budget: { kind: 'atLeast' as const, limit: 500_000 },
    })),
};

async function trees(responseSizeProfile: boolean): Promise<Timed> {
  const sink = new Sink();
  const profiler = countingProfiler({ job: 'bench', responseSizeProfile, handlers: [new StreamHandler('discard', { output: sink })] });
  const root = nestedCalls(profiler);
  sink.lines = 0;
  root(1);
  await profiler.flush();
  expectEqual('lines of a tree', sink.lines, responseSizeProfile ? CALLS + 1 : CALLS);
  sink.lines = undefined;
  return {
    async run(times) {
      let sum = 0;
      for (let i = 0; i < times; i++) {
        sum += root(i);
        if (i % BURST === 0) await nextTurn();
      }
      await profiler.flush();
      return sum + sink.bytes;
    },
    verify() {
      expectEqual('dropped', profiler.diagnostics().length, 0);
      expectEqual('bytes arrived', sink.bytes > 0, true);
    },
  };
}

/** A root with two children, of which one has two of its own. */
function nestedCalls(profiler: Profiler): (n: number) => number {
  const leaf = profiler.profile('bench:leaf', work);
  const other = profiler.profile('bench:other', work);
  const inner = profiler.profile('bench:inner', (n: number) => leaf(n) + other(n));
  return profiler.profile('bench:root', (n: number) => inner(n) + leaf(n + 1));
}

class Sink extends Writable {
  bytes = 0;
  /** Lines are only counted while this is a number. */
  lines: number | undefined;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.bytes += chunk.length;
    if (this.lines !== undefined) this.lines += chunk.toString().split('\n').length - 1;
    done();
  }
}
