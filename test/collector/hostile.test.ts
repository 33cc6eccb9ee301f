import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import { labelKey, parseText } from '../exposition/parse-text.js';
import { aBatch, aDelta, aSchema } from './a-batch.js';

/** Texts that try to end a label, a line, a family, or that are no text at all. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '"',
        '\\',
        '\n',
        '\\n',
        '{',
        '}',
        ',',
        '=',
        ' 1',
        '\r',
        '\0',
        '# HELP up h\n',
        '"} 1\nup{job="payments"} 0',
        '\u2028',
        '✓',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

/** The text as its bytes say it: half a surrogate pair has none of its own. */
const asBytes = (text: string): string => Buffer.from(text).toString();

/** What a scraper reads, having got bytes. */
const scraped = (collector: Collector) => parseText(asBytes(collector.text()));

test('label values come back as they were, and forge nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(hostile, hostile), { maxLength: 20 }), hostile, (sets, help) => {
      const collector = new Collector();
      const schema = aSchema({ name: 'n', help, labelNames: ['a', 'b'] });
      collector.apply(
        aBatch(
          aDelta(
            'counter',
            schema,
            sets.map((labelValues) => ({ labelValues, add: 1 })),
          ),
        ),
      );
      expect(collector.refused.total).toBe(0);
      const expected = new Map<string, number>();
      for (const [a, b] of sets) {
        const key = labelKey({ a: asBytes(a), b: asBytes(b) });
        expected.set(key, (expected.get(key) ?? 0) + 1);
      }
      const families = scraped(collector);
      expect(families.map(({ name }) => name)).toEqual(['n_total']);
      expect(families[0]!.help).toBe(asBytes(help));
      expect(new Map(families[0]!.samples.map(({ labels, value }) => [labelKey(labels), value]))).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('states of enums and pairs of infos come back as they were', () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 8 }), hostile, (states, value) => {
      const collector = new Collector();
      const state = states.at(-1)!;
      collector.apply(
        aBatch(
          aDelta('enum', { name: 'e', labelNames: ['l'], states }, [{ labelValues: [value], state }]),
          aDelta('info', { name: 'i', labelNames: ['l'] }, [{ labelValues: [value], pairs: { p: state } }]),
        ),
      );
      const l = asBytes(value);
      const [enumeration, info] = scraped(collector);
      expect(enumeration!.samples).toEqual(
        [...new Set(states.map(asBytes))].map((e) => ({ name: 'e', labels: { l, e }, value: e === asBytes(state) ? 1 : 0 })),
      );
      expect(info!.samples).toEqual([{ name: 'i_info', labels: { l, p: asBytes(state) }, value: 1 }]);
    }),
    { numRuns: 200 },
  );
});

test('the forgery of a whole series stays a label value', () => {
  const collector = new Collector();
  const forgery = 'x"} 1\nup{job="payments"} 0';
  collector.apply(aBatch(aDelta('histogram', { name: 'h', labelNames: ['l'] }, [{ labelValues: [forgery], counts: [1], sum: 1 }])));
  expect(collector.text()).toBe(
    [
      '# HELP h Help.',
      '# TYPE h histogram',
      'h_bucket{l="x\\"} 1\\nup{job=\\"payments\\"} 0",le="+Inf"} 1',
      'h_sum{l="x\\"} 1\\nup{job=\\"payments\\"} 0"} 1',
      'h_count{l="x\\"} 1\\nup{job=\\"payments\\"} 0"} 1',
      '',
    ].join('\n'),
  );
});

test('nothing that a batch may hold makes the collector throw or write nonsense', () => {
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withTypedArray: true, withSparseArray: true });
  const schema = fc.record(
    {
      name: fc.oneof(fc.constantFrom('n', 'm'), anything),
      help: fc.oneof(hostile, anything),
      unit: fc.constantFrom('', 'seconds'),
      divisor: fc.oneof(fc.constant(1), anything),
      labelNames: fc.oneof(fc.constant(['a']), fc.array(anything), anything),
      bounds: fc.oneof(fc.constant([1]), fc.array(anything), anything),
      states: fc.oneof(fc.constant(['on']), fc.array(anything), anything),
    },
    { requiredKeys: [] },
  );
  const row = fc.record({
    labelValues: fc.oneof(fc.constant(['x']), anything),
    add: anything,
    value: anything,
    counts: fc.oneof(fc.constant([1, 2]), anything),
    count: anything,
    sum: fc.oneof(fc.double(), anything),
    state: fc.oneof(fc.constant('on'), anything),
    pairs: fc.oneof(fc.dictionary(fc.string(), anything), anything),
  });
  const kind = fc.oneof(fc.constantFrom('counter', 'gauge', 'histogram', 'summary', 'info', 'enum'), anything);
  const family = fc.record({
    kind,
    schema: fc.oneof(schema, anything),
    rows: fc.array(fc.oneof(row, anything)),
    removed: fc.array(anything),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(family, anything), { maxLength: 5 }), (families) => {
      const collector = new Collector();
      collector.apply(aBatch(...families));
      expect(() => scraped(collector)).not.toThrow();
    }),
    { numRuns: 500 },
  );
});
