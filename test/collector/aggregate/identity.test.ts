import { expect, test } from 'vitest';
import { Collector } from '../../../src/collector/collector.js';
import type { FamilyDelta, ProducerIdentity } from '../../../src/record/batch.js';
import { parseText } from '../../exposition/parse-text.js';
import { aDelta, aSchema } from '../a-batch.js';
import { AProducer } from '../a-producer.js';

const HOUR = 3_600_000;

function service(limits = {}) {
  let now = 0;
  const collector = new Collector({ clock: () => now, identityLabels: true, limits });
  const producers = new Map<string, AProducer>();
  return {
    collector,
    tell(identity: Partial<ProducerIdentity>, ...families: FamilyDelta[]): void {
      const key = JSON.stringify(identity);
      const producer = producers.get(key) ?? new AProducer(identity);
      producers.set(key, producer);
      producer.heartbeat = 0;
      expect(collector.apply(producer.batch(families))).toBe('new');
    },
    pass(ms: number): void {
      now += ms;
      collector.tick();
    },
    /** Without `# HELP` and `# TYPE`. */
    lines(): string[] {
      const text = collector.text();
      parseText(text);
      return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    },
  };
}

const counter = (name = 'n', labels: Readonly<Record<string, string>> = {}, add = 1) =>
  aDelta('counter', { name, labelNames: Object.keys(labels) }, [{ labelValues: Object.values(labels), add }]);
const gauge = (name: string, labels: Readonly<Record<string, string>> = {}) =>
  aDelta('gauge', { name, labelNames: Object.keys(labels) }, [{ labelValues: Object.values(labels), value: 1 }]);

test('job and instance stand in front; workers of one instance add up, instances stay apart', () => {
  const { tell, lines } = service();
  tell({ worker: '0' }, counter('n', { kind: 'a' }), counter('m'));
  tell({ worker: '1' }, counter('n', { kind: 'a' }), counter('m'));
  tell({ instance: 'the"re' }, counter('n', { kind: 'a' }));
  expect(lines()).toEqual([
    'n_total{job="shop",instance="here",kind="a"} 2',
    'n_total{job="shop",instance="the\\"re",kind="a"} 1',
    'm_total{job="shop",instance="here"} 2',
  ]);
});

test('the labels are there for every kind', () => {
  const { tell, lines } = service();
  tell(
    { worker: '3' },
    aDelta('histogram', { name: 'h', bounds: [1] }, [{ labelValues: [], counts: [1, 0], sum: 1 }]),
    aDelta('summary', { name: 's' }, [{ labelValues: [], count: 1, sum: 1 }]),
    aDelta('gauge', { name: 'g', merge: 'all' }, [{ labelValues: [], value: 1 }]),
    aDelta('info', { name: 'i' }, [{ labelValues: [], pairs: { v: '1' } }]),
    aDelta('enum', { name: 'e', states: ['on'] }, [{ labelValues: [], state: 'on' }]),
    aDelta('enum', { name: 'f', states: ['on'], merge: 'count' }, [{ labelValues: [], state: 'on' }]),
  );
  const own = 'job="shop",instance="here"';
  expect(lines()).toEqual([
    `h_bucket{${own},le="1"} 1`,
    `h_bucket{${own},le="+Inf"} 1`,
    `h_sum{${own}} 1`,
    `h_count{${own}} 1`,
    `s_sum{${own}} 1`,
    `s_count{${own}} 1`,
    `g{${own},worker="3"} 1`,
    `i_info{${own},v="1"} 1`,
    `e{${own},e="on"} 1`,
    `f{${own},f="on"} 1`,
  ]);
});

test('an empty job or instance is written as empty, so that Prometheus attaches none of its own', () => {
  const { tell, lines } = service();
  tell({ job: '' }, counter('n', { kind: 'a' }));
  tell({ job: '', instance: '' }, counter('n', { kind: 'a' }));
  expect(lines()).toEqual(['n_total{job="",instance="here",kind="a"} 1', 'n_total{job="",instance="",kind="a"} 1']);
});

