import type { FamilySchema, SummaryDelta } from '../../record/batch.js';
import { type Accumulator, type Intake, isCount, scaleOf } from './accumulator.js';

/** Counts and sums add up. */
export function summaryAccumulator(family: FamilySchema): Accumulator<'summary'> {
  return {
    stride: 2,
    additive: true,
    bounds: [],
    states: [],
    intake(schema): Intake<'summary'> {
      const scaled = scaleOf(schema, family.divisor);
      return {
        refusal: ({ count, sum }: SummaryDelta) => (isCount(count) && typeof sum === 'number' ? undefined : 'value_invalid'),
        apply(row, { cells, offset }) {
          cells[offset]! += row.count;
          cells[offset + 1]! += scaled(row.sum);
        },
      };
    },
  };
}
