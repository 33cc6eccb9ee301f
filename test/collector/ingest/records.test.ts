import { describe, expect, test } from 'vitest';
import { Collector } from '../../../src/collector/collector.js';
import { RecordsIntake, type RecordsIntakeOptions } from '../../../src/collector/ingest/records/records-intake.js';
import type { SnapshotSlice } from '../../../src/collector/snapshot/snapshot-slice.js';
import type { Recorded } from '../../../src/record/recorded.js';
import { aRecord, goldenMessages } from '../../record/record-bodies.js';
import { AProducer } from '../a-producer.js';

const service = (options?: RecordsIntakeOptions) => {
  const collector = new Collector({ identityLabels: true });
  const intake = new RecordsIntake(collector, options);
  /** Takes a message as a broker would bring it; returns what would be kept in a journal. */
  const take = (...records: unknown[]): Uint8Array | undefined => {
    const message = intake.read(Buffer.from(JSON.stringify(records)));
    intake.apply(message);
    return message.payload;
  };
  return { collector, intake, take, lines: () => linesOf(collector) };
};

/** Samples, without empty buckets. */
function linesOf(collector: Collector): string[] {
  return collector
    .text()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.endsWith('} 0'));
}

const op = (metric: string, units: string, operation: string, value: unknown, labels: object = {}) =>
  aRecord({ metric, units, labels, value: [operation, value] });

describe('families', () => {
  test('milliseconds and bytes are the default metrics, with the call path', () => {
    const { take, collector, lines } = service();
    take(aRecord({ method: 'Orders:place.store' }), aRecord({ method: 'Orders:place.store', value: ['observe', 20_000] }));
    take(op('histogram', 'B', 'observe', 56, { error_raised: true }));
    const own = 'job="shop",instance="",method="Orders:place.store",function="store",error_raised="false"';
    expect(lines().filter((line) => line.startsWith('phanos_time_profiler_seconds'))).toEqual([
      ...['0.0025', '0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10'].map(
        (le) => `phanos_time_profiler_seconds_bucket{${own},le="${le}"} 1`,
      ),
      `phanos_time_profiler_seconds_bucket{${own},le="+Inf"} 2`,
      `phanos_time_profiler_seconds_sum{${own}} 20.0015`,
      `phanos_time_profiler_seconds_count{${own}} 2`,
    ]);
    expect(lines()).toContain(
      'phanos_response_size_bytes_sum{job="shop",instance="",method="Orders:place",function="place",error_raised="true"} 56',
    );
    expect(collector.text()).toContain('# HELP phanos_time_profiler_seconds Duration of profiled calls.');
    expect(collector.refused.total).toBe(0);
  });

  test('others are named after kind and units, with exactly their labels', () => {
    const { take, lines, collector } = service();
    take(op('counter', 'n', 'inc', 2, { error_raised: false }), op('counter', 'n', 'inc', 1.5));
    take(op('counter', 'n', 'inc', 1, { b: '2', a: '1' }), op('counter', 'n', 'inc', 1, { a: '1', b: '2', error_raised: true }));
    take(op('summary', 'B', 'observe', 3), op('summary', 'B', 'observe', 4));
    take(op('gauge', 'req/s', 'set', 3), op('gauge', '%', 'set', 5), op('gauge', '', 'set', 6), op('gauge', 'total', 'set', 7));
    take(op('enum', 'enum', 'state', 'on'), op('enum', 'enum', 'state', 'off'), op('info', 'info', 'info', { v: '1' }));
    take(op('info', 'build', 'info', { v: '2' }));
    const own = 'job="shop",instance=""';
    expect(lines()).toEqual([
      `phanos_counter_n_total{${own}} 3.5`,
      `phanos_counter_n_total{${own},a="1",b="2"} 2`,
      `phanos_summary_bytes_sum{${own}} 7`,
      `phanos_summary_bytes_count{${own}} 2`,
      `phanos_gauge_req_s{${own}} 3`,
      `phanos_gauge_percent{${own}} 5`,
      `phanos_gauge{${own}} 6`,
      `phanos_gauge_total_units{${own}} 7`,
      `phanos_enum{${own},phanos_enum="off"} 1`,
      `phanos_info{${own},v="1"} 1`,
      `phanos_build_info{${own},v="2"} 1`,
    ]);
    expect(collector.text()).toContain('phanos_enum{job="shop",instance="",phanos_enum="on"} 0');
  });

  test('histograms of other units, and those with labels of their own', () => {
    const { take, lines } = service();
    take(
      op('histogram', 'µs', 'observe', 7),
      op('histogram', 's', 'observe', 3, { a: '1' }),
      op('histogram', 'ms', 'observe', 3000, { a: '1' }),
    );
    take(op('histogram', 'mS', 'observe', 1000, { a: '1' }));
    expect(lines().filter((line) => line.includes('_sum') || line.includes('_count'))).toEqual([
      'phanos_histogram_us_sum{job="shop",instance=""} 7',
      'phanos_histogram_us_count{job="shop",instance=""} 1',
      'phanos_histogram_seconds_sum{job="shop",instance="",a="1"} 7',
      'phanos_histogram_seconds_count{job="shop",instance="",a="1"} 3',
    ]);
    expect(lines()).toContain('phanos_histogram_us_bucket{job="shop",instance="",le="10"} 1');
    expect(lines()).toContain('phanos_histogram_seconds_bucket{job="shop",instance="",a="1",le="1"} 1');
  });

  test('a series of a Node service and the same of a Python service share the family', () => {
    const { take, collector } = service();
    const schema = {
      name: 'phanos_time_profiler_seconds',
      help: 'Duration of profiled calls.',
      unit: 'seconds',
      divisor: 1000,
      labelNames: ['method', 'function', 'error_raised'],
      bounds: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000],
      states: [],
    };
    const rows = [{ labelValues: ['A:b', 'A.b', 'false'], counts: schema.bounds.map(() => 1).concat(0), sum: 7 }];
    collector.apply(new AProducer({ job: 'node' }).batch([{ kind: 'histogram', schema, rows, removed: [] }]));
    take(aRecord());
    expect(collector.refused.total).toBe(0);
    expect(collector.adjusted.total).toBe(0);
    expect([...collector.families].map(({ name }) => name)).toEqual(['phanos_time_profiler_seconds']);
  });
});

