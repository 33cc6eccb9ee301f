import { lowerBound } from './bucket-index.js';
import type { SketchBuckets, SketchView } from './sketch-view.js';

/** Half the width of a bucket, relative to its middle: how far an estimate may be from the value it stands for. */
export function relativeError(scale: number): number {
  const base = 2 ** (2 ** -scale);
  return (base - 1) / (base + 1);
}

/** How many values a sketch holds. */
export function countOf({ zeroCount, positive, negative }: SketchView): number {
  return zeroCount + sumOf(positive) + sumOf(negative);
}

/**
 * The smallest value that is not below this share of all values, to within {@link relativeError} of the scale, or within the zero threshold of 0.
 * NaN if there are none.
 *
 * @param q from 0 to 1
 */
export function quantileOf(sketch: SketchView, q: number, count = countOf(sketch)): number {
  if (count === 0) return Number.NaN;
  // A product that should be whole may come out a trifle above.
  let rank = Math.min(count, Math.max(1, Math.ceil(q * count - 1e-9)));
  const { scale, zeroCount, positive, negative } = sketch;
  rank -= negative.infinite ?? 0;
  if (rank <= 0) return Number.NEGATIVE_INFINITY;
  for (let i = negative.counts.length - 1; i >= 0; i--) {
    rank -= negative.counts[i]!;
    if (rank <= 0) return -middle(negative.offset + i, scale);
  }
  rank -= zeroCount;
  if (rank <= 0) return 0;
  for (let i = 0; i < positive.counts.length; i++) {
    rank -= positive.counts[i]!;
    if (rank <= 0) return middle(positive.offset + i, scale);
  }
  return Number.POSITIVE_INFINITY;
}

function sumOf({ counts, infinite = 0 }: SketchBuckets): number {
  let sum = infinite;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}

/** The value that is equally far from both bounds of a bucket, relative to them. */
function middle(index: number, scale: number): number {
  const base = 2 ** (2 ** -scale);
  return lowerBound(index, scale) * ((2 * base) / (1 + base));
}
