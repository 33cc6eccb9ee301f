import { expect, test } from 'vitest';
import { Collector, type CollectorOptions } from '../../src/collector/collector.js';
import type { SnapshotSlice } from '../../src/collector/snapshot/snapshot-slice.js';
import { renderText } from '../../src/exposition/text.js';
import type { FamilyDelta } from '../../src/record/batch.js';
import { contents } from '../sketch/a-sketch.js';
import { aDelta } from './a-batch.js';
import { AProducer } from './a-producer.js';
import { aHistogram, aSummary } from './observed.js';

const HOUR = 3_600_000;
let now = 0;

function collect(options: CollectorOptions = {}): Collector {
  return new Collector({ clock: () => now, epoch: 'e', ...options });
}

/** Slices as they come back from a disk. */
function written(collector: Collector): SnapshotSlice[] {
  return Array.from(collector.snapshot(), (slice) => JSON.parse(JSON.stringify(slice)) as SnapshotSlice);
}

async function restored(slices: Iterable<SnapshotSlice>, options: CollectorOptions = {}): Promise<Collector> {
  const collector = collect({ ...options, epoch: 'another' });
  await collector.restore(slices);
  return collector;
}

/** All that a collector tells. */
function told(collector: Collector): string {
  const sketches = [...collector.families].flatMap(({ series }) =>
    Array.from(series, ({ sketch }) => JSON.stringify(sketch && contents(sketch))),
  );
  return collector.text() + sketches.join('\n') + [...renderText(collector.ownFamilies)].join('');
}

/** A family of every kind and mode, with numbers that JSON has no form for. */
function everything(value: number, label = 'x'): FamilyDelta[] {
  const labelNames = ['a', 'b'];
  const labelValues = [label, ''];
  const merges = ['sum', 'min', 'max', 'avg', 'mostrecent', 'all'] as const;
  return [
    aDelta('counter', { name: 'c', labelNames, divisor: 1000, unit: 'seconds' }, [{ labelValues, add: value }]),
    aDelta('histogram', { name: 'h', labelNames, bounds: [1, 2.5] }, [{ labelValues, counts: [1, 0, 2], sum: value / 3 }]),
    aDelta('summary', { name: 's', labelNames }, [{ labelValues, count: 1, sum: Number.NEGATIVE_INFINITY }]),
    aHistogram({ name: 'sketched', labelNames, labelValues, values: [value, -value, 0, 1e-9, Number.POSITIVE_INFINITY] }),
    aSummary({ name: 'windowed', labelNames, labelValues, values: [value, value / 7], window: { duration: 30_000, slices: 5 } }),
    ...merges.flatMap((merge) => [
      aDelta('gauge', { name: `g_${merge}`, labelNames, merge }, [{ labelValues, value: value * 0.1 }]),
      aDelta('gauge', { name: `g_live${merge}`, labelNames, merge: `live${merge}` }, [{ labelValues, value: -value }]),
    ]),
    aDelta(
      'gauge',
      { name: 'g_odd', labelNames },
      [Number.NaN, -0, Number.POSITIVE_INFINITY, 5e-324].map((odd, i) => ({ labelValues: ['', `${i}`], value: odd })),
    ),
    aDelta('info', { name: 'i', labelNames }, [{ labelValues, pairs: { v: `${value}`, w: '"\n' } }]),
    aDelta('enum', { name: 'e', labelNames, states: ['on', `s${value}`] }, [{ labelValues, state: `s${value}` }]),
    aDelta('enum', { name: 'f', labelNames, states: ['on', `s${value}`], merge: 'count' }, [{ labelValues, state: `s${value}` }]),
  ];
}

