import { expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import { renderText } from '../../src/exposition/text.js';
import { parseText } from '../exposition/parse-text.js';
import { aBatch, aDelta } from './a-batch.js';
import { AProducer } from './a-producer.js';

const ownText = (collector: Collector) => [...renderText(collector.ownFamilies)].join('');

test('the collector tells what it did', () => {
  let now = 0;
  const collector = new Collector({ clock: () => now, limits: { seriesPerFamily: 1 } });
  const rows = ['a', 'b', 'c'].map((value) => ({ labelValues: [value], add: 1 }));
  const producer = new AProducer();
  collector.apply(producer.batch([aDelta('counter', { name: 'n', labelNames: ['l'] }, rows)], { ops: 3 }));
  const second = producer.batch([aDelta('gauge', { name: 'n' }, [{ labelValues: [], value: 1 }]), aDelta('gauge', { name: 'g' }, [])], {
    ops: 3,
  });
  collector.apply({ ...second, produced: 10, dropped: 1 });
  collector.apply(second);
  collector.apply(undefined as never);
  collector.self.hookFailures++;
  for (const [outcome, duration] of [
    ['complete', 1],
    ['complete', 40],
    ['gone', 20_000],
  ] as const) {
    const stop = collector.self.startScrape();
    now += duration;
    stop(outcome);
  }
  const text = ownText(collector);
  parseText(text);
  expect(text.split('\n').filter((line) => !line.startsWith('# HELP'))).toEqual([
    '# TYPE phanos_collector_batches_total counter',
    'phanos_collector_batches_total{result="applied"} 2',
    'phanos_collector_batches_total{result="duplicate"} 1',
    'phanos_collector_batches_total{result="heartbeat"} 0',
    'phanos_collector_batches_total{result="later"} 0',
    'phanos_collector_batches_total{result="refused"} 1',
    '# TYPE phanos_collector_operations_total counter',
    'phanos_collector_operations_total 6',
    '# TYPE phanos_collector_produced_operations_total counter',
    'phanos_collector_produced_operations_total 10',
    '# TYPE phanos_collector_dropped_operations_total counter',
    'phanos_collector_dropped_operations_total 1',
    '# TYPE phanos_collector_underway_operations gauge',
    'phanos_collector_underway_operations 3',
    '# TYPE phanos_collector_lost_operations gauge',
    'phanos_collector_lost_operations 0',
    '# TYPE phanos_collector_given_up_batches_total counter',
    'phanos_collector_given_up_batches_total 0',
    '# TYPE phanos_collector_producers gauge',
    'phanos_collector_producers{state="live"} 1',
    'phanos_collector_producers{state="dead"} 0',
    '# TYPE phanos_collector_producer_deaths_total counter',
    'phanos_collector_producer_deaths_total{cause="silent"} 0',
    'phanos_collector_producer_deaths_total{cause="exit"} 0',
    'phanos_collector_producer_deaths_total{cause="goodbye"} 0',
    '# TYPE phanos_collector_forgotten_producers_total counter',
    'phanos_collector_forgotten_producers_total 0',
    '# TYPE phanos_collector_stranger_producers_total counter',
    'phanos_collector_stranger_producers_total 0',
    '# TYPE phanos_collector_series gauge',
    'phanos_collector_series{family="n"} 2',
    'phanos_collector_series{family="g"} 0',
    '# TYPE phanos_collector_refused_rows_total counter',
    'phanos_collector_refused_rows_total{family="n",reason="kind_conflict"} 1',
    '# TYPE phanos_collector_adjusted_rows_total counter',
    'phanos_collector_adjusted_rows_total{family="n",reason="series_limit"} 2',
    '# TYPE phanos_collector_scrapes_total counter',
    'phanos_collector_scrapes_total{outcome="complete"} 2',
    'phanos_collector_scrapes_total{outcome="failed"} 0',
    'phanos_collector_scrapes_total{outcome="gone"} 1',
    'phanos_collector_scrapes_total{outcome="slow"} 0',
    '# TYPE phanos_collector_hook_failures_total counter',
    'phanos_collector_hook_failures_total 1',
    '# TYPE phanos_collector_scrape_duration_seconds histogram',
    'phanos_collector_scrape_duration_seconds_bucket{le="0.001"} 1',
    'phanos_collector_scrape_duration_seconds_bucket{le="0.005"} 1',
    'phanos_collector_scrape_duration_seconds_bucket{le="0.01"} 1',
    'phanos_collector_scrape_duration_seconds_bucket{le="0.025"} 1',
    'phanos_collector_scrape_duration_seconds_bucket{le="0.05"} 2',
    'phanos_collector_scrape_duration_seconds_bucket{le="0.1"} 2',
    'phanos_collector_scrape_duration_seconds_bucket{le="0.25"} 2',
    'phanos_collector_scrape_duration_seconds_bucket{le="0.5"} 2',
    'phanos_collector_scrape_duration_seconds_bucket{le="1"} 2',
    'phanos_collector_scrape_duration_seconds_bucket{le="2.5"} 2',
    'phanos_collector_scrape_duration_seconds_bucket{le="5"} 2',
    'phanos_collector_scrape_duration_seconds_bucket{le="10"} 2',
    'phanos_collector_scrape_duration_seconds_bucket{le="+Inf"} 3',
    'phanos_collector_scrape_duration_seconds_sum 20.041',
    'phanos_collector_scrape_duration_seconds_count 3',
    '',
  ]);
});

test('what the collector tells of itself never shows among what it collects', () => {
  const collector = new Collector();
  ownText(collector);
  expect(collector.text()).toBe('');
});

test('a family of any length of name is told', () => {
  const collector = new Collector();
  const name = 'n'.repeat(1000);
  collector.apply(aBatch(aDelta('gauge', { name }, [])));
  expect(ownText(collector)).toContain(`\nphanos_collector_series{family="${name}"} 0\n`);
});
