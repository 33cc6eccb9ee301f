import { Counter, Enum, Gauge, Histogram, Info, Metric, Profiler, Summary } from 'phanos';
import { describe, expect, test } from 'vitest';
import { measured, untyped } from './measured.js';

/** What making a counter of these options throws. */
function errorOf(make: () => unknown): Error & { code?: string } {
  try {
    make();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('options', () => {
  test.each([
    ['none', undefined, 'Counter: options must be an object, got undefined'],
    ['a name alone', 'sold', "Counter: options must be an object, got 'sold'"],
    ['no name', {}, 'counter: name must be a string, got undefined'],
    ['a name that is none', { name: 5 }, 'counter: name must be a string, got 5'],
    ['help', { help: 5 }, "counter 'sold': help must be a string, got 5"],
    ['units', { units: null }, "counter 'sold': units must be a string, got null"],
    ['job', { job: {} }, "counter 'sold': job must be a string, got an object"],
    ['labelNames', { labelNames: 'kind' }, "counter 'sold': labelNames must be an array of names, got 'kind'"],
    ['labelNames', { labelNames: null }, "counter 'sold': labelNames must be an array of names, got null"],
    ['a label name', { labelNames: [5] }, "counter 'sold': invalid label name '5'; label names are strings"],
    ['labels', { labels: ['shop'] }, "counter 'sold': labels must be an object of label names and texts, got an array"],
    ['a constant label', { labels: { shop: 5 } }, "counter 'sold': labels.shop must be a string, got 5"],
    ['method', { method: 'yes' }, "metric 'sold': method must be true or false, got 'yes'"],
    ['profiler', { profiler: {} }, "counter 'sold': profiler must be a profiler, or null for none, got an object"],
  ])('%s: a TypeError that names it', (_what, options, message) => {
    const given =
      typeof options === 'object' && 'name' in options ? options : typeof options === 'object' ? { name: 'sold', ...options } : options;
    const error = errorOf(() => new Counter(untyped(_what === 'no name' ? {} : given)));
    expect(error).toBeInstanceOf(TypeError);
    expect([error.message, error.code]).toEqual([message, 'OPTION_INVALID']);
  });

  test.each([
    [Counter, { labelName: ['a'] }, "Counter: unknown option 'labelName', did you mean 'labelNames'?"],
    [Gauge, { colect: () => 1 }, "Gauge: unknown option 'colect', did you mean 'collect'?"],
    [Histogram, { bucket: [1] }, "Histogram: unknown option 'bucket', did you mean 'buckets'?"],
    [Summary, { buckets: [1] }, "Summary: unknown option 'buckets', known are"],
    [Info, { unit: 's' }, "Info: unknown option 'unit', did you mean 'units'?"],
    [Enum, { state: ['a'] }, "Enum: unknown option 'state', did you mean 'states'?"],
  ])('an unknown one of %o: a TypeError that names the nearest', (Class, options, message) => {
    const error = errorOf(() => new (Class as typeof Counter)(untyped({ name: 'sold', ...options })));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(message);
    expect(error.code).toBe('OPTION_UNKNOWN');
  });

  test('collect must be a function', () => {
    expect(() => new Gauge(untyped({ name: 'level', collect: 5 }))).toThrow("gauge 'level': collect must be a function, got 5");
  });

  test('options that are undefined have their defaults', () => {
    const sold = new Counter(
      untyped({ name: 'sold', help: undefined, units: undefined, labelNames: undefined, labels: undefined, profiler: null }),
    );
    expect([sold.help, sold.units, sold.labelNames]).toEqual(['Sold.', '', []]);
  });

  test('later changes of the given arrays and objects change nothing', async () => {
    const { profiler, samples } = measured();
    const labelNames = ['a'];
    const labels = { shop: 'x' };
    const buckets = [1];
    const sold = new Counter({ name: 'sold', labelNames, labels, profiler });
    const size = new Histogram({ name: 'size', buckets, profiler });
    labelNames[0] = 'b';
    labels.shop = 'y';
    buckets[0] = 7;
    sold.inc({ a: 'z' });
    size.observe(3);
    expect(await samples()).toMatchObject({ 'sold_total{a="z",shop="x"}': 1, 'size_bucket{le="1"}': 0, size_count: 1 });
  });
});

describe('names', () => {
  test.each(['', '1st', 'a-b', 'a b', 'a.b', 'ä', 'sold\n', 'sold{', '__sold', '__name__'])('%j is refused', (name) => {
    const error = errorOf(() => new Counter({ name, profiler: null }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(`counter '${name}': invalid metric name; `);
  });

  test.each(['a', 'A', '_a', ':a', 'shop:sold:rate5m', 'constructor', 'toString', 'hasOwnProperty'])('%j is taken', async (name) => {
    const { profiler, samples } = measured();
    new Gauge({ name, profiler }).set(1);
    expect(await samples()).toEqual({ [name]: 1 });
  });

  const kinds = { counter: Counter, gauge: Gauge, histogram: Histogram, summary: Summary } as const;
  const clashing = ['sold_total', 'sold_bucket', 'sold_sum', 'sold_count', 'sold_created', 'sold_info'];
  const cases = Object.entries(kinds).flatMap(([kind, Class]) => clashing.map((name) => [kind, name, Class] as const));
  test.each(cases.filter(([kind, name]) => kind !== 'counter' || name !== 'sold_total'))('a %s %s is refused', (kind, name, Class) => {
    const error = errorOf(() => new (Class as typeof Counter)({ name, profiler: null }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe(
      `${kind} '${name}': names that end in ${name.slice(4)} clash with samples that Prometheus derives; choose another ending`,
    );
  });

  test('the ending of its own kind is not doubled', async () => {
    const { profiler, samples } = measured();
    new Counter({ name: 'sold_total', profiler });
    new Info({ name: 'build_info', profiler }).info({});
    new Counter({ name: 'cpu_seconds_total', units: 's', profiler });
    expect(await samples()).toEqual({ sold_total: 0, build_info: 1, cpu_seconds_total: 0 });
    expect(() => new Counter({ name: 'sold_total_total', profiler: null })).toThrow('names that end in _total clash');
  });

  test.each([
    [Counter, '_total'],
    [Info, '_info'],
  ])('%o %s is nothing but an ending', (Class, name) => {
    expect(() => new (Class as typeof Counter)({ name, profiler: null })).toThrow(
      'the name is nothing but the ending that phanos adds by itself',
    );
  });

  test('help is made from the name when there is none', async () => {
    const { profiler } = measured();
    new Gauge({ name: 'shop_items:queued', profiler });
    new Gauge({ name: 'other', help: 'Two\nlines, a \\ and a "quote".', profiler });
    expect(await profiler.metrics()).toContain('# HELP shop_items:queued Shop items queued.\n');
    expect(await profiler.metrics()).toContain('# HELP other Two\\nlines, a \\\\ and a "quote".\n');
  });
});

describe('label names', () => {
  test.each([
    ['', 'use letters, digits and _, and do not start with a digit'],
    ['1st', 'use letters, digits and _, and do not start with a digit'],
    ['a:b', 'use letters, digits and _, and do not start with a digit'],
    ['a-b', 'use letters, digits and _, and do not start with a digit'],
    ['a="x"} 1\nup{job', 'use letters, digits and _, and do not start with a digit'],
    ['__name__', 'names that start with __ are reserved for Prometheus'],
    ['__proto__', 'names that start with __ are reserved for Prometheus'],
    ['le', 'le is written by phanos or Prometheus itself'],
    ['quantile', 'quantile is written by phanos or Prometheus itself'],
    ['error_raised', 'error_raised is written by phanos or Prometheus itself'],
    ['phanos_overflow', 'phanos_overflow is written by phanos or Prometheus itself'],
  ])('%j is refused, declared or constant', (label, reason) => {
    for (const options of [{ labelNames: [label] }, { labels: Object.fromEntries([[label, 'x']]) }]) {
      const error = errorOf(() => new Counter({ name: 'sold', profiler: null, ...options }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe(`counter 'sold': invalid label name '${label}'; ${reason}`);
    }
  });

  test.each([
    ['twice', { labelNames: ['a', 'b', 'a'] }, 'a'],
    ['declared and constant', { labelNames: ['a'], labels: { a: 'x' } }, 'a'],
    ['declared and the call path', { labelNames: ['method'], method: true }, 'method'],
  ])('%s is refused', (_what, options, label) => {
    expect(() => new Counter({ name: 'sold', profiler: null, ...options })).toThrow(`counter 'sold': label '${label}' is declared twice`);
  });

  test('32 labels are taken, 33 refused, constant ones and the call path included', async () => {
    const { profiler, lines } = measured();
    const labelNames = Array.from({ length: 30 }, (_, i) => `l${i}`);
    const wide = new Counter({ name: 'wide', labelNames, labels: { shop: 'x' }, method: true, profiler });
    wide.inc(Object.fromEntries(labelNames.map((name) => [name, name])));
    expect(await lines()).toHaveLength(1);
    expect(() => new Counter({ name: 'wider', labelNames, labels: { shop: 'x', town: 'y' }, method: true, profiler })).toThrow(
      "counter 'wider': 33 labels are too many; give 32 at most",
    );
  });
});

test('what was refused is not registered', async () => {
  const { profiler, lines } = measured();
  expect(() => new Counter({ name: 'sold', labelNames: ['le'], profiler })).toThrow(TypeError);
  expect(() => new Histogram({ name: 'size', buckets: [2, 1], profiler })).toThrow(RangeError);
  expect([...profiler.registeredMetrics.keys()]).toEqual([]);
  expect(await lines()).toEqual([]);
});

test('all kinds are metrics', () => {
  const shared = { profiler: null } as const;
  const all = [new Counter({ name: 'a', ...shared }), new Gauge({ name: 'a', ...shared }), new Histogram({ name: 'a', ...shared })];
  for (const metric of [...all, new Summary({ name: 'a', ...shared }), new Info({ name: 'a', ...shared })]) {
    expect(metric).toBeInstanceOf(Metric);
    expect([metric.name, metric.help]).toEqual(['a', 'A.']);
  }
  expect(new Profiler().registeredMetrics.size).toBe(0);
});
