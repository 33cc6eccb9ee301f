import { Counter, Gauge } from 'phanos';
import { expect, test } from 'vitest';
import { measured, untyped } from './measured.js';

test('numbers, booleans and bigints become text; 1 and "1" are one series', async () => {
  const { profiler, samples, records } = measured({ errorRaisedLabel: false });
  const seen = new Counter({ name: 'seen', labelNames: ['value'], profiler });
  for (const value of [1, '1', -0.5, Number.NaN, 1e21, true, false, untyped(12n), '']) seen.inc({ value });
  seen.labels({ value: 1 }).inc();
  expect(await samples()).toEqual({
    'seen_total{value="1"}': 3,
    'seen_total{value="-0.5"}': 1,
    'seen_total{value="NaN"}': 1,
    'seen_total{value="1e+21"}': 1,
    'seen_total{value="true"}': 1,
    'seen_total{value="false"}': 1,
    'seen_total{value="12"}': 1,
    'seen_total{value=""}': 1,
  });
  expect((await records()).map(([, , , labels]) => labels.value)).toEqual([
    '1',
    '1',
    '-0.5',
    'NaN',
    '1e+21',
    'true',
    'false',
    '12',
    '',
    '1',
  ]);
});

test.each([
  ['an array', ['a'], "the value of label 'kind' is an array; give a string, number or boolean"],
  ['an object', { a: 1 }, "the value of label 'kind' is of type object; give a string, number or boolean"],
  ['null', null, "the value of label 'kind' is null; give a string, number or boolean"],
  ['undefined', undefined, "the value of label 'kind' is of type undefined; give a string, number or boolean"],
  ['a function', () => 'a', "the value of label 'kind' is of type function; give a string, number or boolean"],
  ['a symbol', Symbol('a'), "the value of label 'kind' is of type symbol; give a string, number or boolean"],
  ['a date', new Date(0), "the value of label 'kind' is of type object; give a string, number or boolean"],
])('%s is no label value', async (_what, kind, message) => {
  const { profiler, samples, records, troubles, logged } = measured();
  const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
  sold.inc(untyped({ kind }));
  sold.inc(untyped(1), untyped({ kind }));
  sold.labels(untyped({ kind })).inc();
  expect(await samples()).toEqual({});
  expect(await records()).toEqual([]);
  expect(troubles('label_value')).toEqual({ sold: 3 });
  expect(logged.map((report) => [report.level, report.fields, report.message])).toEqual([
    ['error', { metric: 'sold', reason: 'label_value' }, `counter 'sold': ${message}; nothing was recorded`],
  ]);
});

test.each([
  ['a missing label', { kind: 'a' }, 'expected labels: kind, shop; given: kind'],
  ['one more', { kind: 'a', shop: 'b', town: 'c' }, 'expected labels: kind, shop; given: kind, shop, town'],
  ['another', { kind: 'a', shopp: 'b' }, 'expected labels: kind, shop; given: kind, shopp'],
  ['no labels', {}, 'expected labels: kind, shop; given: none'],
  ['none at all', undefined, 'expected labels: kind, shop; given: none'],
  ['null', null, 'expected labels: kind, shop; given: null'],
  ['a text', 'kind', "expected labels: kind, shop; given: 'kind'"],
  ['an array', ['a', 'b'], 'expected labels: kind, shop; given: 0, 1'],
  ['labels that throw', throwing(), "the labels can't be read: Error: no kind"],
  [
    'a proxy that throws',
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    ),
    "the labels can't be read: Error: no",
  ],
])('%s: refused, and nothing is thrown', async (_what, labels, message) => {
  const { profiler, samples, records, troubles, logged } = measured();
  const level = new Gauge({ name: 'level', labelNames: ['kind', 'shop'], profiler });
  level.set(1, untyped(labels));
  level.labels(untyped(labels)).set(1);
  expect(level.value(untyped(labels))).toBe(0);
  expect(level.remove(untyped(labels))).toBe(false);
  expect(await samples()).toEqual({});
  expect(await records()).toEqual([]);
  expect(troubles('labels')).toEqual({ level: 4 });
  expect(logged.map((report) => report.message)).toEqual([`gauge 'level': ${message}; nothing was recorded`]);
});

