import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DurableCollector } from '../../../src/collector/durable-collector.js';
import type { Batch } from '../../../src/record/batch.js';
import { eventually } from '../../support/eventually.js';
import { aDelta } from '../a-batch.js';
import { AProducer } from '../a-producer.js';
import { Machine } from './machine.js';

const RUNS = 40;

type Step =
  | { readonly do: 'beat'; readonly who: number }
  | { readonly do: 'end'; readonly who: number }
  | { readonly do: 'goodbye'; readonly who: number }
  | { readonly do: 'resend'; readonly who: number; readonly back: number }
  | { readonly do: 'restart'; readonly how: 'close' | 'kill' | 'power' }
  | { readonly do: 'send'; readonly who: number; readonly add: number; readonly level: number; readonly whole: boolean }
  | { readonly do: 'silence'; readonly seconds: number }
  | { readonly do: 'snapshot' }
  | { readonly do: 'trouble' };

const who = fc.integer({ min: 0, max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('send'), who, add: fc.integer({ min: 1, max: 9 }), level: fc.nat(5), whole: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('beat'), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('resend'), who, back: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('silence'), seconds: fc.constantFrom(3, 20, 3700, 100_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart'), how: fc.constantFrom('close', 'kill', 'power') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end'), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('goodbye'), who }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'snapshot' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'trouble' }) },
);

/** All that is to be the same after a restart. */
function stateOf({ collector }: DurableCollector): object {
  const { producers, refused, adjusted, epoch, self } = collector;
  return {
    text: collector.text(),
    epoch,
    operations: self.operations,
    applied: self.batches.applied,
    refused: [...refused.entries()],
    adjusted: [...adjusted.entries()],
    totals: producers.totals,
    lost: producers.lost,
    deaths: { ...producers.deaths.counts },
    forgotten: producers.forgotten,
    producers: Array.from(producers.all, ({ identity, life, revivals, window, totals }) => ({
      boot: identity.boot,
      life,
      revivals,
      top: window.top,
      ahead: window.ahead,
      applied: totals.applied,
      produced: totals.produced,
    })).sort((a, b) => (a.boot < b.boot ? -1 : 1)),
  };
}

async function restartUnchanged(machine: Machine, how: 'close' | 'kill' | 'power'): Promise<void> {
  const before = stateOf(machine.durable);
  await machine.restart(how);
  expect(stateOf(machine.durable)).toEqual(before);
}

test('whatever happens, a restart brings back exactly what was there', { timeout: 120_000 }, async () => {
  let restarts = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 50, size: 'max' }), async (steps) => {
      const machine = await Machine.start();
      const producers = Array.from(
        { length: 4 },
        (_, i) => new AProducer({ instance: i < 2 ? 'here' : 'there', worker: String(i % 2), boot: `boot ${i}` }),
      );
      const sent = producers.map((): Batch[] => []);
      for (const one of [...steps, { do: 'restart', how: 'kill' } as const]) {
        if (one.do === 'send') {
          const deltas = [
            aDelta('counter', { name: 'c', labelNames: ['l'] }, [{ labelValues: [String(one.add)], add: one.add }]),
            aDelta('gauge', { name: 'g' }, [{ labelValues: [], value: one.level }]),
            aDelta('gauge', { name: 'kept', merge: 'max' }, [{ labelValues: [], value: one.level }]),
            // Not taken, for the name is the counter's.
            aDelta('gauge', { name: 'c' }, [{ labelValues: [], value: 1 }]),
          ];
          const batch = producers[one.who]!.batch(deltas, { whole: one.whole });
          sent[one.who]!.push(batch);
          await machine.send(batch);
        } else if (one.do === 'resend') {
          const batch = sent[one.who]!.at(-1 - one.back);
          if (batch !== undefined) await machine.send(batch);
        } else if (one.do === 'beat') {
          if (sent[one.who]!.length > 0) await machine.send(producers[one.who]!.beat());
        } else if (one.do === 'end') {
          await machine.durable.end(producers[one.who]!.identity);
        } else if (one.do === 'goodbye') {
          await machine.send(producers[one.who]!.batch([], { goodbye: true, ops: 0 }));
        } else if (one.do === 'silence') {
          await machine.pass(one.seconds * 1000);
        } else if (one.do === 'snapshot') {
          await machine.durable.snapshot();
        } else if (one.do === 'trouble') {
          machine.break();
          await machine.send(producers[0]!.batch([aDelta('counter', { name: 'c' }, [{ labelValues: [], add: 1 }])]));
          machine.disk.heal();
          await eventually('the journal is ready', () => machine.durable.state.ready);
        } else {
          await restartUnchanged(machine, one.how);
          restarts++;
        }
      }
      machine.disk.crash('kill');
    }),
    { numRuns: RUNS },
  );
  console.log(`${restarts} restarts`);
  expect(restarts).toBeGreaterThanOrEqual(RUNS);
});