test('labels that a family declares itself stand where those of the identity would, and that is counted', () => {
  const { tell, lines, collector } = service();
  tell({}, counter('n', { job: 'mine', kind: 'a' }), counter('m', { instance: '' }), gauge('g', { job: 'a', instance: 'b' }));
  tell({ job: 'bank' }, counter('n', { job: 'mine', kind: 'a' }));
  expect(lines()).toEqual([
    'n_total{instance="here",job="mine",kind="a"} 2',
    'm_total{job="shop",instance=""} 1',
    'g{job="a",instance="b"} 1',
  ]);
  expect([...collector.adjusted.entries()]).toEqual([
    ['n', 'identity_label', 2],
    ['m', 'identity_label', 1],
    ['g', 'identity_label', 1],
  ]);
});

test('so do pairs of infos', () => {
  const { tell, lines } = service();
  tell({}, aDelta('info', { name: 'i', labelNames: ['a'] }, [{ labelValues: ['x'], pairs: { instance: 'mine', v: '1' } }]));
  tell({}, aDelta('info', { name: 'k' }, [{ labelValues: [], pairs: { instance: 'mine', job: '' } }]));
  expect(lines()).toEqual(['i_info{job="shop",a="x",instance="mine",v="1"} 1', 'k_info{instance="mine",job=""} 1']);
});

test('without identity labels, all producers meet', () => {
  const collector = new Collector({ clock: () => 0 });
  for (const identity of [{}, { job: 'bank' }, { instance: 'there' }]) collector.apply(new AProducer(identity).batch([counter()]));
  expect(collector.text()).toContain('\nn_total 3\n');
});

test('series expire one hour after the last producer of their instance died, and begin again from zero', () => {
  const { tell, lines, pass, collector } = service();
  tell({ worker: '0' }, counter(), gauge('g'));
  tell({ worker: '1' }, counter());
  tell({ instance: 'there' }, counter());
  collector.end({ instance: 'here', worker: '0' });
  pass(2 * HOUR);
  expect(lines()).toEqual(['n_total{job="shop",instance="here"} 2', 'n_total{job="shop",instance="there"} 1']);
  collector.end({ instance: 'here' });
  pass(HOUR - 1);
  expect(lines().length).toBe(2);
  pass(1);
  expect(lines()).toEqual(['n_total{job="shop",instance="there"} 1']);
  tell({ worker: '2' }, counter());
  expect(lines()).toEqual(['n_total{job="shop",instance="there"} 1', 'n_total{job="shop",instance="here"} 1']);
});

test('families without series and without living producers go too', () => {
  const { tell, pass, collector } = service();
  tell({}, counter(), gauge('g'));
  tell({ instance: 'there' }, counter('m'));
  collector.end({ instance: 'here' });
  pass(HOUR);
  expect(collector.text()).toBe('# HELP m_total Help.\n# TYPE m_total counter\nm_total{job="shop",instance="there"} 1\n');
  expect(collector.aggregate.quota.total).toBe(1);
});

test('values of dead producers that are kept expire with their instance', () => {
  const { tell, lines, pass, collector } = service();
  const schema = aSchema({ name: 'g', merge: 'max' });
  tell({}, aDelta('gauge', schema, [{ labelValues: [], value: 5 }]));
  collector.end({});
  expect(lines()).toEqual(['g{job="shop",instance="here"} 5']);
  pass(HOUR);
  expect(lines()).toEqual([]);
  tell({ worker: '1' }, aDelta('gauge', schema, [{ labelValues: [], value: 2 }]));
  expect(lines()).toEqual(['g{job="shop",instance="here"} 2']);
});

test('who comes back within the hour goes on', () => {
  const { tell, lines, pass, collector } = service();
  tell({}, counter());
  collector.end({});
  pass(HOUR - 1);
  tell({ boot: 'next' }, counter());
  pass(HOUR);
  expect(lines()).toEqual(['n_total{job="shop",instance="here"} 2']);
});

