import type { HistogramDelta } from '../../record/batch.js';
import { checkedCount } from '../../sketch/sketch-check.js';
import { type Accumulator, type Intake, isCount } from './accumulator.js';
import { type BucketLayout, bucketTargets } from './bucket-targets.js';
import { scaleBetween } from './scale.js';

/** Bucket counts and sums add up; what was counted in other bounds is put into these. */
export function histogramAccumulator(layout: BucketLayout): Accumulator<'histogram'> {
  const buckets = layout.bounds.length + 1;
  return {
    stride: buckets + 1,
    intake(schema): Intake<'histogram'> {
      const incoming = schema.bounds.length + 1;
      const scaled = scaleBetween(schema.divisor, layout.divisor);
      const targets = bucketTargets(layout, schema);
      return {
        rebuckets: targets !== undefined,
        refusal: (row) => (isWhole(row, incoming) && sketchFits(row) ? undefined : 'value_invalid'),
        apply({ counts, sum }, { cells, offset }) {
          if (targets === undefined) for (let i = 0; i < incoming; i++) cells[offset + i]! += counts[i]!;
          else for (let i = 0; i < incoming; i++) cells[offset + targets[i]!]! += counts[i]!;
          cells[offset + buckets]! += scaled(sum);
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

/** Prometheus takes no native histogram whose buckets hold another number of observations than it has. */
function sketchFits({ counts, sketch }: HistogramDelta): boolean {
  if (sketch === undefined) return true;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return checkedCount(sketch) === sum;
}
