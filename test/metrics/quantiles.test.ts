import { Summary } from 'phanos';
import { expect, test } from 'vitest';
import { parseText } from '../exposition/parse-text.js';
import { measured } from './measured.js';
import { protoMetricOf } from './scraped.js';

test('[quantiles] shows them in front of sum and count, in exposed units, within the error that is stated', async () => {
  const { profiler, samples } = measured();
  const took = new Summary({ name: 'took', units: 'mS', labelNames: ['a'], quantiles: [0.99, 0.5], profiler });
  for (let i = 1; i <= 1000; i++) took.observe(i, { a: 'x' });
  const shown = await samples();
  expect(Object.keys(shown)).toEqual([
    'took_seconds{a="x",quantile="0.5"}',
    'took_seconds{a="x",quantile="0.99"}',
    'took_seconds_sum{a="x"}',
    'took_seconds_count{a="x"}',
  ]);
  expect(Math.abs(shown['took_seconds{a="x",quantile="0.5"}']! / 0.5 - 1)).toBeLessThan(0.044);
  expect(Math.abs(shown['took_seconds{a="x",quantile="0.99"}']! / 0.99 - 1)).toBeLessThan(0.044);
  expect((await protoMetricOf(profiler, 'took_seconds')).summary?.quantile?.map(({ quantile }) => quantile)).toEqual([0.5, 0.99]);
});

test('NaN while nothing was observed', async () => {
  const { profiler } = measured();
  new Summary({ name: 'size', quantiles: [0.5], profiler });
  const [family] = parseText(await profiler.metrics());
  expect(family!.samples.map(({ name, value }) => [name, value])).toEqual([
    ['size', Number.NaN],
    ['size_sum', 0],
    ['size_count', 0],
  ]);
});

test('negative values, infinities and handles count', async () => {
  const { profiler, samples } = measured();
  const level = new Summary({ name: 'level', quantiles: [0, 0.5, 1], profiler });
  const child = level.labels({});
  for (const value of [-8, 0, 0, 0, Number.POSITIVE_INFINITY]) child.observe(value);
  const { 'level{quantile="0"}': lowest, ...rest } = await samples();
  expect(Math.abs(lowest! + 8)).toBeLessThan(0.1);
  expect(rest).toMatchObject({ 'level{quantile="0.5"}': 0, 'level{quantile="1"}': Number.POSITIVE_INFINITY, level_count: 5 });
});

test('a summary that asks for none shows none, and the window is part of the definition', async () => {
  const { profiler, lines } = measured();
  new Summary({ name: 'plain', quantiles: [], profiler }).observe(1);
  expect(await lines()).toEqual(['plain_sum 1', 'plain_count 1']);
  new Summary({ name: 'size', quantiles: [0.5], profiler });
  new Summary({ name: 'size', quantiles: [0.5], window: { seconds: 600, slices: 5 }, profiler });
  expect(() => new Summary({ name: 'size', quantiles: [0.9], profiler })).toThrow("metric 'size' exists with other quantiles");
  expect(() => new Summary({ name: 'size', quantiles: [0.5], window: { seconds: 60 }, profiler })).toThrow('other window');
  expect(() => new Summary({ name: 'size', profiler })).toThrow('other quantiles');
});

test.each([
  ['percent', { quantiles: [99] }, "summary 's': quantile 99 is no number from 0 to 1; the 99th percentile is 0.99"],
  ['texts', { quantiles: ['0.5'] }, "quantile '0.5' is no number from 0 to 1"],
  ['a number', { quantiles: 0.5 }, "summary 's': quantiles must be an array of numbers from 0 to 1, got 0.5"],
  ['more than 32', { quantiles: Array.from({ length: 33 }, (_, i) => i / 33) }, 'quantiles must be 32 numbers at most'],
  ['a window without quantiles', { window: {} }, 'give quantiles: [0.5, 0.9, 0.99]'],
  ['no time', { quantiles: [0.5], window: { seconds: 0 } }, "summary 's': window.seconds must be greater than 0, got 0"],
  ['no slices', { quantiles: [0.5], window: { slices: 0 } }, "summary 's': window.slices must be at least 1, got 0"],
  ['many slices', { quantiles: [0.5], window: { slices: 13 } }, "summary 's': window.slices must be 12 at most, got 13"],
  ['another option', { quantiles: [0.5], window: { maxAgeSeconds: 5 } }, "summary 's': window: unknown option 'maxAgeSeconds'"],
])('[quantiles, window] refuses %s', (_what, options, message) => {
  expect(() => new Summary({ name: 's', profiler: null, ...(options as object) })).toThrow(message);
});
