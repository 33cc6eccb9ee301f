import fc from 'fast-check';
import { expect, test } from 'vitest';
import { World } from './world.js';

/** A few are enough to find any fault that was planted; more for a longer look. */
const RUNS = Number(process.env.PHANOS_MODEL_RUNS ?? 100);

const label = fc.constantFrom('x', 'y', 'z');
const producer = fc.nat(3);
const pick = fc.nat(5);

const told = fc.record({
  adds: fc.array(fc.tuple(label, fc.integer({ min: 0, max: 99 })), { maxLength: 3 }),
  states: fc.uniqueArray(fc.tuple(label, fc.nat(6)), { selector: ([name]) => name, maxLength: 3 }),
  removed: fc.uniqueArray(label, { maxLength: 2 }),
});

type Step = (world: World) => void | Promise<void>;

/** A step with its name, so that a counterexample can be read. */
function step<T>(name: string, arbitrary: fc.Arbitrary<T>, act: (world: World, value: T) => void | Promise<void>): fc.Arbitrary<Step> {
  return arbitrary.map((value) =>
    Object.assign((world: World) => act(world, value), { [fc.toStringMethod]: () => `${name} ${fc.stringify(value)}` }),
  );
}

const how = fc.record({
  whole: fc.oneof({ weight: 6, arbitrary: fc.constant('no' as const) }, fc.constantFrom('yes' as const, 'split' as const)),
  goodbye: fc.oneof({ weight: 30, arbitrary: fc.constant(false) }, fc.constant(true)),
});

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 30,
    arbitrary: step('produce', fc.tuple(producer, told, how), (world, [index, what, parts]) => world.produce(index, what, parts)),
  },
  { weight: 40, arbitrary: step('deliver', fc.tuple(producer, pick), (world, [index, which]) => world.deliver(index, which)) },
  { weight: 8, arbitrary: step('store', fc.tuple(producer, pick), (world, [index, which]) => world.store(index, which)) },
  { weight: 3, arbitrary: step('fail to store', fc.tuple(producer, pick), (world, [index, which]) => world.failToStore(index, which)) },
  { weight: 5, arbitrary: step('apply stored', fc.constant(undefined), (world) => world.applyStored()) },
  { weight: 6, arbitrary: step('confirm', producer, (world, index) => world.confirm(index)) },
  { weight: 2, arbitrary: step('give up', producer, (world, index) => world.giveUp(index)) },
  { weight: 4, arbitrary: step('beat', producer, (world, index) => world.beat(index)) },
  { weight: 1, arbitrary: step('end', producer, (world, index) => world.end(index)) },
  { weight: 5, arbitrary: step('pass', fc.integer({ min: 1, max: 9 }), (world, seconds) => world.pass(seconds)) },
  { weight: 3, arbitrary: step('snapshot', fc.constant(undefined), (world) => world.snapshot()) },
  { weight: 3, arbitrary: step('crash', fc.constant(undefined), (world) => world.crash()) },
);

test('duplicates, reordering, delay, drops, retries, deaths and crashes: every batch has its effect once', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 120, size: 'max' }), async (schedule) => {
      const world = new World();
      let before = new Map<string, number>();
      for (const act of schedule) {
        await act(world);
        expect(world.shown).toEqual(world.expected);
        const { counters } = world;
        for (const [name, value] of before) expect(counters.get(name)).toBeGreaterThanOrEqual(value);
        before = counters;
      }
      world.settle();
      expect(world.shown).toEqual(world.expected);
      expect(world.counters).toEqual(world.stored);
      expect(world.sketches).toEqual(world.storedSketches);
      await world.crash();
      expect(world.shown).toEqual(world.expected);
      expect(world.counters).toEqual(world.stored);
      expect(world.sketches).toEqual(world.storedSketches);
    }),
    { numRuns: RUNS },
  );
});