function throwing(): object {
  return {
    get kind() {
      throw new Error('no kind');
    },
    shop: 'b',
  };
}

test('a metric without labels refuses any', async () => {
  const { profiler, samples, records, troubles } = measured();
  const sold = new Counter({ name: 'sold', profiler });
  const given = (...args: unknown[]) => sold.inc(...(args as [number]));
  sold.inc(untyped({ kind: 'a' }));
  given(1, { kind: 'a' });
  given(1, null);
  given(1, 'kind');
  sold.inc(untyped({}));
  expect(await samples()).toEqual({ sold_total: 1 });
  expect(await records()).toHaveLength(1);
  expect(troubles('labels')).toEqual({ sold: 4 });
});

test('labels that are refused on the records lane alone are refused there as well', async () => {
  const { profiler, records, troubles } = measured({ collector: 'off' });
  const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
  sold.inc(untyped({ knd: 'a' }));
  sold.inc(untyped({ kind: [] }));
  sold.inc({ kind: 'b' });
  expect((await records()).map(([, , , { kind }]) => kind)).toEqual(['b']);
  expect([troubles('labels'), troubles('label_value')]).toEqual([{ sold: 1 }, { sold: 1 }]);
});

const everywhere = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'] as const;

test('names that every object has are labels like others', async () => {
  const { profiler, lines, records, troubles } = measured({ errorRaisedLabel: false });
  const odd = new Counter({ name: 'odd', labelNames: everywhere, profiler });
  const labels = Object.fromEntries(everywhere.map((name) => [name, `${name}!`])) as Record<(typeof everywhere)[number], string>;
  odd.inc(labels);
  odd.labels(labels).inc();
  expect(odd.value(labels)).toBe(2);
  expect(await lines()).toEqual([`odd_total{${everywhere.map((name) => `${name}="${name}!"`).join(',')}} 2`]);
  expect((await records()).map(([, , , given]) => given)).toEqual([labels, labels]);
  odd.inc(untyped({}));
  odd.inc(untyped({ ...labels, constructor: undefined }));
  expect([troubles('labels'), troubles('label_value')]).toEqual([{ odd: 1 }, { odd: 1 }]);
});

test('values that every object has as names are values like others', async () => {
  const { profiler, samples } = measured();
  const odd = new Counter({ name: 'odd', labelNames: ['a', 'b'], profiler });
  const values = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''];
  for (const a of values) for (const b of values) odd.inc({ a, b });
  expect(await samples()).toEqual(
    Object.fromEntries(values.flatMap((a) => values.map((b) => [`odd_total{a="${a}",b="${b}"}`, 1] as const))),
  );
});

test('inherited labels count, on both lanes', async () => {
  class KindOf {
    readonly shop = 'corner';
    get kind(): string {
      return 'book';
    }
  }
  const { profiler, samples, records } = measured({ errorRaisedLabel: false });
  const sold = new Counter({ name: 'sold', labelNames: ['kind', 'shop'], profiler });
  sold.inc(new KindOf());
  expect(await samples()).toEqual({ 'sold_total{kind="book",shop="corner"}': 1 });
  expect(await records()).toEqual([['sold', 'inc', 1, { shop: 'corner', kind: 'book' }]]);
});

test('label objects are only read: frozen ones do, and later changes change nothing', async () => {
  const { profiler, samples, records } = measured();
  const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
  sold.inc(Object.freeze({ kind: 'a' }));
  const labels = { kind: 'b' };
  sold.inc(labels);
  const handle = sold.labels(labels);
  labels.kind = 'c';
  handle.inc();
  expect(await samples()).toEqual({ 'sold_total{kind="a"}': 1, 'sold_total{kind="b"}': 2 });
  expect((await records()).map(([, , , { kind }]) => kind)).toEqual(['a', 'b', 'b']);
  expect(labels).toEqual({ kind: 'c' });
});

