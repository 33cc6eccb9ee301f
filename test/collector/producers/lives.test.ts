import { expect, test } from 'vitest';
import { Collector, type CollectorOptions } from '../../../src/collector/collector.js';
import { aDelta, aSchema } from '../a-batch.js';
import { AProducer } from '../a-producer.js';

const HOUR = 3_600_000;
const GAUGE = aSchema({ name: 'g' });
const COUNTER = aSchema({ name: 'n' });
const state = (value: number) => [
  aDelta('gauge', GAUGE, [{ labelValues: [], value }]),
  aDelta('counter', COUNTER, [{ labelValues: [], add: value }]),
];

/** A collector whose time passes by hand, looked after every second. */
function aging(options: CollectorOptions = {}) {
  let now = 1000;
  const collector = new Collector({ clock: () => now, epoch: 'e', ...options });
  const pass = (ms: number, step = 1000): void => {
    const end = now + ms;
    while (now < end) {
      now = Math.min(end, now + step);
      collector.tick();
    }
  };
  const shown = (): [gauge: number | undefined, counter: number | undefined] => {
    const text = collector.text();
    const value = (name: string): number | undefined => {
      const found = new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1];
      return found === undefined ? undefined : Number(found);
    };
    return [value('g'), value('n_total')];
  };
  return { collector, pass, shown };
}

test('silent for three heartbeats is dead: live gauges go, counters stay', () => {
  const { collector, pass, shown } = aging();
  const [a, b] = [new AProducer(), new AProducer({ worker: '1' })];
  collector.apply(a.batch(state(5)));
  collector.apply(b.batch(state(7)));
  pass(14_999);
  collector.apply(b.beat());
  expect([shown(), collector.producers.live]).toEqual([[12, 12], 2]);
  pass(1);
  expect([shown(), collector.producers.live, collector.producers.dead]).toEqual([[7, 12], 1, 1]);
  pass(14_999);
  expect([shown(), collector.producers.deaths.counts]).toEqual([[undefined, 12], { silent: 2, exit: 0, goodbye: 0 }]);
});

test('whoever announces no heartbeat is never taken for dead', () => {
  const { collector, pass, shown } = aging();
  const quiet = new AProducer();
  quiet.heartbeat = 0;
  collector.apply(quiet.batch(state(5)));
  pass(48 * HOUR, 4 * HOUR);
  expect([shown(), collector.producers.live]).toEqual([[5, 5], 1]);
});

test('the heartbeat is the one announced last', () => {
  const { collector, pass } = aging();
  const producer = new AProducer();
  collector.apply(producer.batch([]));
  producer.heartbeat = 30_000;
  collector.apply(producer.beat());
  pass(89_999);
  expect(collector.producers.live).toBe(1);
  pass(1);
  expect(collector.producers.live).toBe(0);
});

test('a death is reported with what was known', () => {
  const { collector, pass } = aging();
  const producer = new AProducer();
  collector.apply(producer.batch(state(1), { ops: 5 }));
  producer.dropped = 2;
  producer.produced = 17;
  collector.apply(producer.beat());
  pass(15_000);
  expect(collector.producers.deaths.recent).toEqual([
    { identity: producer.identity, cause: 'silent', at: 16_000, totals: { produced: 17, applied: 5, dropped: 2 }, underway: 10 },
  ]);
  expect(collector.producers.lost).toBe(10);
});

test('the end of a process is told by its transport, for all incarnations of a worker that live', () => {
  const { collector, shown } = aging();
  const producers = [{}, { worker: '1' }, { worker: '1', boot: 'c' }].map((identity) => new AProducer(identity));
  for (const producer of producers) collector.apply(producer.batch(state(1)));
  expect(collector.end({ worker: '1' })).toBe(2);
  expect([shown(), collector.producers.deaths.counts]).toEqual([[1, 3], { silent: 0, exit: 2, goodbye: 0 }]);
  expect(collector.end({ worker: '1' })).toBe(0);
});

test('late batches of one that has ended still count, but do not bring it back', () => {
  const { collector, pass, shown } = aging();
  const producer = new AProducer();
  const batches = [1, 2, 4].map((value) => producer.batch(state(value), { oldest: 1 }));
  collector.apply(batches[0]!);
  collector.end(producer.identity);
  expect(collector.apply(batches[1]!)).toBe('new');
  expect(collector.apply(batches[1]!)).toBe('duplicate');
  expect([shown(), collector.producers.live]).toEqual([[undefined, 3], 0]);
  pass(20_000);
  collector.apply(batches[2]!);
  expect([shown(), collector.producers.live, collector.producers.deaths.counts.exit]).toEqual([[undefined, 7], 0, 1]);
});

