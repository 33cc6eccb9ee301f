import { expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import { type LeftOut, mergedFamilies } from '../../src/collector/merged-families.js';
import { Stores } from '../../src/collector/stores.js';
import { renderText } from '../../src/exposition/text.js';
import type { FamilyDelta } from '../../src/record/batch.js';
import { encodeBatch } from '../../src/record/batch-encoder.js';
import { contents, sketchOf } from '../sketch/a-sketch.js';
import { aDelta, type SchemaParts } from './a-batch.js';
import { AProducer } from './a-producer.js';

function collectorOf(...families: FamilyDelta[]): Collector {
  const collector = new Collector();
  collector.apply(new AProducer().batch(families));
  return collector;
}

function shown(...collectors: Collector[]): { readonly lines: string[]; readonly leftOut: [string, LeftOut][] } {
  const leftOut: [string, LeftOut][] = [];
  const families = mergedFamilies(
    collectors.map((collector) => collector.families),
    { onLeftOut: ({ name }, reason) => void leftOut.push([name, reason]) },
  );
  const text = Array.from(renderText(families), (chunk) => chunk.toString()).join('');
  return { lines: text.split('\n').filter((line) => line !== '' && !line.startsWith('# HELP')), leftOut };
}

const counter = (name: string, value: string, add: number) =>
  aDelta('counter', { name, labelNames: ['l'] }, [{ labelValues: [value], add }]);
const gauge = (name: string, value: number) => aDelta('gauge', { name }, [{ labelValues: [], value }]);
const histogram = (parts: Partial<SchemaParts>, counts: number[], sum: number, label = 'a') =>
  aDelta('histogram', { name: 'h', labelNames: ['l'], bounds: [1, 10], ...parts }, [{ labelValues: [label], counts, sum }]);

test('each family once, with the series of all', () => {
  const { lines, leftOut } = shown(
    collectorOf(counter('c', 'a', 1), gauge('g', 5)),
    collectorOf(counter('d', 'x', 7), counter('c', 'b', 2)),
    collectorOf(counter('c', 'c', 3)),
  );
  expect(lines).toEqual([
    '# TYPE c_total counter',
    'c_total{l="a"} 1',
    'c_total{l="b"} 2',
    'c_total{l="c"} 3',
    '# TYPE g gauge',
    'g 5',
    '# TYPE d_total counter',
    'd_total{l="x"} 7',
  ]);
  expect(leftOut).toEqual([]);
});

test('series with the same labels become one: what adds up is added, of states the first is shown', () => {
  const summary = (sum: number) => aDelta('summary', { name: 's' }, [{ labelValues: [], count: 2, sum }]);
  const info = aDelta('info', { name: 'i' }, [{ labelValues: [], pairs: { v: '1' } }]);
  const states = (state: string) => aDelta('enum', { name: 'e', states: ['on', 'off'] }, [{ labelValues: [], state }]);
  const { lines, leftOut } = shown(
    collectorOf(counter('c', 'a', 1), histogram({}, [1, 2, 3], 60), summary(5), gauge('g', 5), info, states('on')),
    collectorOf(counter('c', 'a', 10), histogram({}, [10, 20, 30], 600), summary(6), gauge('g', 6), info, states('off')),
    collectorOf(counter('c', 'a', 100)),
  );
  expect(lines.filter((line) => !line.startsWith('#'))).toEqual([
    'c_total{l="a"} 111',
    'h_bucket{l="a",le="1"} 11',
    'h_bucket{l="a",le="10"} 33',
    'h_bucket{l="a",le="+Inf"} 66',
    'h_sum{l="a"} 660',
    'h_count{l="a"} 66',
    's_sum 11',
    's_count 4',
    'g 5',
    'i_info{v="1"} 1',
    'e{e="on"} 1',
    'e{e="off"} 0',
  ]);
  expect(leftOut).toEqual([
    ['g', 'same_series'],
    ['e', 'same_series'],
  ]);
});

test('histograms of other bounds and units of measurement are brought to those of the first', () => {
  const { lines } = shown(
    collectorOf(histogram({ unit: 'seconds', divisor: 1000, bounds: [1000, 10_000] }, [1, 0, 1], 20_500)),
    collectorOf(
      histogram({ unit: 'seconds', bounds: [0.5, 1, 5] }, [1, 1, 1, 1], 100),
      histogram({ unit: 'seconds', bounds: [0.5, 1, 5] }, [0, 0, 2, 0], 4, 'b'),
    ),
  );
  expect(lines).toEqual([
    '# TYPE h histogram',
    'h_bucket{l="a",le="1"} 3',
    'h_bucket{l="a",le="10"} 4',
    'h_bucket{l="a",le="+Inf"} 6',
    'h_sum{l="a"} 120.5',
    'h_count{l="a"} 6',
    'h_bucket{l="b",le="1"} 0',
    'h_bucket{l="b",le="10"} 2',
    'h_bucket{l="b",le="+Inf"} 2',
    'h_sum{l="b"} 4',
    'h_count{l="b"} 2',
  ]);
});

test('sketches of one series merge', () => {
  const native = (values: number[]): FamilyDelta => {
    const schema = { name: 'h', bounds: [1], sketch: { maxBuckets: 160, zeroThreshold: 0 } };
    const row = { labelValues: [], counts: [0, values.length], sum: 1, sketch: sketchOf(values) };
    return aDelta('histogram', schema, [row]);
  };
  const [family] = mergedFamilies([collectorOf(native([2, 3, 500])).families, collectorOf(native([4, -5, 0])).families]);
  const [series, ...others] = [...family!.series];
  expect([contents(series!.sketch!), others]).toEqual([contents(sketchOf([2, 3, 500, 4, -5, 0])), []]);
});

test('what can not be shown together is left out, the first stays', () => {
  const { lines, leftOut } = shown(
    collectorOf(counter('a', 'x', 1), gauge('b_total', 1), aDelta('gauge', { name: 'm', unit: 'bytes' }, [{ labelValues: [], value: 1 }])),
    collectorOf(gauge('a', 5), counter('b', 'x', 1), gauge('m', 2), gauge('n', 3)),
  );
  expect(lines.filter((line) => !line.startsWith('#'))).toEqual(['a_total{l="x"} 1', 'b_total 1', 'm 1', 'n 3']);
  expect(leftOut).toEqual([
    ['a', 'kind_conflict'],
    ['m', 'unit_conflict'],
    ['b', 'name_conflict'],
  ]);
});

test('what a service has shown goes before what comes later under the same name, in whatever store', async () => {
  const stores = new Stores();
  const [main, shard] = [await stores.open('main'), await stores.open('s00')];
  let boots = 0;
  const told = () => Array.from(stores.families, ({ name, kind }) => `${kind} ${name}`);
  const tell = (store: typeof main, ...families: FamilyDelta[]) =>
    store.durable.collector.apply(new AProducer({ boot: String(++boots) }).batch(families));
  tell(shard, counter('orders', 'x', 42));
  expect(told()).toEqual(['counter orders']);
  tell(main, gauge('orders', 1));
  expect([told(), stores.leftOut]).toEqual([['counter orders'], [['orders', 'kind_conflict']]]);
  tell(shard, gauge('level_total', 1));
  expect(told()).toEqual(['counter orders', 'gauge level_total']);
  tell(main, counter('level', 'x', 1));
  expect([told(), stores.leftOut]).toEqual([
    ['counter orders', 'gauge level_total'],
    [
      ['orders', 'kind_conflict'],
      ['level', 'name_conflict'],
    ],
  ]);
  await stores.close();
});

test('an instance that reports to two stores of a service is shown once, and what is left out is told', async () => {
  const stores = new Stores();
  const [main, shard] = [await stores.open('main'), await stores.open('s07')];
  const send = async (store: typeof main, producer: AProducer, ...families: FamilyDelta[]): Promise<void> => {
    expect((await store.durable.receive(encodeBatch(producer.batch(families)))).kind).toBe('stored');
  };
  const odd = 'in "quotes" \\ and more';
  await send(main, new AProducer({ instance: odd }), counter('c', 'a', 1), gauge('g', 1));
  await send(main, new AProducer({ instance: 'only here', boot: 'c' }), counter('c', 'a', 10));
  await send(shard, new AProducer({ instance: odd, worker: '1', boot: 'd' }), counter('c', 'a', 100), gauge('g', 2));
  const text = Array.from(renderText(stores.families), (chunk) => chunk.toString()).join('');
  expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    'c_total{job="shop",instance="in \\"quotes\\" \\\\ and more",l="a"} 101',
    'c_total{job="shop",instance="only here",l="a"} 10',
    'g{job="shop",instance="in \\"quotes\\" \\\\ and more"} 1',
  ]);
  const own = Array.from(renderText(stores.ownFamilies), (chunk) => chunk.toString()).join('');
  expect(own).toContain('phanos_collector_left_out_families{family="g",reason="same_series"} 1');
  expect(own).toContain('phanos_collector_batches_total{store="s07",result="applied"} 1');
});