test('error_raised is no label to give, but may be given as Python takes it, while records have it', async () => {
  const { profiler, samples, records, troubles } = measured();
  const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
  sold.inc(untyped({ kind: 'a', error_raised: 'maybe' }));
  expect(await samples()).toEqual({ 'sold_total{kind="a"}': 1 });
  expect(await records()).toEqual([['sold', 'inc', 1, { kind: 'a', error_raised: false }]]);
  profiler.errorRaisedLabel = false;
  sold.inc(untyped({ kind: 'a', error_raised: 'maybe' }));
  expect(troubles('labels')).toEqual({ sold: 1 });
});

test('constant labels come last, on /metrics and in records, and nobody gives them', async () => {
  const { profiler, samples, records, troubles } = measured({ errorRaisedLabel: false });
  const sold = new Counter({ name: 'sold', labelNames: ['kind'], labels: { shop: 'corner', town: 'x' }, profiler });
  const plain = new Counter({ name: 'plain', labels: { shop: 'corner' }, profiler });
  sold.inc({ kind: 'a' });
  sold.labels({ kind: 'a' }).inc();
  sold.inc(untyped({ kind: 'a', shop: 'corner' }));
  plain.inc();
  expect(await samples()).toEqual({ 'sold_total{kind="a",shop="corner",town="x"}': 2, 'plain_total{shop="corner"}': 1 });
  expect(await records()).toEqual([
    ['sold', 'inc', 1, { kind: 'a', shop: 'corner', town: 'x' }],
    ['sold', 'inc', 1, { kind: 'a', shop: 'corner', town: 'x' }],
    ['plain', 'inc', 1, { shop: 'corner' }],
  ]);
  expect(troubles('labels')).toEqual({ sold: 1 });
});

test('the call path is a label for metrics that ask for it, and only in records for others', async () => {
  const { profiler, samples, calls } = measured();
  const asked = new Counter({ name: 'asked', labelNames: ['kind'], method: true, profiler });
  const other = new Counter({ name: 'other', profiler });
  const bare = new Gauge({ name: 'bare', method: true, profiler });
  const handle = asked.labels({ kind: 'handle' });
  const inner = profiler.profile('shop:inner', () => {
    asked.inc({ kind: 'a' });
    handle.inc();
    other.inc();
    bare.set(3);
    return asked.value({ kind: 'a' });
  });
  const outer = profiler.profile('shop:outer', () => inner());
  expect([inner(), outer(), asked.value({ kind: 'a' })]).toEqual([1, 1, 0]);
  asked.inc({ kind: 'outside' });
  await profiler.flush();
  expect(await samples()).toEqual({
    'asked_total{kind="a",method="shop:inner"}': 1,
    'asked_total{kind="handle",method="shop:inner"}': 1,
    'asked_total{kind="a",method="shop:outer.inner"}': 1,
    'asked_total{kind="handle",method="shop:outer.inner"}': 1,
    'asked_total{kind="outside",method=""}': 1,
    other_total: 2,
    'bare{method="shop:inner"}': 3,
    'bare{method="shop:outer.inner"}': 3,
  });
  expect(calls.flatMap(({ metric, records }) => records.map(({ method, labels }) => [metric, method, Object.keys(labels).join()]))).toEqual(
    [
      ['asked', 'shop:inner', 'kind,error_raised'],
      ['asked', 'shop:inner', 'kind,error_raised'],
      ['other', 'shop:inner', 'error_raised'],
      ['bare', 'shop:inner', 'error_raised'],
      ['asked', 'shop:outer.inner', 'kind,error_raised'],
      ['asked', 'shop:outer.inner', 'kind,error_raised'],
      ['other', 'shop:outer.inner', 'error_raised'],
      ['bare', 'shop:outer.inner', 'error_raised'],
      ['asked', '', 'kind,error_raised'],
    ],
  );
});

test('records carry the job of the metric, else that of the profiler', async () => {
  const { profiler, calls } = measured();
  new Counter({ name: 'mine', job: 'own', profiler }).inc();
  new Counter({ name: 'ours', profiler }).inc();
  await profiler.flush();
  expect(calls.map(({ metric, records }) => [metric, records[0]?.job])).toEqual([
    ['mine', 'own'],
    ['ours', 'test'],
  ]);
});
