import { expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import { renderText } from '../../src/exposition/text.js';
import { promtoolCheckMetrics } from '../support/prometheus.js';
import { aBatch, aDelta } from './a-batch.js';

/** All six kinds, with label values that Prometheus has to read as well as we mean them. */
function full(): Collector {
  const collector = new Collector();
  const nasty = ['', 'a"b\\c\nd', 'x"} 1\nup{job="payments"} 0', 'nul\0 cr\r tab\t', '✓ 😀 \u2028', 'half \ud83d'];
  const rows = <T extends object>(row: T) => nasty.map((value) => ({ labelValues: [value], ...row }));
  const labelNames = ['kind'];
  collector.apply(
    aBatch(
      aDelta('counter', { name: 'shop_sold', help: 'Items "sold" \\ or given\naway.', labelNames }, rows({ add: 0.1 })),
      aDelta('gauge', { name: 'shop_open', labelNames }, rows({ value: Number.NEGATIVE_INFINITY })),
      aDelta(
        'histogram',
        { name: 'phanos_time_profiler_seconds', unit: 'seconds', divisor: 1000, bounds: [1e-4, 0.1, 250, 1e24], labelNames },
        rows({ counts: [1, 0, 2, 0, 3], sum: 1e-5 }),
      ),
      aDelta('summary', { name: 'phanos_response_size_bytes', unit: 'bytes', labelNames }, rows({ count: 3, sum: Number.NaN })),
      aDelta('info', { name: 'shop_build', labelNames }, rows({ pairs: { version: '1.2"3' } })),
      aDelta('enum', { name: 'shop_state', states: ['open', 'clo"sed'], labelNames }, rows({ state: 'open' })),
      aDelta('counter', { name: 'shop_unused', labelNames }, []),
    ),
  );
  expect(collector.refused.total).toBe(0);
  return collector;
}

test('promtool finds nothing to say about all six kinds', async () => {
  expect(await promtoolCheckMetrics(full().text())).toEqual([]);
});

test("promtool finds nothing to say about the collector's own metrics", async () => {
  const collector = full();
  collector.apply(aBatch(aDelta('gauge', { name: 'shop_sold' }, [{ labelValues: [], value: 1 }])));
  expect(await promtoolCheckMetrics([...renderText(collector.ownFamilies)].join(''))).toEqual([]);
});