describe('rules', () => {
  test('the first that fits names the family; what none fits is named as without rules', () => {
    const { take, lines, intake } = service({
      rules: [
        { kind: 'counter', units: 'n', item: 'Debug', drop: true },
        { kind: 'counter', units: 'n', labels: ['kind'], name: 'shop_sold_total', help: 'Sold.' },
        { kind: 'histogram', units: 'mS', labels: ['shop'], name: 'shop_time', bounds: [1, 100], callPath: true },
        { job: 'bank', kind: 'gauge', name: 'bank_money' },
      ],
    });
    take(
      op('counter', 'n', 'inc', 2, { kind: 'book' }),
      op('counter', 'n', 'inc', 3),
      aRecord({ ...op('counter', 'n', 'inc', 9), item: 'Debug' }),
    );
    take(op('histogram', 'mS', 'observe', 50, { shop: 'x', error_raised: false }));
    take(aRecord({ ...op('gauge', 'B', 'set', 5), job: 'bank' }));
    const call = 'shop="x",method="Orders:place",function="place",error_raised="false"';
    expect(lines()).toEqual([
      'shop_sold_total{job="shop",instance="",kind="book"} 2',
      'phanos_counter_n_total{job="shop",instance=""} 3',
      `shop_time_seconds_bucket{job="shop",instance="",${call},le="0.1"} 1`,
      `shop_time_seconds_bucket{job="shop",instance="",${call},le="+Inf"} 1`,
      `shop_time_seconds_sum{job="shop",instance="",${call}} 0.05`,
      `shop_time_seconds_count{job="shop",instance="",${call}} 1`,
      'bank_money_bytes{job="bank",instance=""} 5',
    ]);
    expect([...intake.refused.entries()]).toEqual([['shop', 'rule', 1]]);
  });

  test.each([
    [{ nme: 'x' }, "records.rules[0]: unknown option 'nme', did you mean 'name'?"],
    [{}, 'records.rules[0]: name must be a non-empty string, got undefined'],
    [{ name: 'a b' }, 'records.rules[0]: name must be a metric name'],
    [{ name: 'a', kind: 'clock' }, "records.rules[0]: kind must be one of counter, enum, gauge, histogram, info, summary, got 'clock'"],
    [{ name: 'a', bounds: [2, 1] }, "records.rules[0]: bounds must be a list of ascending numbers, got '2, 1'"],
    [{ name: 'a', labels: ['le'] }, 'records.rules[0]: labels must be a list of label names'],
    ['a', "records.rules[0]: options must be an object, got 'a'"],
  ])('%j is refused', (rule, message) => {
    expect(() => service({ rules: [rule as object] })).toThrow(message);
  });
});