/** A collector that has seen much, and the producers that it knows. */
function experienced(options: CollectorOptions = {}): { collector: Collector; producers: AProducer[] } {
  const collector = collect(options);
  const producers = Array.from(
    { length: 6 },
    (_, i) => new AProducer({ worker: `${i % 4}`, instance: `host ${i % 3}`, boot: `boot ${i}` }),
  );
  for (const [i, producer] of producers.entries()) {
    const batches = [0, 1, 2].map((j) => producer.batch(everything(i + j, `${j}`), { oldest: 1, ops: 10 }));
    for (const j of [0, 2]) collector.apply(batches[j]!);
    if (i % 2 === 0) collector.apply(batches[1]!);
    producer.seq += 5;
    collector.apply(producer.batch([], { oldest: 1, whole: i === 3 }));
  }
  collector.apply(producers[0]!.batch([aDelta('gauge', { name: 'g_livesum', labelNames: ['a', 'b'] }, [], [['0', '']])]));
  collector.apply(producers[4]!.batch([aDelta('gauge', { name: 'c_seconds' }, [{ labelValues: [], value: 1 }])]));
  collector.apply(
    producers[1]!.batch([aDelta('histogram', { name: 'h', bounds: [7] }, [{ labelValues: [], counts: [1, 1], sum: 1 }])], { oldest: 1 }),
  );
  collector.end({ boot: 'boot 2' });
  collector.end({ boot: 'boot 5' });
  collector.apply({ ...producers[3]!.batch([]), seq: 9999, oldest: 1 });
  return { collector, producers };
}

test.each([false, true])('what was restored tells the same (identity labels: %s)', async (identityLabels) => {
  now = 0;
  const { collector } = experienced({ identityLabels });
  const copy = await restored(written(collector), { identityLabels });
  expect(told(copy)).toBe(told(collector));
  expect([copy.epoch, copy.aggregate.quota.total]).toEqual(['e', collector.aggregate.quota.total]);
  expect(written(copy)).toEqual(written(collector));
});

test.each([false, true])('what was restored treats everything that comes the same way (identity labels: %s)', async (identityLabels) => {
  now = 0;
  const { collector, producers } = experienced({ identityLabels });
  const copy = await restored(written(collector), { identityLabels });
  const both = (act: (collector: Collector) => unknown): void => {
    expect(act(copy)).toEqual(act(collector));
    expect(told(copy)).toBe(told(collector));
  };
  for (const [i, producer] of producers.entries()) {
    for (const seq of [1, 2, 3, 4, 8, 9, 10, 2000]) {
      const batch = { ...producer.batch(everything(7 + i + seq, `${seq % 4}`)), seq, oldest: 1 };
      both((either) => either.check(batch));
      both((either) => either.apply(batch));
    }
    both((either) => either.epochOf(producer.identity));
  }
  const whole = producers[0]!.batch([], { whole: true, oldest: 1 });
  both((either) => either.apply(whole));
  both((either) => either.end({ worker: '0' }));
  for (let i = 0; i < 20; i++) {
    now += 1000;
    both((either) => either.tick());
  }
  both((either) => either.apply(producers[3]!.beat()));
  for (let i = 0; i < 50; i++) {
    now += HOUR / 2;
    both((either) => either.tick());
  }
  expect(collector.producers.forgotten).toBeGreaterThan(0);
  const afterwards = producers[1]!.batch(everything(3));
  both((either) => either.apply(afterwards));
});

test('a snapshot is that of the moment when it was begun, whatever happens while it is read', async () => {
  now = 0;
  const { collector, producers } = experienced({ identityLabels: true });
  const before = told(collector);
  const slices: SnapshotSlice[] = [];
  const reader = collector.snapshot();
  const changes = [
    () => collector.apply(producers[0]!.batch(everything(100, 'new'))),
    () => collector.apply(producers[1]!.batch([], { oldest: 1, whole: true })),
    () => collector.end({ boot: 'boot 1' }),
    () => collector.apply(new AProducer({ boot: 'new' }).batch([aDelta('counter', { name: 'late' }, [{ labelValues: [], add: 1 }])])),
    () => collector.end({}),
    () => {
      now = HOUR;
      collector.tick();
    },
    () => {
      now = 30 * HOUR;
      collector.tick();
    },
  ];
  for (const [i, change] of changes.entries()) {
    if (i > 0) slices.push(JSON.parse(JSON.stringify(reader.next().value)) as SnapshotSlice);
    change();
  }
  for (const slice of reader) slices.push(slice);
  expect(told(collector)).not.toBe(before);
  now = 0;
  expect(told(await restored(slices, { identityLabels: true }))).toBe(before);
});

