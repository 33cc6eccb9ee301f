import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kinds, oracle, Program, postOrder, programOf, synchronous, tally } from './random-program.js';
import { counting, counts, recording } from './watched.js';

const runs = { numRuns: 100, interruptAfterTimeLimit: 20_000 };
const timeout = 30_000;
const limits = { contextDepth: 1000, callNodes: 1_000_000, seriesPerMetric: 1_000_000, labelValueLength: 100_000 };

test('random programs: every call is counted once, in its place', { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(programOf(kinds), async (roots) => {
      const profiler = counting({ limits });
      const random = new Program(profiler.profile);
      const once = tally(oracle(roots));
      await random.run(roots);
      expect(await counts(profiler)).toEqual(once);
      // A second time, when everything is known about every function.
      await random.run(roots);
      expect(await counts(profiler)).toEqual(Object.fromEntries(Object.entries(once).map(([path, count]) => [path, 2 * count])));
      expect(profiler.currentNode.context).toBe('');
    }),
    runs,
  );
});

test('random programs: every call is recorded once, in its place, and no two roots in one delivery', { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(programOf(kinds), fc.constantFrom(1, 3, 100, 100_000), async (roots, recordLimit) => {
      const { profiler, kept } = recording({ limits, recordLimit });
      const random = new Program(profiler.profile);
      for (let round = 0; round < 2; round++) {
        await random.run(roots);
        const deliveries = kept.times();
        expect(tally(deliveries.flat())).toEqual(tally(oracle(roots)));
        for (const paths of deliveries) expect(new Set(paths.map((path) => path.split(/[. ]/)[0])).size).toBe(1);
      }
      expect(await counts(profiler)).toEqual(
        Object.fromEntries(Object.entries(tally(oracle(roots))).map(([path, count]) => [path, 2 * count])),
      );
    }),
    runs,
  );
});

test('random synchronous programs: the records of a root come in one piece, in the order in which calls end', { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(programOf(synchronous), async (roots) => {
      const { profiler, kept } = recording({ limits, recordLimit: 100_000 });
      const random = new Program(profiler.profile);
      for (let round = 0; round < 2; round++) {
        await random.run(roots);
        expect(kept.times()).toEqual(roots.map((root) => postOrder(root)));
      }
    }),
    runs,
  );
});
