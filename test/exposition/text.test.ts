import { expect, test } from 'vitest';
import type { ExposedFamily } from '../../src/exposition/exposed-family.js';
import { occupiedNames, openMetricsName, textFamilyName } from '../../src/exposition/sample-name.js';
import { renderText } from '../../src/exposition/text.js';
import { family } from './a-family.js';
import { parseText } from './parse-text.js';

function rendered(...families: ExposedFamily[]): string {
  const text = [...renderText(families)].join('');
  parseText(text);
  return text;
}

test('a counter gets _total, never twice', () => {
  const text = '# HELP f_total Help.\n# TYPE f_total counter\nf_total 3\nf_total{a="1"} 0.5\n';
  expect(rendered(family('counter', { '': [3], 'a="1"': [0.5] }))).toBe(text);
  expect(rendered(family('counter', { '': [3], 'a="1"': [0.5] }, { name: 'f_total' }))).toBe(text);
});

test('a gauge is shown as it is', () => {
  expect(rendered(family('gauge', { 'a="1"': [-2.5], 'a="2"': [Number.NEGATIVE_INFINITY] }))).toBe(
    '# HELP f Help.\n# TYPE f gauge\nf{a="1"} -2.5\nf{a="2"} -Inf\n',
  );
});

test('an info is a gauge of 1 and gets _info', () => {
  const text = '# HELP f_info Help.\n# TYPE f_info gauge\nf_info{version="1.2"} 1\n';
  expect(rendered(family('info', { 'version="1.2"': [1] }))).toBe(text);
  expect(rendered(family('info', { 'version="1.2"': [1] }, { name: 'f_info', divisor: 1000 }))).toBe(text);
});

test('an enum has a sample for each state, named by a label like the metric', () => {
  const states = ['on', 'o"ff'];
  expect(rendered(family('enum', { '': [0], 'a="1"': [1] }, { states }))).toBe(
    '# HELP f Help.\n# TYPE f gauge\nf{f="on"} 1\nf{f="o\\"ff"} 0\nf{a="1",f="on"} 0\nf{a="1",f="o\\"ff"} 1\n',
  );
});

test('a histogram is cumulative, its le comes last, its bounds and sum are divided', () => {
  const bounds = [0.1, 250, 1000];
  expect(rendered(family('histogram', { 'a="1"': [1, 0, 2, 1, 5000.5], '': [0, 0, 0, 0, 0] }, { bounds, divisor: 1000 }))).toBe(
    [
      '# HELP f Help.',
      '# TYPE f histogram',
      'f_bucket{a="1",le="0.0001"} 1',
      'f_bucket{a="1",le="0.25"} 1',
      'f_bucket{a="1",le="1"} 3',
      'f_bucket{a="1",le="+Inf"} 4',
      'f_sum{a="1"} 5.0005',
      'f_count{a="1"} 4',
      'f_bucket{le="0.0001"} 0',
      'f_bucket{le="0.25"} 0',
      'f_bucket{le="1"} 0',
      'f_bucket{le="+Inf"} 0',
      'f_sum 0',
      'f_count 0',
      '',
    ].join('\n'),
  );
});

test('a bound of zero has no sign', () => {
  expect(rendered(family('histogram', { '': [1, 2, 3] }, { bounds: [-0] }))).toContain('f_bucket{le="0"} 1\n');
});

test('a summary has sum and count', () => {
  expect(rendered(family('summary', { 'a="1"': [2, 3750], '': [0, 0] }, { divisor: 1000 }))).toBe(
    '# HELP f Help.\n# TYPE f summary\nf_sum{a="1"} 3.75\nf_count{a="1"} 2\nf_sum 0\nf_count 0\n',
  );
});

test('a summary shows the quantiles that were asked for before sum and count, divided as its sum', () => {
  const cells = Float64Array.from([2, 3750, 0, 0]);
  const series = [
    { labels: 'a="1"', cells, offset: 0, quantileValues: [1500, Number.NaN, 2250] },
    { labels: '', cells, offset: 2 },
  ];
  expect(rendered(family('summary', {}, { divisor: 1000, quantiles: [0, 0.5, 0.99], series }))).toBe(
    [
      '# HELP f Help.',
      '# TYPE f summary',
      'f{a="1",quantile="0"} 1.5',
      'f{a="1",quantile="0.5"} NaN',
      'f{a="1",quantile="0.99"} 2.25',
      'f_sum{a="1"} 3.75',
      'f_count{a="1"} 2',
      'f{quantile="0"} NaN',
      'f{quantile="0.5"} NaN',
      'f{quantile="0.99"} NaN',
      'f_sum 0',
      'f_count 0',
      '',
    ].join('\n'),
  );
});

test('counters and gauges of milliseconds are divided too', () => {
  expect(rendered(family('counter', { '': [250] }, { name: 'busy_seconds', divisor: 1000 }))).toContain('\nbusy_seconds_total 0.25\n');
  expect(rendered(family('gauge', { '': [-1500] }, { name: 'lag_seconds', divisor: 1000 }))).toContain('\nlag_seconds -1.5\n');
});

test('families come in order, one block each, also without series', () => {
  expect(rendered(family('gauge', { '': [1] }, { name: 'z' }), family('gauge', {}, { name: 'a', help: 'Two\nlines.' }))).toBe(
    '# HELP z Help.\n# TYPE z gauge\nz 1\n# HELP a Two\\nlines.\n# TYPE a gauge\n',
  );
  expect(rendered()).toBe('');
});

test('chunks are about 64 kB and end with a line', () => {
  const series = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`a="${i}"`, [i, 0, i]]));
  const chunks = [...renderText([family('histogram', series, { bounds: [1] }), family('gauge', { '': [1] }, { name: 'g' })])];
  expect(chunks.length).toBeGreaterThan(3);
  for (const chunk of chunks.slice(0, -1)) expect(chunk.length).toBeGreaterThanOrEqual(65_536);
  for (const chunk of chunks) {
    expect(chunk.length).toBeLessThan(70_000);
    expect(chunk.at(-1)).toBe(0x0a);
  }
  const [histogram, gauge] = parseText(chunks.join(''));
  expect(histogram!.samples.length).toBe(3000 * 4);
  expect(gauge!.samples.length).toBe(1);
});

test('a state that appears while the family is being written is shown from then on', () => {
  const states = ['on'];
  const cells = Float64Array.from([0, 1]);
  const series = (function* () {
    yield { labels: 'a="1"', cells, offset: 0 };
    states.push('off');
    yield { labels: 'a="2"', cells, offset: 1 };
  })();
  expect(rendered(family('enum', {}, { states, series }))).toBe(
    '# HELP f Help.\n# TYPE f gauge\nf{a="1",f="on"} 1\nf{a="2",f="on"} 0\nf{a="2",f="off"} 1\n',
  );
});

test('a family occupies the names of its samples', () => {
  expect(occupiedNames('counter', 'a')).toEqual(['a_total']);
  expect(occupiedNames('histogram', 'a')).toEqual(['a', 'a_bucket', 'a_sum', 'a_count']);
  expect(occupiedNames('summary', 'a')).toEqual(['a', 'a_sum', 'a_count']);
  expect(occupiedNames('enum', 'a')).toEqual(['a']);
  expect(textFamilyName('info', 'a')).toBe('a_info');
  expect(openMetricsName('info', 'a_info')).toBe('a');
  expect([textFamilyName('counter', '_total'), openMetricsName('counter', '_total')]).toEqual(['_total_total', '_total']);
});
