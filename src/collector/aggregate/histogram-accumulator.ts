import type { FamilySchema, HistogramDelta } from '../../record/batch.js';
import { type Accumulator, type Intake, isCount, scaleOf } from './accumulator.js';
import { bucketTargets } from './bucket-targets.js';

/** Bucket counts and sums add up; the bounds are those that the family was registered with. */
export function histogramAccumulator(family: FamilySchema): Accumulator<'histogram'> {
  const bounds = [...family.bounds];
  const buckets = bounds.length + 1;
  return {
    stride: buckets + 1,
    additive: true,
    bounds,
    states: [],
    intake(schema): Intake<'histogram'> {
      const incoming = schema.bounds.length + 1;
      const scaled = scaleOf(schema, family.divisor);
      const targets = bucketTargets({ bounds, divisor: family.divisor }, schema);
      return {
        rebuckets: targets !== undefined,
        refusal: (row) => (isWhole(row, incoming) ? undefined : 'value_invalid'),
        apply(row, { cells, offset }) {
          for (let i = 0; i < incoming; i++) cells[offset + (targets === undefined ? i : targets[i]!)]! += row.counts[i]!;
          cells[offset + buckets]! += scaled(row.sum);
        },
      };
    },
  };
}

/** A NaN sum is taken: it is what observations of both infinities add up to. */
function isWhole({ counts, sum }: HistogramDelta, buckets: number): boolean {
  if (typeof sum !== 'number' || typeof counts !== 'object' || counts === null || counts.length !== buckets) return false;
  for (let i = 0; i < buckets; i++) if (!isCount(counts[i])) return false;
  return true;
}