test('a late batch of a dead producer makes its series last for another hour', () => {
  const { tell, lines, pass, collector } = service();
  tell({}, counter());
  collector.end({});
  pass(HOUR - 1);
  tell({}, counter());
  pass(HOUR - 1);
  expect(lines()).toEqual(['n_total{job="shop",instance="here"} 2']);
  pass(60_000);
  expect(lines()).toEqual([]);
  tell({}, counter());
  expect(lines()).toEqual(['n_total{job="shop",instance="here"} 1']);
  pass(HOUR);
  expect(lines()).toEqual([]);
});

test('without identity labels nothing expires', () => {
  let now = 0;
  const collector = new Collector({ clock: () => now });
  collector.apply(new AProducer().batch([counter()]));
  collector.end({});
  now = 30 * HOUR;
  collector.tick();
  expect([collector.text(), collector.producers.size]).toEqual(['# HELP n_total Help.\n# TYPE n_total counter\nn_total 1\n', 0]);
});

test('many series expire a few at a time, while scrapes go on', () => {
  const { tell, lines, pass, collector } = service({ seriesPerFamily: 20_000 });
  const rows = Array.from({ length: 12_000 }, (_, i) => ({ labelValues: [`${i}`], add: 1 }));
  tell({}, aDelta('counter', { name: 'n', labelNames: ['a'] }, rows));
  collector.end({});
  pass(HOUR);
  const sizes = [collector.aggregate.quota.total];
  while (sizes.at(-1)! > 0 && sizes.length < 10) {
    pass(1);
    sizes.push(collector.aggregate.quota.total);
  }
  expect(sizes).toEqual([7000, 2000, 0]);
  expect(lines()).toEqual([]);
});

test('a series that another group writes to lives on with it', () => {
  const { tell, lines, pass, collector } = service();
  const shared = () => counter('n', { job: 'a', instance: 'b' });
  tell({}, shared());
  collector.end({});
  tell({ instance: 'there' }, shared());
  pass(HOUR);
  expect(lines()).toEqual(['n_total{job="a",instance="b"} 2']);
  collector.end({});
  pass(HOUR);
  expect(lines()).toEqual([]);
});

test('what several may have added to stays as long as one of them lives, whoever made the series and however long nobody has written to it', () => {
  const { tell, lines, pass, collector } = service({ seriesPerFamily: 1 });
  const folded = (job: string, instance: string, add: number) => {
    const rows = ['a', 'b'].map((value) => ({ labelValues: [value], add }));
    tell({ job, instance }, aDelta('counter', { name: 'n', labelNames: ['l'] }, rows));
  };
  folded('shop', 'here', 5);
  folded('shop', 'there', 100);
  tell({ job: 'shop', instance: 'here' }, counter('own', { instance: 'x' }));
  tell({ job: 'shop', instance: 'there' }, counter('own', { instance: 'x' }));
  collector.end({ instance: 'here' });
  for (let minutes = 0; minutes < 180; minutes++) {
    pass(60_000);
    tell({ job: 'shop', instance: 'there' });
  }
  expect(lines()).toEqual(['n_total{job="shop",instance="",phanos_overflow="true"} 205', 'own_total{job="shop",instance="x"} 2']);
  collector.end({ instance: 'there' });
  tell({ job: 'bank', instance: 'there' });
  pass(HOUR);
  expect(lines()).toEqual([]);
  tell({ job: 'bank', instance: 'there' }, counter('of_jobs', { job: 'x' }), counter('of_all', { instance: 'x', job: 'y' }));
  tell({ job: 'farm', instance: 'there' });
  tell({ job: 'farm', instance: 'here' });
  collector.end({ job: 'bank' });
  pass(HOUR);
  expect(lines()).toEqual(['of_jobs_total{instance="there",job="x"} 1', 'of_all_total{instance="x",job="y"} 1']);
  collector.end({ job: 'farm', instance: 'there' });
  pass(HOUR);
  expect(lines()).toEqual(['of_all_total{instance="x",job="y"} 1']);
  collector.end({ job: 'farm' });
  pass(HOUR);
  expect(lines()).toEqual([]);
});

