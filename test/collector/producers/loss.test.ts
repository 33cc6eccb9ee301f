import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Collector } from '../../../src/collector/collector.js';
import { renderText } from '../../../src/exposition/text.js';
import type { Batch } from '../../../src/record/batch.js';
import { parseText } from '../../exposition/parse-text.js';
import { aDelta } from '../a-batch.js';
import { AProducer } from '../a-producer.js';

/** Value of an own metric of the collector; `name` without its common beginning. */
function own(collector: Collector, name: string, label?: string): number | undefined {
  const samples = parseText([...renderText(collector.ownFamilies)].join('')).flatMap((family) => family.samples);
  const wanted = `phanos_collector_${name}`;
  return samples.find((sample) => sample.name === wanted && (label === undefined || Object.values(sample.labels).includes(label)))?.value;
}

const counted = (add: number) => [aDelta('counter', { name: 'n' }, [{ labelValues: [], add }])];

test('what was announced is applied, dropped, under way or lost', () => {
  const collector = new Collector({ clock: () => 0 });
  const producer = new AProducer();
  const [first, second, third, fourth] = [1, 2, 4, 8].map((ops) => producer.batch(counted(ops), { ops, oldest: 1 }));
  collector.apply(first!);
  collector.apply(first!);
  collector.apply(third!);
  const figures = () =>
    ['operations_total', 'produced_operations_total', 'dropped_operations_total', 'underway_operations', 'lost_operations'].map((name) =>
      own(collector, name),
    );
  expect(figures()).toEqual([5, 7, 0, 2, 0]);
  // The second was refused for good by whoever stood in between.
  collector.apply({ ...fourth!, oldest: 3, dropped: 2 });
  expect(figures()).toEqual([13, 15, 2, 0, 0]);
  expect([own(collector, 'given_up_batches_total'), collector.apply(second!)]).toEqual([1, 'duplicate']);
  producer.batch(counted(16), { ops: 16 });
  producer.dropped = 2;
  producer.seq--;
  collector.apply({ ...producer.beat(), oldest: 4 });
  expect(figures()).toEqual([13, 31, 2, 16, 0]);
  collector.end({});
  expect(figures()).toEqual([13, 31, 2, 0, 16]);
  expect(own(collector, 'batches_total', 'duplicate')).toBe(2);
});

test('of one that was met in the middle of its life, what came before is not missed', () => {
  const collector = new Collector({ clock: () => 0 });
  const producer = new AProducer();
  producer.seq = 99;
  producer.produced = 5000;
  producer.dropped = 30;
  const [first, second] = [1, 2].map((ops) => producer.batch(counted(ops), { ops, oldest: 100 }));
  collector.apply(second!);
  expect(collector.producers.totals).toEqual({ produced: 2, applied: 2, dropped: 0, lost: 0 });
  collector.apply(first!);
  expect(collector.producers.totals).toEqual({ produced: 3, applied: 3, dropped: 0, lost: 0 });
  // What another collector has confirmed comes again.
  collector.apply({ ...first!, seq: 99, produced: 5000, ops: 7 });
  expect(collector.producers.totals).toEqual({ produced: 3, applied: 3, dropped: 0, lost: 0 });
});

test('totals that are nonsense are ignored', () => {
  const collector = new Collector({ clock: () => 0 });
  const producer = new AProducer();
  for (const parts of [
    { produced: Number.NaN },
    { produced: -1 },
    { dropped: 0.5 },
    { ops: 1e300 },
    { ops: 5, produced: 4 },
    { produced: '9' as never },
  ]) {
    expect(collector.apply({ ...producer.batch(counted(1)), produced: 0, ops: 0, ...parts })).toBe('new');
  }
  expect(collector.producers.totals).toEqual({ produced: 0, applied: 5, dropped: 0, lost: 0 });
});

test('totals of the forgotten stay', () => {
  let now = 0;
  const collector = new Collector({ clock: () => now });
  const producer = new AProducer();
  collector.apply(producer.batch(counted(3), { ops: 3 }));
  producer.produced = 10;
  collector.apply(producer.beat());
  collector.end({});
  now = 24 * 3_600_000;
  collector.tick();
  expect([collector.producers.size, collector.producers.lost]).toEqual([0, 7]);
  expect(collector.producers.totals).toMatchObject({ produced: 10, applied: 3 });
});

test('produced = applied + dropped + under way, whatever is lost, doubled or late', () => {
  const step = fc.record({
    producer: fc.nat(2),
    ops: fc.nat(9),
    fate: fc.constantFrom('send', 'send', 'send', 'hold', 'drop', 'twice', 'end'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const collector = new Collector({ clock: () => 0 });
      const producers = [0, 1, 2].map((i) => ({ it: new AProducer({ boot: `${i}` }), held: [] as Batch[], sent: 0 }));
      for (const { producer: index, ops, fate } of steps) {
        const producer = producers[index]!;
        const batch = producer.it.batch(counted(ops), { ops, oldest: producer.held[0]?.seq ?? producer.it.seq + 1 });
        if (fate === 'hold') producer.held.push(batch);
        else if (fate === 'drop') producer.it.dropped += ops;
        else if (fate === 'end') collector.end(producer.it.identity);
        if (fate === 'drop' || fate === 'hold' || fate === 'end') {
          if (fate === 'end') producer.held.push(batch);
          continue;
        }
        producer.sent += ops;
        collector.apply(batch);
        if (fate === 'twice') collector.apply(batch);
        const { produced, applied, dropped } = collector.producers.totals;
        const total = producers.reduce((sum, { sent }) => sum + sent, 0);
        expect(applied).toBe(total);
        expect(produced).toBeGreaterThanOrEqual(applied + dropped);
      }
      // Everything that was held comes in the end, and tells all totals.
      for (const { it, held } of producers) {
        for (const batch of held.reverse()) collector.apply(batch);
        collector.apply(it.beat());
      }
      const { produced, applied, dropped } = collector.producers.totals;
      expect(produced).toBe(applied + dropped);
      expect(collector.text()).toMatch(collector.self.batches.applied === 0 ? /^$/ : new RegExp(`^n_total ${applied}$`, 'm'));
    }),
    { numRuns: 200 },
  );
});
