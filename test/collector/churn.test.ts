import { expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { aDelta, aSchema } from './a-batch.js';
import { AProducer } from './a-producer.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Producers send this often, and live for so many of these steps. */
const STEP = 10 * MINUTE;
const LIFETIME = 6;
/** Time in all, and between two looks at the memory in its last part. */
const DURATION = 42 * HOUR;
const LOOK = 4 * HOUR;

const labelNames = ['method'];
const TIME = aSchema({ name: 'time_seconds', unit: 'seconds', divisor: 1000, labelNames, bounds: [1, 10, 100] });
const CALLS = aSchema({ name: 'calls', labelNames });
const MEMORY = aSchema({ name: 'memory', merge: 'livesum' });
const PEAK = aSchema({ name: 'peak', merge: 'max' });
const BUILD = aSchema({ name: 'build' });
const PHASE = aSchema({ name: 'phase', states: ['on', 'off'] });

function families(step: number, boot: string) {
  const labelValues = [`method ${step % 5}`];
  return [
    aDelta('histogram', TIME, [{ labelValues, counts: [1, 0, 0, 1], sum: 5 }]),
    aDelta('counter', CALLS, [{ labelValues, add: 1 }]),
    aDelta('gauge', MEMORY, [{ labelValues: [], value: step }]),
    aDelta('gauge', PEAK, [{ labelValues: [], value: step }]),
    aDelta('info', BUILD, [{ labelValues: [], pairs: { boot } }]),
    aDelta('enum', PHASE, [{ labelValues: [], state: step % 2 === 0 ? 'on' : 'off' }]),
  ];
}

test('500 producers, half of them churning for 42 hours: memory stays flat, and the dead are forgotten on time', {
  timeout: 120_000,
}, () => {
  let now = 0;
  let boots = 0;
  const collector = new Collector({ clock: () => now, identityLabels: true });
  // Each of the churning ones has been there for another while; every second comes back on another instance.
  const slots = Array.from({ length: 500 }, (_, i) => ({
    producer: new AProducer(),
    left: i < 250 ? Number.POSITIVE_INFINITY : 1 + (i % LIFETIME),
  }));
  const start = (slot: (typeof slots)[number], i: number): void => {
    const instance = i < 250 || i % 2 === 0 ? `pod ${i}` : `pod ${i} ${boots}`;
    slot.producer = new AProducer({ instance, boot: `boot ${boots++}` });
    slot.producer.heartbeat = STEP;
  };
  for (const [i, slot] of slots.entries()) start(slot, i);
  const lastBatches: number[] = [];
  const heaps: number[] = [];
  for (let step = 0; step < DURATION / STEP; step++) {
    for (const [i, slot] of slots.entries()) {
      if (slot.left-- <= 0) {
        lastBatches.push(now - STEP);
        start(slot, i);
        slot.left = LIFETIME - 1;
      }
      const { producer } = slot;
      collector.apply(producer.batch(families(step, producer.identity.boot)));
    }
    // After the leap the collector gives everybody a moment to report.
    now += STEP - 3000;
    collector.tick();
    now += 3000;
    collector.tick();
    if (now % (2 * HOUR) > 0) continue;
    // Silent for three heartbeats is dead, and 24 hours after its last batch nobody knows it any more.
    expect(collector.producers.forgotten).toBe(lastBatches.filter((last) => now - last >= 24 * HOUR).length);
    expect(collector.producers.deaths.counts.silent).toBe(lastBatches.filter((last) => now - last >= 3 * STEP).length);
    if (now < 28 * HOUR || now % LOOK > 0) continue;
    collectGarbage();
    heaps.push(process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers);
    // 8 or 13 series each; those of an instance stay for an hour and a minute after its last producer is dead.
    expect(collector.aggregate.quota.total).toBeLessThan(500 * 13 * 1.5);
  }
  expect(collector.self.batches).toEqual({ applied: (500 * DURATION) / STEP, duplicate: 0, heartbeat: 0, later: 0, refused: 0 });
  expect(heaps.length).toBe(4);
  const [first, ...later] = heaps as [number, ...number[]];
  for (const heap of later) expect(heap).toBeLessThan(first * 1.05);
  expect(collector.producers.live).toBeGreaterThanOrEqual(500);
  expect(collector.refused.total).toBe(0);
});
