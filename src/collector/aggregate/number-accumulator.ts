import type { CounterDelta, FamilySchema, GaugeState } from '../../record/batch.js';
import { type Accumulator, type Intake, scaleOf } from './accumulator.js';

/** Counters add up. */
export function counterAccumulator(family: FamilySchema): Accumulator<'counter'> {
  return {
    stride: 1,
    additive: true,
    bounds: [],
    states: [],
    intake(schema): Intake<'counter'> {
      const scaled = scaleOf(schema, family.divisor);
      return {
        refusal: ({ add }: CounterDelta) => (Number.isFinite(add) && add >= 0 ? undefined : 'value_invalid'),
        apply(row, series) {
          series.cells[series.offset]! += scaled(row.add);
        },
      };
    },
  };
}

/** Gauges show the value that came last. */
export function gaugeAccumulator(family: FamilySchema): Accumulator<'gauge'> {
  return {
    stride: 1,
    additive: false,
    bounds: [],
    states: [],
    intake(schema): Intake<'gauge'> {
      const scaled = scaleOf(schema, family.divisor);
      return {
        refusal: ({ value }: GaugeState) => (typeof value === 'number' ? undefined : 'value_invalid'),
        apply(row, series) {
          series.cells[series.offset] = scaled(row.value);
        },
      };
    },
  };
}
