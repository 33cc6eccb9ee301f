import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketTargets } from '../../src/collector/aggregate/bucket-targets.js';
import { Collector } from '../../src/collector/collector.js';
import { parseText } from '../exposition/parse-text.js';
import { aBatch, aDelta } from './a-batch.js';

const layout = (...bounds: number[]) => ({ bounds, divisor: 1 });

test('each bucket goes to the lowest bound that holds it', () => {
  expect(bucketTargets(layout(1, 5, 10), layout(0.5, 1, 2, 10, 20))).toEqual([0, 0, 1, 2, 3, 3]);
  expect(bucketTargets(layout(1, 5), layout())).toEqual([2]);
  expect(bucketTargets(layout(), layout(1, 2))).toEqual([0, 0, 0]);
  expect(bucketTargets(layout(1, 5, 10), layout(1, 5))).toEqual([0, 1, 3]);
});

test('nothing has to move between equal bounds, in whatever unit', () => {
  expect(bucketTargets(layout(1, 5), layout(1, 5))).toBeUndefined();
  expect(bucketTargets({ bounds: [1.1, 30], divisor: 1000 }, layout(0.0011, 0.03))).toBeUndefined();
});

test('rows with other bounds are applied, counted, and leave the bounds of the family alone', () => {
  const collector = new Collector();
  const delta = (bounds: number[], counts: number[]) => aDelta('histogram', { name: 'h', bounds }, [{ labelValues: [], counts, sum: 1 }]);
  collector.apply(aBatch(delta([1, 10], [1, 1, 1])));
  collector.apply(aBatch(delta([2, 10, 100], [1, 2, 4, 8])));
  expect(collector.text()).toBe(
    '# HELP h Help.\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="10"} 5\nh_bucket{le="+Inf"} 18\nh_sum 2\nh_count 18\n',
  );
  expect([...collector.adjusted.entries()]).toEqual([['h', 'bounds_differ', 1]]);
  expect(collector.refused.total).toBe(0);
});

test('no observation is lost or counted below where it may be, whatever the bounds', () => {
  const ascending = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 8 }).map((bounds) => bounds.sort((a, b) => a - b));
  const observed = fc.array(fc.integer({ min: -60, max: 60 }), { maxLength: 20 });
  fc.assert(
    fc.property(ascending, ascending, observed, (registered, incoming, values) => {
      const counts = [...incoming, Number.POSITIVE_INFINITY].map(
        (upper, i) => values.filter((value) => value <= upper && (i === 0 || value > incoming[i - 1]!)).length,
      );
      const collector = new Collector();
      collector.apply(aBatch(aDelta('histogram', { name: 'h', bounds: registered }, [])));
      collector.apply(aBatch(aDelta('histogram', { name: 'h', bounds: incoming }, [{ labelValues: [], counts, sum: 0 }])));
      const buckets = parseText(collector.text())[0]!.samples.filter(({ name }) => name === 'h_bucket');
      expect(buckets.length).toBe(registered.length + 1);
      expect(buckets.at(-1)!.value).toBe(values.length);
      for (const [i, bound] of registered.entries()) {
        expect(buckets[i]!.value).toBeLessThanOrEqual(values.filter((value) => value <= bound).length);
      }
    }),
    { numRuns: 200 },
  );
});
