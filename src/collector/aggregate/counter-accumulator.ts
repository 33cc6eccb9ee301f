import type { CounterDelta } from '../../record/batch.js';
import type { Accumulator, Intake } from './accumulator.js';
import type { BucketLayout } from './bucket-targets.js';
import { scaleBetween } from './scale.js';

/** Counters add up. */
export function counterAccumulator({ divisor }: BucketLayout): Accumulator<'counter'> {
  return {
    stride: 1,
    intake(schema): Intake<'counter'> {
      const scaled = scaleBetween(schema.divisor, divisor);
      return {
        refusal: ({ add }: CounterDelta) => (Number.isFinite(add) && add >= 0 ? undefined : 'value_invalid'),
        apply(row, { cells, offset }) {
          cells[offset]! += scaled(row.add);
        },
      };
    },
  };
}
