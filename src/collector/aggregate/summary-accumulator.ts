import type { SummaryDelta } from '../../record/batch.js';
import { checkedCount } from '../../sketch/sketch-check.js';
import { type Accumulator, type Intake, isCount } from './accumulator.js';
import type { BucketLayout } from './bucket-targets.js';
import { scaleBetween } from './scale.js';

/** Counts and sums add up. */
export function summaryAccumulator({ divisor }: BucketLayout): Accumulator<'summary'> {
  return {
    stride: 2,
    intake(schema): Intake<'summary'> {
      const scaled = scaleBetween(schema.divisor, divisor);
      return {
        refusal: (row) => (isWhole(row) ? undefined : 'value_invalid'),
        apply(row, { cells, offset }) {
          cells[offset]! += row.count;
          cells[offset + 1]! += scaled(row.sum);
        },
      };
    },
  };
}

function isWhole({ count, sum, sketch }: SummaryDelta): boolean {
  return isCount(count) && typeof sum === 'number' && (sketch === undefined || checkedCount(sketch) === count);
}