describe('operations', () => {
  test('gauges go up and down from where they stand, for each job, whoever tells', () => {
    const { take, lines } = service();
    const gauge = (operation: string, value: number, more: object = {}) => aRecord({ ...op('gauge', 'n', operation, value), ...more });
    take(gauge('inc', 5), gauge('dec', 1));
    take(gauge('inc', 1, { method: 'Other:call' }), gauge('inc', 7, { job: 'bank' }));
    expect(lines()).toEqual(['phanos_gauge_n{job="shop",instance=""} 5', 'phanos_gauge_n{job="bank",instance=""} 7']);
    take(gauge('inc', 100), gauge('set', 2), gauge('dec', 0.5));
    take(gauge('dec', 1));
    expect(lines()[0]).toBe('phanos_gauge_n{job="shop",instance=""} 0.5');
  });

  test('an enum has the states that were seen, 64 at most', () => {
    const { take, lines, intake } = service();
    take(...Array.from({ length: 66 }, (_, i) => op('enum', 'e', 'state', `s${i}`)));
    expect(lines()).toEqual(['phanos_enum_e{job="shop",instance="",phanos_enum_e="s63"} 1']);
    expect([...intake.refused.entries()]).toEqual([['shop', 'states_limit', 2]]);
    take(op('enum', 'e', 'state', 's1'));
    expect(lines()).toEqual(['phanos_enum_e{job="shop",instance="",phanos_enum_e="s1"} 1']);
  });

  test('the newest pairs of an info are shown', () => {
    const { take, lines } = service();
    take(op('info', 'info', 'info', { v: '1' }), op('info', 'info', 'info', { v: '2', n: 3 }));
    take(op('info', 'info', 'info', { v: '3' }));
    expect(lines()).toEqual(['phanos_info{job="shop",instance="",v="3"} 1']);
  });
});

test('golden messages count to what their records say', () => {
  const { intake, collector } = service();
  let sum = 0;
  let count = 0;
  for (const { message } of goldenMessages()) {
    const body = Buffer.from(message.body_base64, 'base64');
    intake.apply(intake.read(body));
    for (const { metric, units, value } of [JSON.parse(body.toString())].flat() as Recorded[]) {
      if (metric !== 'histogram' || units !== 'mS') continue;
      sum += value[1] as number;
      count++;
    }
  }
  const total = (suffix: string) =>
    linesOf(collector)
      .filter((line) => line.startsWith(`phanos_time_profiler_seconds_${suffix}{`))
      .reduce((all, line) => all + Number(line.split(' ').at(-1)), 0);
  expect(count).toBeGreaterThan(500);
  expect(total('count')).toBe(count);
  expect(total('sum') * 1000).toBeCloseTo(sum, 6);
  expect(intake.applied + intake.refused.total).toBe(
    goldenMessages().flatMap(({ message }) => JSON.parse(message.body_utf8) as unknown[]).length,
  );
});

