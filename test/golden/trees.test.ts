import { type Profile, Profiler, type Recorded, StreamHandler } from 'phanos';
import { describe, expect, test } from 'vitest';
import { formatRecords } from '../../src/handlers/format.js';
import { golden } from '../record/golden.js';
import { memoryStream } from './memory-stream.js';
import { type Call, type Context, functionsOf, type Step } from './tree-functions.js';
import { VirtualClock } from './virtual-clock.js';

/** Random call trees, run once more: every handle() call of Python phanos, with its metric, order and records, and its text byte for byte. */

interface Tree {
  readonly seed: number;
  readonly config: { readonly error_raised_label: boolean; readonly response_size_profile: boolean };
  readonly roots: readonly Call[];
  readonly root_raised: readonly (string | null)[];
  readonly handle_calls: readonly { readonly metric: string; readonly records: readonly TreeRecord[] }[];
  /** Left out of trees of many records. */
  readonly stream_text?: string;
}

type TreeRecord = readonly [method: string, milliseconds: number, errorRaised: boolean | null];

class Boom extends Error {}

/** Runs the roots of a tree, and says for each what came of it: nothing, or the name of what was thrown. */
type Run = (tree: Tree, profile: Profile, context: Context, clock: VirtualClock) => AsyncIterable<string | null> | Iterable<string | null>;

/** Runs a tree by a profiler of its own. */
async function replay(tree: Tree, run: Run, context: Context) {
  const clock = new VirtualClock();
  const profiler = new Profiler({ clock: clock.now });
  const calls: { metric: string; records: readonly Recorded[] }[] = [];
  const stream = memoryStream();
  profiler.config({
    job: 'JOB',
    errorRaisedLabel: tree.config.error_raised_label,
    responseSizeProfile: tree.config.response_size_profile,
    handlers: [
      { handlerName: 'capture', handle: (records, metric) => void calls.push({ metric, records }) },
      new StreamHandler('stream', { output: stream.output }),
    ],
  });
  const raised: (string | null)[] = [];
  for await (const outcome of run(tree, profiler.profile, context, clock)) raised.push(outcome);
  await profiler.close();
  return { calls, text: stream.text(), raised };
}

function* runSync(tree: Tree, profile: Profile, context: Context, clock: VirtualClock): Iterable<string | null> {
  const call = functionsOf<void>(profile, context, (steps) => {
    for (const step of steps) take(step);
  });
  const take = (step: Step): void => {
    if ('tick' in step) return clock.tick(step.tick);
    if ('raise' in step) throw new Boom();
    if ('gather' in step) throw new TypeError('synchronous trees have nothing to gather');
    for (let i = 0; i < (step.times ?? 1); i++) {
      try {
        call(step.call);
      } catch (error) {
        if (!step.catch) throw error;
      }
    }
  };
  for (const root of tree.roots) {
    try {
      call(root);
      yield null;
    } catch (error) {
      yield nameOf(error);
    }
  }
}

async function* runAsync(tree: Tree, profile: Profile, context: Context, clock: VirtualClock): AsyncIterable<string | null> {
  const call = functionsOf<Promise<void>>(profile, context, async (steps) => {
    for (const step of steps) await take(step);
  });
  const take = async (step: Step): Promise<void> => {
    if ('tick' in step) return clock.sleep(step.tick);
    if ('raise' in step) throw new Boom();
    if ('gather' in step) return void (await Promise.all(step.gather.map(call)));
    for (let i = 0; i < (step.times ?? 1); i++) {
      try {
        await call(step.call);
      } catch (error) {
        if (!step.catch) throw error;
      }
    }
  };
  for (const root of tree.roots) {
    const outcome = clock.run(() => call(root));
    yield await outcome.then(() => null, nameOf);
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : String(error);
}

/** A record as the golden files write it in short. */
function recordOf([method, milliseconds, errorRaised]: TreeRecord): Recorded {
  return {
    item: method.slice(0, method.indexOf(':')),
    metric: 'histogram',
    units: 'mS',
    job: 'JOB',
    method,
    labels: errorRaised === null ? {} : { error_raised: errorRaised },
    value: ['observe', milliseconds],
  };
}

/** The lines that are known to belong to these records: `test/handlers/format.test.ts` compares them with Python's. */
function textOf(tree: Tree): string {
  return tree.handle_calls.map(({ metric, records }) => `${formatRecords(metric, records.map(recordOf))}\n`).join('');
}

describe.each([
  { file: 'trees_sync', count: 60, run: runSync },
  { file: 'trees_async', count: 30, run: runAsync },
])('$file', ({ file, count, run }) => {
  const trees = golden<{ cases: Tree[] }>(`python-phanos/${file}.json`).cases;

  test('is all there', () => {
    expect(trees).toHaveLength(count);
  });

  describe.each(['auto', 'exact'] as const)('context: %s', (context) => {
    test.each(trees)('seed $seed', async (tree) => {
      const { calls, text, raised } = await replay(tree, run, context);
      expect(calls).toEqual(tree.handle_calls.map(({ metric, records }) => ({ metric, records: records.map(recordOf) })));
      expect(text).toBe(tree.stream_text ?? textOf(tree));
      expect(raised).toEqual(tree.root_raised);
    });
  });
});
