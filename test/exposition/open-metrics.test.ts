import { expect, test } from 'vitest';
import type { ExposedFamily } from '../../src/exposition/exposed-family.js';
import { canonicalText } from '../../src/exposition/number-text.js';
import { renderOpenMetrics } from '../../src/exposition/open-metrics.js';
import { parseOpenMetrics } from '../support/open-metrics-parser.js';
import { family } from './a-family.js';

async function rendered(...families: ExposedFamily[]): Promise<string> {
  const text = Buffer.concat([...renderOpenMetrics(families)]).toString();
  await parseOpenMetrics([text]);
  return text;
}

test('nothing but the end if there is nothing', async () => {
  expect(await rendered()).toBe('# EOF\n');
});

test('type, unit, help; the family of a counter is named without _total', async () => {
  const text =
    '# TYPE work_seconds counter\n# UNIT work_seconds seconds\n# HELP work_seconds Said \\"so\\".\nwork_seconds_total{a="1"} 0.25\n# EOF\n';
  const more = { unit: 'seconds', divisor: 1000, help: 'Said "so".' };
  expect(await rendered(family('counter', { 'a="1"': [250] }, { ...more, name: 'work_seconds' }))).toBe(text);
  expect(await rendered(family('counter', { 'a="1"': [250] }, { ...more, name: 'work_seconds_total' }))).toBe(text);
});

test('a unit that the name does not end in, or whose kind has none, is left out', async () => {
  for (const [kind, name] of [
    ['gauge', 'work'],
    ['gauge', 'workseconds'],
    ['gauge', 'seconds'],
    ['info', 'work_seconds'],
    ['enum', 'work_seconds'],
  ] as const) {
    expect(await rendered(family(kind, { '': [0] }, { name, unit: 'seconds', states: ['a'] }))).not.toContain('# UNIT');
  }
});

test('infos and enums have types of their own', async () => {
  expect(await rendered(family('info', { 'v="1"': [1] }, { name: 'build_info' }))).toBe(
    '# TYPE build info\n# HELP build Help.\nbuild_info{v="1"} 1\n# EOF\n',
  );
  expect(await rendered(family('enum', { '': [1] }, { states: ['on', 'o"ff'] }))).toBe(
    '# TYPE f stateset\n# HELP f Help.\nf{f="on"} 0\nf{f="o\\"ff"} 1\n# EOF\n',
  );
});

test('bounds are canonical, counts are integers', async () => {
  expect(await rendered(family('histogram', { 'a="1"': [1, 0, 2, 1, 5000] }, { bounds: [0.05, 1000, 1e9], divisor: 1000 }))).toBe(
    [
      '# TYPE f histogram',
      '# HELP f Help.',
      'f_bucket{a="1",le="5e-05"} 1',
      'f_bucket{a="1",le="1.0"} 1',
      'f_bucket{a="1",le="1e+06"} 3',
      'f_bucket{a="1",le="+Inf"} 4',
      'f_sum{a="1"} 5',
      'f_count{a="1"} 4',
      '# EOF',
      '',
    ].join('\n'),
  );
});

test.each([
  [0, '0.0'],
  [-0, '0.0'],
  [0.001, '0.001'],
  [0.1, '0.1'],
  [1, '1.0'],
  [10, '10.0'],
  [1e-10, '1e-10'],
  [1e-5, '1e-05'],
  [1.1e-4, '0.00011'],
  [9.5e-5, '9.5e-05'],
  [1e-4, '0.0001'],
  [123456.75, '123456.75'],
  [1e5, '100000.0'],
  [1e6, '1e+06'],
  [1234567, '1.234567e+06'],
  [1e10, '1e+10'],
  [1e100, '1e+100'],
  [-2.5, '-2.5'],
  [-1e6, '-1e+06'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
])('%d is written %s as a bound', (value, text) => {
  expect(canonicalText(value)).toBe(text);
});

test('sums that could fall are left out: of negative bounds, negative, and no number', async () => {
  expect(await rendered(family('histogram', { '': [1, 1, 5] }, { bounds: [-1] }))).not.toMatch(/_sum|_count/);
  expect(await rendered(family('histogram', { '': [1, 1, -5] }, { bounds: [1] }))).not.toMatch(/_sum|_count/);
  expect(await rendered(family('histogram', { '': [1, 1, Number.NaN] }, { bounds: [1] }))).not.toMatch(/_sum|_count/);
  const summary = await rendered(family('summary', { '': [2, -1] }));
  expect(summary).not.toContain('_sum');
  expect(summary).toContain('f_count 2\n');
});

test('quantiles are canonical, never negative', async () => {
  const cells = Float64Array.from([2, 3]);
  const series = [{ labels: 'a="1"', cells, offset: 0, quantileValues: [-1, 1.5, Number.NaN] }];
  expect(await rendered(family('summary', {}, { quantiles: [0, 0.5, 1], series }))).toBe(
    '# TYPE f summary\n# HELP f Help.\nf{a="1",quantile="0.5"} 1.5\nf{a="1",quantile="1.0"} NaN\nf_sum{a="1"} 3\nf_count{a="1"} 2\n# EOF\n',
  );
});

test('exemplars stand behind buckets and counters', async () => {
  const exemplar = { labels: [['trace_id', 'a"b']] as const, value: 700, timestamp: 1_711_022_400_250 };
  const cells = Float64Array.from([1, 2, 3]);
  const text = await rendered(
    family('counter', {}, { name: 'c', divisor: 1000, series: [{ labels: '', cells, offset: 0, exemplars: [exemplar] }] }),
    family(
      'histogram',
      {},
      {
        name: 'h',
        divisor: 1000,
        bounds: [500],
        series: [{ labels: '', cells, offset: 0, exemplars: [undefined, { labels: [], value: 700 }] }],
      },
    ),
    family('gauge', {}, { name: 'g', series: [{ labels: '', cells, offset: 0, exemplars: [exemplar] }] }),
  );
  expect(text).toContain('\nc_total 0.001 # {trace_id="a\\"b"} 0.7 1711022400.25\n');
  expect(text).toContain('\nh_bucket{le="0.5"} 1\nh_bucket{le="+Inf"} 3 # {} 0.7\n');
  expect(text).toContain('\ng 1\n');
});

test.each<[string, readonly (readonly [string, string])[]]>([
  ['longer than 128 characters', [['trace_id', 'x'.repeat(121)]]],
  ['with a name that is none', [['trace id', 'x']]],
  ['with a NUL, for which Prometheus refuses the whole scrape', [['trace_id', 'a\0b']]],
  [
    'with a name twice',
    [
      ['a', 'x'],
      ['a', 'y'],
    ],
  ],
])('an exemplar %s is left out', async (_what, labels) => {
  const series = [{ labels: '', cells: Float64Array.of(1), offset: 0, exemplars: [{ labels, value: 1 }] }];
  expect(await rendered(family('counter', {}, { series }))).toContain('\nf_total 1\n');
});

test('an exemplar of exactly 128 characters, however many bytes they are, stays', async () => {
  const labels = [['trace_id', '😀'.repeat(120)]] as const;
  const series = [{ labels: '', cells: Float64Array.of(1), offset: 0, exemplars: [{ labels, value: 1 }] }];
  expect(await rendered(family('counter', {}, { series }))).toContain(`\nf_total 1 # {trace_id="${'😀'.repeat(120)}"} 1\n`);
});
