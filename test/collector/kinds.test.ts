import { expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import type { FamilyDelta } from '../../src/record/batch.js';
import { parseText } from '../exposition/parse-text.js';
import { aBatch, aDelta, aSchema } from './a-batch.js';

/** Text after these batches, one family each. Nothing must be refused. */
function textAfter(...deltas: FamilyDelta[]): string {
  const collector = new Collector();
  for (const delta of deltas) collector.apply(aBatch(delta));
  expect([...collector.refused.entries()]).toEqual([]);
  const text = collector.text();
  parseText(text);
  return text;
}

test('counters add up by label set', () => {
  const schema = aSchema({ name: 'sold', help: 'Items sold.', labelNames: ['kind', 'shop'] });
  const book = { labelValues: ['book', 'a'], add: 2 };
  const cup = { labelValues: ['cup', 'a'], add: 0.5 };
  expect(textAfter(aDelta('counter', schema, [book, cup]), aDelta('counter', schema, [book]))).toBe(
    '# HELP sold_total Items sold.\n# TYPE sold_total counter\nsold_total{kind="book",shop="a"} 4\nsold_total{kind="cup",shop="a"} 0.5\n',
  );
});

test('gauges show the last value', () => {
  const row = (value: number) => aDelta('gauge', { name: 'temperature' }, [{ labelValues: [], value }]);
  expect(textAfter(row(20), row(-1.5))).toBe('# HELP temperature Help.\n# TYPE temperature gauge\ntemperature -1.5\n');
});

test('histograms add up bucket by bucket', () => {
  const schema = aSchema({ name: 'time_seconds', unit: 'seconds', divisor: 1000, bounds: [100, 250], labelNames: ['m'] });
  const row = { labelValues: ['x'], counts: new Uint32Array([1, 2, 3]), sum: 1234 };
  expect(textAfter(aDelta('histogram', schema, [row]), aDelta('histogram', schema, [row]))).toBe(
    [
      '# HELP time_seconds Help.',
      '# TYPE time_seconds histogram',
      'time_seconds_bucket{m="x",le="0.1"} 2',
      'time_seconds_bucket{m="x",le="0.25"} 6',
      'time_seconds_bucket{m="x",le="+Inf"} 12',
      'time_seconds_sum{m="x"} 2.468',
      'time_seconds_count{m="x"} 12',
      '',
    ].join('\n'),
  );
});

test('summaries add up', () => {
  const delta = aDelta('summary', { name: 'lag_seconds', divisor: 1000 }, [{ labelValues: [], count: 2, sum: 300 }]);
  expect(textAfter(delta, delta)).toBe('# HELP lag_seconds Help.\n# TYPE lag_seconds summary\nlag_seconds_sum 0.6\nlag_seconds_count 4\n');
});

test('infos show the last pairs behind the labels', () => {
  const schema = aSchema({ name: 'build', labelNames: ['app'] });
  expect(
    textAfter(
      aDelta('info', schema, [{ labelValues: ['a'], pairs: { version: '1' } }]),
      aDelta('info', schema, [
        { labelValues: ['a'], pairs: { version: '2', branch: 'ma"in' } },
        { labelValues: ['b'], pairs: {} },
      ]),
    ),
  ).toBe('# HELP build_info Help.\n# TYPE build_info gauge\nbuild_info{app="a",version="2",branch="ma\\"in"} 1\nbuild_info{app="b"} 1\n');
});

test('enums show the last state; states of all schemas unite', () => {
  const row = (state: string, ...states: string[]) => aDelta('enum', { name: 'task', states }, [{ labelValues: [], state }]);
  expect(textAfter(row('on', 'on', 'off'), row('broken', 'off', 'broken'))).toBe(
    '# HELP task Help.\n# TYPE task gauge\ntask{task="on"} 0\ntask{task="off"} 0\ntask{task="broken"} 1\n',
  );
});

test('sums of infinite observations stay what they are', () => {
  const row = (sum: number) => aDelta('histogram', { name: 'h', bounds: [1] }, [{ labelValues: [], counts: [0, 1], sum }]);
  expect(textAfter(row(Number.POSITIVE_INFINITY))).toContain('\nh_sum +Inf\n');
  expect(textAfter(row(Number.POSITIVE_INFINITY), row(Number.NEGATIVE_INFINITY))).toContain('\nh_sum NaN\nh_count 2\n');
});

test('one family written in milliseconds and in seconds adds up', () => {
  const ms = { name: 'time_seconds', unit: 'seconds', divisor: 1000, bounds: [1.1, 100] };
  const s = { name: 'time_seconds', unit: 'seconds', divisor: 1, bounds: [0.0011, 0.1] };
  const collector = new Collector();
  collector.apply(aBatch(aDelta('histogram', ms, [{ labelValues: [], counts: [1, 1, 0], sum: 51 }])));
  collector.apply(aBatch(aDelta('histogram', s, [{ labelValues: [], counts: [1, 0, 1], sum: 2.001 }])));
  expect(collector.adjusted.total).toBe(0);
  expect(parseText(collector.text())[0]!.samples.map(({ value }) => value)).toEqual([2, 3, 4, 2.052, 4]);
  const text = textAfter(
    aDelta('counter', { name: 'busy_seconds', unit: 'seconds', divisor: 1 }, [{ labelValues: [], add: 1 }]),
    aDelta('counter', { name: 'busy_seconds', unit: 'seconds', divisor: 1000 }, [{ labelValues: [], add: 250 }]),
  );
  expect(text).toContain('\nbusy_seconds_total 1.25\n');
});

test('removed label sets go before the rows are applied, and come back from zero', () => {
  const schema = aSchema({ name: 'sold', labelNames: ['kind'] });
  const row = (kind: string, add: number) => ({ labelValues: [kind], add });
  expect(
    textAfter(
      aDelta('counter', schema, [row('a', 1), row('b', 2), row('c', 3)]),
      aDelta('counter', schema, [row('c', 4)], [['a'], ['c'], ['never there']]),
    ),
  ).toBe('# HELP sold_total Help.\n# TYPE sold_total counter\nsold_total{kind="b"} 2\nsold_total{kind="c"} 4\n');
});

test('families come in order of first appearance, help is the last one given', () => {
  const collector = new Collector();
  const z = (help: string) => aDelta('gauge', { name: 'z', help }, [{ labelValues: [], value: 1 }]);
  collector.apply(aBatch(z('Old.'), aDelta('gauge', { name: 'a' }, [])));
  collector.apply(aBatch(z('New.')));
  expect(collector.text()).toBe('# HELP z New.\n# TYPE z gauge\nz 1\n# HELP a Help.\n# TYPE a gauge\n');
});
