import { expect, test } from 'vitest';
import { Collector } from '../../../src/collector/collector.js';
import type { EnumMerge, FamilyDelta, GaugeMerge, RowOfKind } from '../../../src/record/batch.js';
import type { MetricKind } from '../../../src/record/recorded.js';
import { parseText } from '../../exposition/parse-text.js';
import { aDelta, aSchema, type SchemaParts } from '../a-batch.js';
import { AProducer } from '../a-producer.js';

/** Some workers of one process group, and what the collector shows of them. */
function workers(count: number) {
  const collector = new Collector({ clock: () => 0 });
  const producers = Array.from({ length: count }, (_, i) => new AProducer({ worker: `${i}`, boot: `boot ${i}` }));
  const tell = (worker: number, ...families: FamilyDelta[]): void => {
    expect(collector.apply(producers[worker]!.batch(families))).toBe('new');
  };
  return {
    collector,
    tell,
    end: (worker: number): void => void collector.end({ worker: `${worker}` }),
    forget: (worker: number): void => {
      collector.end({ worker: `${worker}` });
      // One that is not recognized has nothing of its own.
      for (const state of collector.producers.all)
        if (state.identity.worker === `${worker}`) collector.aggregate.forgotten(state.contributor);
    },
    /** Samples as `name{labels}: value`. */
    shown: (): Record<string, number> => {
      const samples = parseText(collector.text()).flatMap((family) => family.samples);
      const labelsOf = (labels: Readonly<Record<string, string>>): string =>
        Object.entries(labels)
          .map(([name, value]) => `${name}=${value}`)
          .join(',');
      return Object.fromEntries(samples.map(({ name, labels, value }) => [`${name}{${labelsOf(labels)}}`.replace('{}', ''), value]));
    },
  };
}

const row = <K extends MetricKind>(
  kind: K,
  schema: SchemaParts,
  parts: Omit<RowOfKind[K], 'labelValues'>,
  labelValues: readonly string[] = [],
) => aDelta(kind, schema, [{ labelValues, ...parts } as unknown as RowOfKind[K]]);

test('what is counted adds up over producers, and stays when they die', () => {
  const { tell, end, shown, collector } = workers(3);
  for (const worker of [0, 1, 2]) {
    tell(
      worker,
      row('counter', { name: 'c' }, { add: worker + 1 }),
      row('histogram', { name: 'h', bounds: [1] }, { counts: [worker, 1], sum: worker }),
      row('summary', { name: 's' }, { count: 1, sum: worker }),
    );
  }
  const before = shown();
  expect(before).toEqual({ c_total: 6, 'h_bucket{le=1}': 3, 'h_bucket{le=+Inf}': 6, h_sum: 3, h_count: 6, s_sum: 3, s_count: 3 });
  for (const worker of [0, 1, 2]) end(worker);
  expect(shown()).toEqual(before);
  expect(collector.producers.live).toBe(0);
});

test.each<[GaugeMerge, all: number, afterDeath: number, afterAll: number | undefined]>([
  // Workers say 5, then -3, then 4; the one that says 5 dies, then all.
  ['livesum', 6, 1, undefined],
  ['sum', 6, 6, 6],
  ['livemin', -3, -3, undefined],
  ['min', -3, -3, -3],
  ['livemax', 5, 4, undefined],
  ['max', 5, 5, 5],
  ['liveavg', 2, 0.5, undefined],
  ['avg', 2, 2, 2],
  ['livemostrecent', 4, 4, undefined],
  ['mostrecent', 4, 4, 4],
])('gauges by %s', (merge, all, afterDeath, afterAll) => {
  const { tell, end, forget, shown } = workers(3);
  for (const [worker, value] of [5, -3, 4].entries()) tell(worker, row('gauge', { name: 'g', merge }, { value }));
  expect(shown()).toEqual({ g: all });
  end(0);
  expect(shown()).toEqual({ g: afterDeath });
  end(1);
  end(2);
  expect(shown()).toEqual(afterAll === undefined ? {} : { g: afterAll });
  for (const worker of [2, 0, 1]) forget(worker);
  expect(shown()).toEqual(afterAll === undefined ? {} : { g: afterAll });
});

test('gauges sum up who lives unless declared otherwise', () => {
  const { tell, end, shown } = workers(2);
  for (const worker of [0, 1]) tell(worker, row('gauge', { name: 'g' }, { value: 2 }));
  end(1);
  expect(shown()).toEqual({ g: 2 });
});