test('a goodbye ends a producer in order, with the states that it tells in it', () => {
  const { collector, shown } = aging();
  const producer = new AProducer();
  collector.apply(producer.batch(state(1)));
  expect(collector.apply(producer.batch(state(2), { goodbye: true }))).toBe('new');
  expect([shown(), collector.producers.deaths.counts]).toEqual([[undefined, 3], { silent: 0, exit: 0, goodbye: 1 }]);
});

test('one that was only silent lives again, is told so, and tells its states anew', () => {
  const { collector, pass, shown } = aging();
  const producer = new AProducer();
  collector.apply(producer.batch(state(5)));
  expect(collector.epochOf(producer.identity)).toBe('e');
  pass(15_000);
  expect(shown()).toEqual([undefined, 5]);
  collector.apply(producer.beat());
  expect([shown(), collector.producers.live, collector.producers.dead]).toEqual([[undefined, 5], 1, 0]);
  expect(collector.epochOf(producer.identity)).toBe('e.1');
  collector.apply(producer.batch([aDelta('gauge', GAUGE, [{ labelValues: [], value: 6 }])], { whole: true }));
  expect(shown()).toEqual([6, 5]);
  pass(15_000);
  expect([shown(), collector.producers.deaths.counts.silent]).toEqual([[undefined, 5], 2]);
});

test('states from before a death do not come back with an older batch', () => {
  const { collector, pass, shown } = aging();
  const producer = new AProducer();
  const batches = [1, 2, 4].map((value) => producer.batch(state(value), { oldest: 1 }));
  collector.apply(batches[0]!);
  collector.apply(batches[2]!);
  pass(15_000);
  collector.apply(batches[1]!);
  expect([shown(), collector.producers.live]).toEqual([[undefined, 7], 1]);
});

test('a dead producer is forgotten 24 hours after its last batch; what comes then may count twice, and is told', () => {
  const { collector, pass, shown } = aging();
  const producer = new AProducer();
  const batch = producer.batch(state(5));
  collector.apply(batch);
  pass(24 * HOUR - 1000, 5000);
  expect(collector.apply(batch)).toBe('duplicate');
  pass(24 * HOUR - 1, 5000);
  expect([collector.producers.size, collector.producers.forgotten]).toEqual([1, 0]);
  pass(1);
  expect([collector.producers.size, collector.producers.forgotten]).toEqual([0, 1]);
  const late = { ...batch, seq: 9, oldest: 9 };
  expect([collector.apply(late), shown()[1], collector.producers.strangers]).toEqual(['new', 10, 1]);
});

test('a collector that was away itself gives everybody a moment before it judges', () => {
  const { collector, pass } = aging();
  const [a, b] = [new AProducer(), new AProducer({ worker: '1' })];
  collector.apply(a.batch([]));
  collector.apply(b.batch([]));
  pass(600_000, 600_000);
  expect(collector.producers.live).toBe(2);
  collector.apply(a.beat());
  expect(collector.producers.live).toBe(2);
  pass(2000);
  expect([...collector.producers.all].map(({ life }) => life)).toEqual(['live', 'silent']);
});

test('a collector that is looked at now and then only judges as well', () => {
  const { collector, pass } = aging();
  collector.apply(new AProducer().batch([]));
  pass(45_000, 15_000);
  expect(collector.producers.live).toBe(0);
});

test('[limits] beyond the producers that are recognized, the longest dead are forgotten early; if all live, others have to wait', () => {
  const { collector } = aging({ limits: { producers: 2 } });
  const producers = ['a', 'b', 'c', 'd'].map((boot) => new AProducer({ boot }));
  collector.apply(producers[0]!.batch(state(1)));
  collector.apply(producers[1]!.batch(state(1)));
  const third = producers[2]!.batch(state(1));
  expect([collector.check(third), collector.apply(third), collector.apply(producers[2]!.beat())]).toEqual(['later', 'later', 'duplicate']);
  expect(collector.producers.size).toBe(2);
  collector.end({ boot: 'b' });
  collector.end({ boot: 'a' });
  expect([collector.check(third), collector.apply(third)]).toEqual(['new', 'new']);
  expect([...collector.producers.all].map(({ identity }) => identity.boot)).toEqual(['a', 'c']);
  expect([collector.producers.forgotten, collector.self.batches.later]).toEqual([1, 1]);
});