test('what is reserved is no part of a snapshot: it comes from where it was made safe', async () => {
  now = 0;
  const collector = collect();
  const batch = new AProducer().batch([aDelta('counter', { name: 'n' }, [{ labelValues: [], add: 1 }])]);
  collector.reserve(batch);
  const copy = await restored(written(collector));
  expect([copy.check(batch), copy.apply(batch), copy.apply(batch)]).toEqual(['new', 'new', 'duplicate']);
});

test('living producers are not blamed for the time when their collector was away', async () => {
  now = 0;
  const collector = collect();
  const [living, dead] = [new AProducer({ boot: 'a' }), new AProducer({ boot: 'b' })];
  collector.apply(living.batch([]));
  collector.apply(dead.batch([]));
  collector.end({ boot: 'b' });
  now = 14_000;
  const slices = written(collector);
  now = 5_000_000;
  const copy = await restored(slices);
  now += 14_999;
  copy.tick();
  expect([copy.producers.live, copy.producers.dead]).toEqual([1, 1]);
});

test('each slice has a few hundred entries at most', () => {
  const collector = collect({ limits: { producers: 1000 } });
  const rows = Array.from({ length: 5000 }, (_, i) => ({ labelValues: [`${i}`], value: i }));
  for (let i = 0; i < 600; i++)
    collector.apply(
      new AProducer({ boot: `${i}`, instance: `${i}` }).batch([aDelta('gauge', { name: 'g' }, [{ labelValues: [], value: 1 }])]),
    );
  collector.apply(new AProducer().batch([aDelta('gauge', { name: 'g', labelNames: ['a'] }, rows)]));
  const sizes = written(collector).map((slice) => ('entries' in slice ? slice.entries.length : 1));
  expect(Math.max(...sizes)).toBe(250);
  expect(sizes.length).toBeGreaterThan(20);
});

test('a snapshot without its end, in another order, or into a used collector is refused', async () => {
  now = 0;
  const slices = written(experienced().collector);
  await expect(restored(slices.slice(0, -1))).rejects.toThrow('the snapshot has no end');
  await expect(restored([])).rejects.toThrow('the snapshot has no end');
  await expect(restored(slices.slice(1))).rejects.toThrow("slice 'groups' is not in its place");
  await expect(restored([...slices, slices[0]!])).rejects.toThrow("slice 'collector' is not in its place");
  await expect(restored([slices[0]!, { part: 'series', entries: [] }])).rejects.toThrow("slice 'series' is not in its place");
  await expect(restored([slices[0]!, { part: 'unheard-of' } as never])).rejects.toThrow("slice 'unheard-of' is not in its place");
  await expect(experienced().collector.restore(slices)).rejects.toThrow("slice 'collector' is not in its place");
});

test('a snapshot of another version, or with other labels, is refused with the remedy', async () => {
  now = 0;
  const slices = written(collect());
  await expect(restored([{ ...slices[0]!, version: 2 } as never])).rejects.toThrow(
    'the snapshot has version 2, and this phanos reads version 1',
  );
  await expect(restored(slices, { identityLabels: true })).rejects.toThrow('the snapshot was taken with identityLabels: false');
});

test('the next snapshot ends the one before', () => {
  const { collector } = experienced();
  const first = collector.snapshot();
  first.next();
  const second = written(collector);
  expect(() => [...first]).toThrow('another snapshot was begun');
  expect(second.at(-1)).toEqual({ part: 'end' });
});
