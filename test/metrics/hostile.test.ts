import fc from 'fast-check';
import { Counter, Gauge, Histogram, Info } from 'phanos';
import { expect, test } from 'vitest';
import { type ParsedSample, parseText } from '../exposition/parse-text.js';
import { measured } from './measured.js';

/** Text that means something to the format, among any other. */
const hostile = fc.oneof(
  fc.constantFrom(
    'x"} 1\nup{job="payments"} 0',
    '"',
    '\\',
    '\n',
    '\\n',
    '\\"',
    '"} 1\n# TYPE up gauge\nup 0\n',
    '# HELP x',
    '\r\n',
    '\u2028',
    '\0',
    '{a="b"}',
    'a,b="c',
    ' ',
    '',
    '\ud800',
    '__proto__',
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\n', '{', '}', ',', '=', 'a', ' ', '#'), maxLength: 40 }),
);

/** How a value comes back: half a surrogate pair has no UTF-8 form. */
const shown = (value: string): string => Buffer.from(value).toString();

/** What is left of a label set on /metrics: empty values are no labels to Prometheus. */
const keyOf = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(labels).filter(([, value]) => value !== ''));

test('label values come back as they were given, and forge nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(hostile, hostile), { maxLength: 12 }), hostile, async (sets, constant) => {
      const { profiler } = measured({ withoutHandler: true, limits: { labelValueLength: 1000 } });
      const shared = { labelNames: ['a', 'b'], labels: { c: constant }, profiler } as const;
      const counter = new Counter({ name: 'counter', help: constant, ...shared });
      const gauge = new Gauge({ name: 'gauge', ...shared });
      const histogram = new Histogram({ name: 'histogram', buckets: [1], ...shared });
      const expected = new Map<string, number>();
      for (const [a, b] of sets) {
        counter.inc({ a, b });
        gauge.labels({ a, b }).set(1);
        histogram.observe({ a, b }, 1);
        const key = keyOf({ a: shown(a), b: shown(b), c: shown(constant) });
        expected.set(key, (expected.get(key) ?? 0) + 1);
      }
      const families = parseText(await profiler.metrics());
      const samplesOf = (name: string): readonly ParsedSample[] => families.find((family) => family.name === name)?.samples ?? [];
      const byKey = (samples: readonly ParsedSample[]) => new Map(samples.map(({ labels, value }) => [keyOf(labels), value]));
      expect(families.map(({ name }) => name)).toEqual(sets.length === 0 ? [] : ['counter_total', 'gauge', 'histogram']);
      expect(families[0]?.help ?? shown(constant)).toBe(shown(constant));
      expect(byKey(samplesOf('counter_total'))).toEqual(expected);
      expect([...byKey(samplesOf('gauge')).keys()]).toEqual([...expected.keys()]);
      expect(byKey(samplesOf('histogram').filter(({ name }) => name === 'histogram_count'))).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});

test('facts of an info come back as they were given', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (one, two) => {
      const { profiler } = measured({ withoutHandler: true });
      new Info({ name: 'build', profiler }).info({ one, two });
      const [family] = parseText(await profiler.metrics());
      expect(family?.samples).toEqual([{ name: 'build_info', labels: { one: shown(one), two: shown(two) }, value: 1 }]);
    }),
    { numRuns: 100 },
  );
});

test('names of profiled functions come back as they were given', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, async (name) => {
      fc.pre(name !== '' && !name.includes(':'));
      const { profiler } = measured({ withoutHandler: true, timeProfile: true });
      profiler.profile({ item: 'shop', name }, () => 1)();
      const [family] = parseText(await profiler.metrics());
      const { labels } = family?.samples.find((sample) => sample.name.endsWith('_count')) ?? { labels: {} };
      expect(labels).toEqual({ method: `shop:${shown(name)}`, function: `shop.${shown(name)}`, error_raised: 'false' });
    }),
    { numRuns: 100 },
  );
});