test.each<[GaugeMerge, boolean]>([
  ['all', true],
  ['liveall', false],
])('gauges by %s are told apart by worker', (merge, stays) => {
  const { tell, end, shown } = workers(3);
  const schema = { name: 'g', labelNames: ['a'], merge };
  for (const worker of [0, 1, 2]) tell(worker, row('gauge', schema, { value: worker + 1 }, ['x']));
  expect(shown()).toEqual({ 'g{a=x,worker=0}': 1, 'g{a=x,worker=1}': 2, 'g{a=x,worker=2}': 3 });
  end(1);
  expect(shown()).toEqual({ 'g{a=x,worker=0}': 1, ...(stays && { 'g{a=x,worker=1}': 2 }), 'g{a=x,worker=2}': 3 });
});

test('in the place of a dead worker stands the next one, by whatever mode keeps the dead', () => {
  const collector = new Collector({ clock: () => 0 });
  const schemas = (['all', 'mostrecent', 'sum'] as const).map((merge) => ({ name: `by_${merge}`, merge }));
  const tell = (boot: string, value: number): void => {
    collector.apply(new AProducer({ worker: '1', boot }).batch(schemas.map((schema) => row('gauge', schema, { value }))));
  };
  tell('a', 5);
  collector.end({ boot: 'a' });
  tell('b', 2);
  expect(parseText(collector.text()).flatMap(({ samples }) => samples.map(({ value }) => value))).toEqual([2, 2, 7]);
});

test('the most recent value is the one that was set last, even to what it was', () => {
  const { tell, shown } = workers(2);
  const schema = { name: 'g', merge: 'mostrecent' as const };
  tell(0, row('gauge', schema, { value: 1 }));
  tell(1, row('gauge', schema, { value: 2 }));
  tell(0, row('gauge', schema, { value: 1 }));
  expect(shown()).toEqual({ g: 1 });
});

test('a whole state that repeats what is known is no change', () => {
  const collector = new Collector({ clock: () => 0 });
  const producers = [new AProducer({ worker: '0' }), new AProducer({ worker: '1' })];
  const families = (value: number) => [row('gauge', { name: 'g', merge: 'mostrecent' }, { value })];
  collector.apply(producers[0]!.batch(families(1)));
  collector.apply(producers[1]!.batch(families(2)));
  collector.apply(producers[0]!.batch(families(1), { whole: true }));
  expect(collector.text()).toContain('\ng 2\n');
});

test('as in Prometheus, NaN is the least and greatest only if there is nothing else, and spoils sums', () => {
  const { tell, shown } = workers(3);
  const modes = ['min', 'max', 'sum', 'avg'] as const;
  for (const [worker, value] of [Number.NaN, 5, 7].entries())
    tell(worker, ...modes.map((merge) => row('gauge', { name: `by_${merge}`, merge }, { value })));
  expect(shown()).toEqual({ by_min: 5, by_max: 7, by_sum: Number.NaN, by_avg: Number.NaN });
  const lonely = workers(1);
  lonely.tell(0, ...modes.map((merge) => row('gauge', { name: `by_${merge}`, merge }, { value: Number.NaN })));
  expect(lonely.shown()).toEqual({ by_min: Number.NaN, by_max: Number.NaN, by_sum: Number.NaN, by_avg: Number.NaN });
});

test('a single -0 stays what it is', () => {
  const { tell, collector } = workers(1);
  tell(0, row('gauge', { name: 'g' }, { value: -0 }));
  expect(collector.text()).toContain('\ng -0\n');
});

test('gauges of different scales merge in that of the first', () => {
  const { tell, shown } = workers(2);
  tell(0, row('gauge', { name: 'age_seconds', unit: 'seconds', divisor: 1000 }, { value: 1500 }));
  tell(1, row('gauge', { name: 'age_seconds', unit: 'seconds', divisor: 1 }, { value: 2 }));
  expect(shown()).toEqual({ age_seconds: 3.5 });
});

test('of workers that declare different modes the last one decides, and it is counted', () => {
  const { tell, end, shown, collector } = workers(2);
  tell(0, row('gauge', { name: 'g', merge: 'sum' }, { value: 1 }));
  tell(1, row('gauge', { name: 'g', merge: 'livemax' }, { value: 5 }));
  expect(shown()).toEqual({ g: 5 });
  expect([...collector.adjusted.entries()]).toEqual([['g', 'merge_differs', 1]]);
  end(1);
  expect(shown()).toEqual({ g: 1 });
  end(0);
  expect(shown()).toEqual({});
});

