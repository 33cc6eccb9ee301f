import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Command, Model } from './model.js';

const call = fc.constantFrom('datasync', 'open', 'read', 'rename', 'syncFolder', 'truncate', 'unlink', 'writev');
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('append'), count: fc.integer({ min: 1, max: 12 }), size: fc.integer({ max: 700, min: 0 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('turn'), turns: fc.integer({ min: 0, max: 12 }) }) },
  { weight: 3, arbitrary: fc.constant<Command>({ kind: 'settle' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ kind: 'snapshot' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ kind: 'heal' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ kind: 'close' }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('crash'), how: fc.constantFrom('kill', 'power') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fault'),
      call,
      times: fc.integer({ min: 1, max: 4 }),
      partly: fc.integer({ min: 0, max: 2000 }),
      code: fc.constantFrom('EIO', 'ENOSPC'),
    }),
  },
);

/** Numbers from 0 to 1, the same ones for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test('whatever happens to program and disk, what was acknowledged is found, once and in order, and nothing that was refused', {
  timeout: 60_000,
}, async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 60, size: 'max' }), fc.integer(), async (commands, seed) => {
      const model = new Model(randomFrom(seed));
      await model.start();
      for (const one of commands) await model.run(one);
      await model.finish();
      runs++;
    }),
    { numRuns: 150, plugins: [fc.timeout(10_000)] },
  );
  expect(runs).toBe(150);
});
