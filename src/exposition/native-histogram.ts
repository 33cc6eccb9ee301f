import type { SketchBuckets, SketchView } from '../sketch/sketch-view.js';

/** Exponential buckets in the form of Prometheus's native histograms: runs of buckets, and how far each count is from the one before. */

/** A run of buckets that follow each other. */
export interface BucketSpan {
  /** Buckets between this run and the one before; for the first one the index of its first bucket. */
  readonly offset: number;
  readonly length: number;
}

export interface NativeBuckets {
  readonly spans: readonly BucketSpan[];
  readonly deltas: readonly number[];
  /** Observations in all buckets. */
  readonly count: number;
}

/** Up to so many empty buckets are written as zeros: that takes no more bytes than another run. */
const GAP = 2;

/** One side of zero. Prometheus numbers a bucket by its upper bound, so that its index is one more than ours. */
export function nativeBuckets({ scale }: Pick<SketchView, 'scale'>, { offset, counts, infinite = 0 }: SketchBuckets): NativeBuckets {
  const spans: { offset: number; length: number }[] = [];
  const deltas: number[] = [];
  let count = 0;
  let previous = 0;
  /** Index behind the last bucket written. */
  let next = 0;
  const add = (index: number, value: number): void => {
    const span = spans.at(-1);
    const gap = index - next;
    if (span === undefined || gap > GAP) {
      spans.push({ offset: gap, length: 1 });
    } else {
      for (let i = 0; i < gap; i++) {
        deltas.push(-previous);
        previous = 0;
      }
      span.length += gap + 1;
    }
    deltas.push(value - previous);
    previous = value;
    next = index + 1;
    count += value;
  };
  for (let i = 0; i < counts.length; i++) if (counts[i]! > 0) add(offset + i + 1, counts[i]!);
  // Above the bucket that ends with the largest double.
  if (infinite > 0) add(1024 * 2 ** scale + 1, infinite);
  return { spans, deltas, count };
}