describe('safety', () => {
  test('a payload that is applied again changes nothing; in order onto nothing it gives the same again', async () => {
    const live = service();
    const payloads: Uint8Array[] = [];
    for (const value of [3, -1, 4]) payloads.push(live.take(op('gauge', 'n', 'inc', value), aRecord(), aRecord({ job: 'bank' }))!);
    const before = live.lines();
    for (const payload of payloads) live.intake.replay(payload);
    expect(live.lines()).toEqual(before);

    const again = service();
    for (const payload of payloads) again.intake.replay(payload);
    expect(again.lines()).toEqual(before);

    // Half from a snapshot, of which the journal repeats some.
    const half = service();
    for (const payload of payloads.slice(0, 2)) half.intake.replay(payload);
    const slices: SnapshotSlice[] = [...half.collector.snapshot()];
    const restored = service();
    await restored.collector.restore(slices);
    for (const payload of payloads) restored.intake.replay(payload);
    expect(restored.lines()).toEqual(before);
    restored.take(op('gauge', 'n', 'inc', 1));
    expect(restored.lines()).toContain('phanos_gauge_n{job="shop",instance=""} 7');
  });

  test('what could not be made safe is not applied, nor counted as refused, and is new when it comes again', () => {
    const { intake, lines } = service();
    const body = Buffer.from(JSON.stringify([op('counter', 'n', 'inc', 1), op('counter', 'n', 'inc', -1)]));
    const first = intake.read(body);
    const second = intake.read(body);
    const third = intake.read(body);
    intake.release(first);
    intake.apply(second);
    intake.release(third);
    expect(lines()).toEqual(['phanos_counter_n_total{job="shop",instance=""} 1']);
    for (let i = 0; i < 3; i++) intake.apply(intake.read(body));
    expect(lines()).toEqual(['phanos_counter_n_total{job="shop",instance=""} 4']);
    expect([intake.applied, intake.refused.total]).toEqual([4, 4]);
  });

  test('more messages under way than can be told apart come later, and nothing of them is refused', () => {
    const { intake, lines } = service();
    const body = Buffer.from(JSON.stringify([aRecord({ ...op('counter', 'n', 'inc', 1), job: 'bank' }), op('counter', 'n', 'inc', 1)]));
    const underway = Array.from({ length: 1024 }, () => intake.read(body));
    expect(underway.some(({ isBusy }) => isBusy)).toBe(false);
    for (let i = 0; i < 3; i++) expect(intake.read(body)).toMatchObject({ isBusy: true, payload: undefined });
    for (const message of underway) intake.apply(message);
    const next = intake.read(body);
    expect(next.isBusy).toBe(false);
    intake.apply(next);
    expect([intake.applied, intake.refused.total]).toEqual([2050, 0]);
    expect(lines()).toEqual(['phanos_counter_n_total{job="bank",instance=""} 1025', 'phanos_counter_n_total{job="shop",instance=""} 1025']);
  });

  test('a job that sends batches is left out and counted; the others of the message are taken', () => {
    const { take, lines, intake } = service({ sendsBatches: (job) => job === 'shop' });
    take(aRecord(), op('counter', 'n', 'inc', 1), aRecord({ ...op('counter', 'n', 'inc', 1), job: 'bank' }));
    expect(lines()).toEqual(['phanos_counter_n_total{job="bank",instance=""} 1']);
    expect([...intake.refused.entries()]).toEqual([['shop', 'job_sends_batches', 2]]);
    expect(intake.applied).toBe(1);
  });

  test('nothing to apply is nothing to keep; what is no message says so', () => {
    const { intake } = service();
    expect(intake.read(Buffer.from('[]'))).toMatchObject({ payload: undefined, fault: undefined });
    const nothing = intake.read(Buffer.from('[1]'));
    expect(nothing).toMatchObject({ payload: undefined, fault: undefined });
    intake.apply(nothing);
    expect(intake.read(Buffer.from('{'))).toMatchObject({ payload: undefined, fault: expect.stringContaining('at byte') });
    expect([intake.faults, intake.applied]).toEqual([1, 0]);
    expect([...intake.refused.entries()]).toEqual([['', 'malformed', 1]]);
  });

  test('a million jobs, labels and units leave bounded state', () => {
    const collector = new Collector({ identityLabels: true, limits: { producers: 100, seriesPerFamily: 50, series: 500 } });
    const intake = new RecordsIntake(collector);
    let sent = 0;
    for (let i = 0; i < 300; i++) {
      const records = Array.from({ length: 100 }, (_, j) => op('counter', `u${i}`, 'inc', 1, { a: `${i} ${j}` }));
      const jobs = Array.from({ length: 100 }, (_, j) => aRecord({ job: `job ${i} ${j}` }));
      for (const message of [records, jobs]) intake.apply(intake.read(Buffer.from(JSON.stringify(message))));
      sent += 200;
    }
    expect(intake.applied + intake.refused.total).toBe(sent);
    expect(collector.producers.size).toBe(100);
    expect([...collector.families].flatMap(({ series }) => [...series]).length).toBeLessThan(1000);
    expect(intake.refused.of('producers_limit')).toBeGreaterThan(0);
    expect(intake.refused.of('jobs_limit')).toBe(300 * 36);
  });
});
