import { Counter, Enum, Gauge, Histogram, Info, type Labels, type MetricOptions, Summary } from 'phanos';
import { replay } from './replay.js';
import type { Stage, StageOptions } from './stage.js';

/** Programs of the metrics: operations, labels, values that are refused, custom metrics. Labels are wrong on purpose here and there. */

/** A profiler without time metric, as most of the programs use it. */
function config(c: Stage, options: StageOptions = {}): Stage {
  return c.config({ timeProfile: false, ...options });
}

/** What all of the programs' metrics have in common, but for the name. */
function options<const L extends string = never>(c: Stage, name: string, units: string, labelNames: readonly L[] = []): MetricOptions<L> {
  return { name, units, labelNames, job: 'JOB', profiler: c.profiler };
}

/** One of each kind, in the order of the programs. */
function oneOfEach<const L extends string = never>(c: Stage, labelNames: readonly L[] = [], states: readonly string[] = ['on', 'off']) {
  const shared = { job: 'JOB', profiler: c.profiler, labelNames };
  return {
    h: new Histogram<L>({ ...shared, name: 'h', units: 'ms' }),
    s: new Summary<L>({ ...shared, name: 's', units: 'B' }),
    k: new Counter<L>({ ...shared, name: 'k', units: 'n' }),
    g: new Gauge<L>({ ...shared, name: 'g', units: 'n' }),
    i: new Info<L>({ ...shared, name: 'i' }),
    e: new Enum<L>({ ...shared, name: 'e', states }),
  };
}

function histogram<const L extends string = never>(c: Stage, labelNames: readonly L[] = []): Histogram<L> {
  return new Histogram<L>(options(c, 'h', 'ms', labelNames));
}

/** Runs the body as the profiled function `f`. */
function run(c: Stage, body: () => void): void {
  c.fn('f', body)();
}

/** Adds what it is given to what it counted before. */
class Adding extends Counter<'l'> {
  #count = 0;
  readonly #order: string[];

  constructor(c: Stage, order: string[]) {
    super(options(c, 'my', 'n', ['l']));
    this.#order = order;
  }