test('that holds whatever the labels of a family are worth: they may be the very names of who writes', () => {
  const { tell, lines, pass, collector } = service();
  for (const instance of ['h1', 'h3', 'h2']) tell({ instance }, counter('own', { instance: 'h1' }), counter('other', { instance: 'h2' }));
  for (const job of ['a', 'b']) tell({ job, instance: job }, counter('both', { job: 'a', instance: 'b' }));
  collector.end({ instance: 'h1' });
  collector.end({ job: 'a' });
  pass(HOUR);
  collector.end({ instance: 'h2' });
  pass(HOUR);
  expect(lines()).toEqual([
    'own_total{job="shop",instance="h1"} 3',
    'other_total{job="shop",instance="h2"} 3',
    'both_total{job="a",instance="b"} 2',
  ]);
  collector.end({ instance: 'h3' });
  pass(HOUR);
  expect(lines()).toEqual(['both_total{job="a",instance="b"} 2']);
  collector.end({});
  pass(HOUR);
  expect(lines()).toEqual([]);
});

test('a family that takes the place of one which is just being walked through stays', () => {
  const { tell, lines, pass, collector } = service({ seriesPerFamily: 20_000 });
  const rows = Array.from({ length: 12_000 }, (_, i) => ({ labelValues: [`${i}`], add: 1 }));
  tell({}, aDelta('counter', { name: 'n', labelNames: ['a'] }, rows));
  collector.end({});
  pass(HOUR);
  tell({ instance: 'there' }, gauge('n'));
  for (let ticks = 0; ticks < 10; ticks++) pass(1);
  expect(lines()).toEqual(['n{job="shop",instance="there"} 1']);
});

test('[limits] beyond the series of a job, it folds by itself; other jobs go on', () => {
  const { tell, lines, collector } = service({ seriesPerJob: 2 });
  tell({}, counter('n', { a: '1' }), counter('n', { a: '2' }), counter('n', { a: '3' }), counter('m', { a: '1' }), gauge('g'));
  tell({ instance: 'there' }, counter('n', { a: '1' }));
  tell({ job: 'bank' }, counter('n', { a: '3' }));
  expect(lines()).toEqual([
    'n_total{job="shop",instance="here",a="1"} 1',
    'n_total{job="shop",instance="here",a="2"} 1',
    'n_total{job="shop",instance="",phanos_overflow="true"} 2',
    'n_total{job="bank",instance="here",a="3"} 1',
    'm_total{job="shop",instance="",phanos_overflow="true"} 1',
  ]);
  expect([...collector.adjusted.entries()]).toEqual([
    ['n', 'job_series_limit', 2],
    ['m', 'job_series_limit', 1],
  ]);
  expect([...collector.refused.entries()]).toEqual([['g', 'job_series_limit', 1]]);
});

test('[limits] beyond the series in all, everybody folds; what expires makes room', () => {
  const { tell, lines, collector, pass } = service({ series: 2 });
  tell({}, counter('n', { a: '1' }));
  tell({ job: 'bank' }, counter('n', { a: '1' }), counter('n', { a: '2' }));
  expect(lines()[2]).toBe('n_total{job="bank",instance="",phanos_overflow="true"} 1');
  expect(collector.adjusted.of('total_series_limit', 'n')).toBe(1);
  collector.end({ job: 'shop' });
  pass(HOUR);
  tell({ job: 'bank' }, counter('n', { a: '3' }));
  expect(lines()).toEqual([
    'n_total{job="bank",instance="here",a="1"} 1',
    'n_total{job="bank",instance="",phanos_overflow="true"} 1',
    'n_total{job="bank",instance="here",a="3"} 1',
  ]);
});