test('equal infos of several producers are one, which goes with its last holder', () => {
  const { tell, end, shown } = workers(3);
  const schema = { name: 'build', labelNames: ['app'] };
  tell(0, row('info', schema, { pairs: { version: '1', branch: 'main' } }, ['a']));
  tell(1, row('info', schema, { pairs: { branch: 'main', version: '1', empty: '' } }, ['a']));
  tell(2, row('info', schema, { pairs: { version: '2' } }, ['a']));
  const [one, two] = ['build_info{app=a,version=1,branch=main}', 'build_info{app=a,version=2}'];
  expect(shown()).toEqual({ [one]: 1, [two]: 1 });
  end(0);
  expect(shown()).toEqual({ [one]: 1, [two]: 1 });
  tell(2, row('info', schema, { pairs: { version: '1', branch: 'main' } }, ['a']));
  end(1);
  expect(shown()).toEqual({ [one]: 1 });
  end(2);
  expect(shown()).toEqual({});
});

test('an enum shows the state of the living producer that changed last', () => {
  const { tell, end, shown } = workers(3);
  const schema = { name: 'phase', states: ['on', 'off', 'broken'] };
  const current = (): string | undefined => Object.entries(shown()).find(([, value]) => value === 1)?.[0];
  tell(0, row('enum', schema, { state: 'on' }));
  tell(1, row('enum', schema, { state: 'off' }));
  tell(2, row('enum', schema, { state: 'broken' }));
  // Who says the same again has not changed.
  tell(0, row('enum', schema, { state: 'on' }));
  expect(current()).toBe('phase{phase=broken}');
  end(2);
  expect(current()).toBe('phase{phase=off}');
  tell(0, row('enum', schema, { state: 'broken' }));
  expect(shown()).toEqual({ 'phase{phase=on}': 0, 'phase{phase=off}': 0, 'phase{phase=broken}': 1 });
  end(0);
  end(1);
  expect(shown()).toEqual({});
});

test('an enum that is counted shows a gauge: how many living producers are in each state', () => {
  const { tell, end, shown, collector } = workers(3);
  const merge: EnumMerge = 'count';
  const schema = { name: 'phase', labelNames: ['a'], states: ['on', 'off'], merge };
  tell(0, row('enum', schema, { state: 'on' }, ['x']));
  tell(1, row('enum', schema, { state: 'on' }, ['x']));
  tell(2, row('enum', { ...schema, states: ['on', 'bro"ken'] }, { state: 'bro"ken' }, ['x']));
  expect(collector.text()).toBe(
    [
      '# HELP phase Help.',
      '# TYPE phase gauge',
      'phase{a="x",phase="on"} 2',
      'phase{a="x",phase="off"} 0',
      'phase{a="x",phase="bro\\"ken"} 1',
      '',
    ].join('\n'),
  );
  end(0);
  tell(1, row('enum', schema, { state: 'off' }, ['x']));
  expect(Object.values(shown())).toEqual([0, 1, 1]);
  end(1);
  end(2);
  expect(shown()).toEqual({});
});

test('a label set that a producer holds twice in the same batch is one', () => {
  const { tell, shown } = workers(1);
  const schema = aSchema({ name: 'g', labelNames: ['a'] });
  tell(
    0,
    aDelta('gauge', schema, [
      { labelValues: ['x'], value: 1 },
      { labelValues: ['x'], value: 2 },
    ]),
  );
  expect(shown()).toEqual({ 'g{a=x}': 2 });
});

test.each(['liveTotal', 'state', 'constructor', 5, null])('[merge] a gauge that merges by %j is refused', (merge) => {
  const { tell, collector } = workers(1);
  tell(0, row('gauge', { name: 'g', merge: merge as never }, { value: 1 }));
  expect([...collector.refused.entries()]).toEqual([['g', 'merge_unknown', 1]]);
});

test('[merge] a gauge by worker with a label worker of its own is refused', () => {
  const { tell, collector } = workers(1);
  tell(0, row('gauge', { name: 'g', labelNames: ['worker'], merge: 'all' }, { value: 1 }, ['a']));
  expect([...collector.refused.entries()]).toEqual([['g', 'name_invalid', 1]]);
});