  op(value: number, labels: Labels<'l'>): void {
    this.#count += value;
    this.inc(this.#count, labels);
  }

  override cleanup(): void {
    super.cleanup();
    this.#order.push('cleanup');
    this.#count = 0;
  }
}

replay('metrics', {
  all_ops(c) {
    const { h, s, k, g, i, e } = oneOfEach(config(c));
    run(c, () => {
      h.observe(2);
      s.observe(-3.5);
      k.inc(1);
      k.inc(0);
      g.inc(2);
      g.dec(1.5);
      g.set(-7.25);
      i.info({ version: '1.2', build: '77' });
      e.state('on');
    });
  },
  all_ops_labels(c) {
    const { h, s, k, g, i, e } = oneOfEach(config(c, { errorRaisedLabel: false }), ['a', 'b']);
    run(c, () => {
      h.observe(2, { b: '2', a: '1' });
      s.observe(2, { a: '1', b: '2' });
      k.inc(1, { a: '', b: 'x y' });
      g.inc(2, { a: '1', b: '2' });
      g.dec(2, { a: '1', b: '2' });
      g.set(2, { a: '1', b: '2' });
      i.info({ k: 'v' }, { a: '1', b: '2' });
      e.state('off', { a: '1', b: '2' });
    });
  },
  labels_and_error(c) {
    const h = histogram(config(c), ['a']);
    const mine = { a: '1' };
    run(c, () => h.observe(1, mine));
    c.notes.caller_dict_after = mine;
  },
  labels_dict_reuse(c) {
    const h = histogram(config(c), ['a']);
    const outside = new Histogram(options(c, 'outside', 'ms', ['a']));
    const mine = { a: '1' };
    run(c, () => {
      h.observe(1, mine);
      outside.observe(2, mine);
    });
  },
  labels_alias(c) {
    const h = histogram(config(c, { errorRaisedLabel: false }), ['a']);
    const mine = { a: '1' };
    run(c, () => {
      h.observe(1, mine);
      mine.a = '2';
      h.observe(2, mine);
    });
  },
  invalid_values(c) {
    const { h, s, k, g, i, e } = oneOfEach(config(c, { errorRaisedLabel: false }), [], ['on']);
    run(c, () => {
      for (const value of [1, true, '1.0', null]) h.observe(value as number);
      s.observe(2);
      k.inc(1);
      k.inc(-1);
      g.inc(-0.5);
      g.dec(-0.5);
      g.inc(3);
      g.dec(3);
      g.set(3);
      g.set('x' as never);
      i.info('x' as never);
      i.info([['a', 'b']] as never);
      e.state('nope');
      e.state(null as never);
    });
  },
  odd_floats(c) {
    const { profiler } = config(c, { errorRaisedLabel: false });
    const h = histogram(c);
    const k = new Counter({ name: 'k', units: 'n', job: 'JOB', profiler });
    const floats = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, Number.MIN_VALUE, Number.MAX_VALUE];
    run(c, () => {
      for (const value of [...floats, 1e16, 1e22, 1e-5, 1e-7, 0.1 + 0.2, 123456789012345680]) h.observe(value);
      k.inc(Number.NaN);
      k.inc(Number.POSITIVE_INFINITY);
    });
  },
  invalid_labels(c) {
    const h = histogram(config(c, { errorRaisedLabel: false }), ['a']);
    run(c, () => {
      for (const labels of [undefined, {}, { a: '1', b: '2' }, { b: '1' }, { a: 'ok' }]) h.observe(1, labels as Labels<'a'>);
    });
  },
  invalid_labels_error_on(c) {
    const h = histogram(config(c));
    run(c, () => h.observe(...([1, { x: '1' }] as unknown as [number])));
  },
  label_values_unchecked(c) {
    const h = histogram(config(c, { errorRaisedLabel: false }), ['a']);
    const values = [
      1,
      1.0,
      null,
      true,
      ['x', 1],
      { k: 'v' },
      'quo"te',
      'back\\slash',
      'new\nline',
      'comma, equals=1',
      'ünïcødé ✓',
      '',
      '\u2028',
    ];
    run(c, () => {
      for (const value of values) h.observe(1, { a: value as string });
    });
  },
  error_label_overwritten(c) {
    const h = histogram(config(c));
    run(c, () => h.observe(...([1, { error_raised: 'maybe' }] as unknown as [number])));
  },
  labels_list_error_on: (c) => histogram(config(c), ['a']),
  labels_list_error_off(c) {
    const h = histogram(config(c, { errorRaisedLabel: false }), ['a']);
    run(c, () => h.observe(1, { a: '1' }));
  },
  labels_set_mutated(c) {
    const labels = ['a'];
    histogram(config(c), labels);
    c.notes.caller_set_after = { $set: labels };
  },
  labels_empty_set(c) {
    const labels: never[] = [];
    histogram(config(c), labels);
    c.notes.caller_set_after = { $set: labels };
  },
  enum_unhashable_last(c) {
    const e = new Enum({ ...options(config(c, { errorRaisedLabel: false }), 'e', 'enum'), states: ['on'] });
    run(c, () => {
      e.state('on');
      e.state(['on'] as never);
    });
  },
  enum_unhashable_middle(c) {
    const e = new Enum({ ...options(config(c, { errorRaisedLabel: false }), 'e', 'enum'), states: ['on'] });
    run(c, () => {
      e.state('on');
      e.state(['on'] as never);
      e.state('on');
    });
  },
  info_reference(c) {
    const info = new Info({ name: 'i', job: 'JOB', profiler: config(c, { errorRaisedLabel: false }).profiler });
    const facts = { a: 1 as number | string, n: { x: [1, 2.5, null, true] } };
    run(c, () => {
      info.info(facts as never);
      facts.a = 'changed later';
    });
  },
  default_units(c) {
    const { profiler } = config(c, { errorRaisedLabel: false });
    const shared = { job: 'JOB', profiler };
    const infos = [new Info({ ...shared, name: 'i' }), new Info({ ...shared, name: 'i2', units: 'u' })];
    const enums = [new Enum({ ...shared, name: 'e', states: ['x'] }), new Enum({ ...shared, name: 'e2', states: ['x'], units: 'u' })];
    run(c, () => {
      for (const info of infos) info.info({});
      for (const one of enums) one.state('x');
    });
  },
  metric_job(c) {
    const h = new Histogram({ ...options(config(c, { errorRaisedLabel: false }), 'h', 'ms'), job: 'MINE' });
    run(c, () => h.observe(1));
  },
  metric_not_added(c) {
    new Counter(options(config(c, { errorRaisedLabel: false }), 'other', 'n'));
    const h = new Histogram({ ...options(c, 'h', 'ms'), profiler: null });
    run(c, () => h.observe(1));
  },
  async outside_call(c) {
    const h = histogram(config(c, { errorRaisedLabel: false }));
    h.observe(1);
    h.observe(2);
    run(c, () => h.observe(3));
    await c.profiler.flush();
  },
  readme_example(c) {
    class CustomMetric extends Counter<'label_name'> {
      #count = 0;
      customOp(value: number, labels: Labels<'label_name'>): void {
        this.#count += value;
        this.inc(this.#count, labels);
      }
      override cleanup(): void {
        super.cleanup();
        this.#count = 0;
      }
    }
    const { profiler } = config(c, { errorRaisedLabel: false });
    const metric = new CustomMetric({ name: 'name', job: 'MyJob', units: 'units', labelNames: ['label_name'], profiler });
    profiler.beforeFunc = () => metric.customOp(2, { label_name: 'label_value' });
    run(c, () => undefined);
  },
  custom_metric(c) {
    const order: string[] = [];
    const { profiler } = config(c, { errorRaisedLabel: false });
    const my = new Adding(c, order);
    profiler.addHandler({ handlerName: 'order', handle: () => void order.push('handle') });
    for (let times = 0; times < 2; times++) {
      run(c, () => {
        my.op(2, { l: 'v' });
        my.op(3, { l: 'v' });
      });
    }
    c.notes.order = order;
  },
  op_stores_nothing(c) {
    const metric = new Histogram(options(config(c, { errorRaisedLabel: false }), 'n', 'u'));
    metric.operations.noop = () => undefined;
    run(c, () => metric.storeOperation({ operation: 'noop', value: 1 }));
  },
  op_stores_two(c) {
    const metric = new Histogram(options(config(c, { errorRaisedLabel: false }), 'n', 'u'));
    metric.operations.two = (value: number) => {
      metric.observe(value);
      metric.observe(value);
    };
    run(c, () => metric.storeOperation({ operation: 'two', value: 1 }));
  },
  toggle_error_label(c) {
    const { profiler } = config(c);
    const h = histogram(c, ['a']);
    // The label is no name of the metric's own here: its records tell.
    const names = () => {
      run(c, () => h.observe(1, { a: '1' }));
      return { $set: Object.keys(c.calls.pop()?.records[0]?.labels ?? {}) };
    };
    c.notes.on = names();
    profiler.errorRaisedLabel = false;
    c.notes.off = names();
    profiler.errorRaisedLabel = null as never;
    c.notes['None counts as on'] = names();
    profiler.errorRaisedLabel = 0 as never;
    c.notes['0 counts as on'] = names();
    c.stream.clear();
  },
  percent_in_name(c) {
    const h = new Histogram(options(config(c, { errorRaisedLabel: false }), '50%d', 'ms'));
    run(c, () => h.observe(1));
  },
  metric_overwrite(c) {
    const { profiler } = config(c, { errorRaisedLabel: false });
    const a = new Histogram(options(c, 'a', 'ms'));
    const b = new Histogram(options(c, 'b', 'ms'));
    const other = new Histogram({ ...options(c, 'a', 's'), profiler: null });
    run(c, () => {
      a.observe(1);
      b.observe(1);
      profiler.addMetric(other);
      other.observe(2);
    });
  },
  error_label_in_hooks(c) {
    const { profiler } = config(c);
    const h = histogram(c, ['at']);
    profiler.beforeRootFunc = () => h.observe(1, { at: 'before_root' });
    profiler.beforeFunc = () => h.observe(2, { at: 'before' });
    profiler.afterFunc = () => h.observe(3, { at: 'after' });
    profiler.afterRootFunc = () => h.observe(4, { at: 'after_root' });
    run(c, () => {
      throw new Error('x');
    });
  },
});
