import { isIndexRange, isScale } from './bucket-index.js';
import type { SketchBuckets, SketchView } from './sketch-view.js';

/** How many values this sketch holds, wherever it comes from; undefined if it is none, or holds what none can. */
export function checkedCount(sketch: unknown): number | undefined {
  if (typeof sketch !== 'object' || sketch === null) return undefined;
  const { scale, zeroThreshold, zeroCount, positive, negative } = sketch as Partial<SketchView>;
  if (!isScale(scale) || !isCount(zeroCount) || !Number.isFinite(zeroThreshold) || zeroThreshold! < 0) return undefined;
  const above = sideCount(positive, scale!);
  const below = sideCount(negative, scale!);
  return above === undefined || below === undefined ? undefined : zeroCount! + above + below;
}

function sideCount(side: unknown, scale: number): number | undefined {
  if (typeof side !== 'object' || side === null) return undefined;
  const { offset, counts, infinite = 0 } = side as Partial<SketchBuckets>;
  if (typeof counts !== 'object' || counts === null || !isCount(counts.length) || !isCount(infinite)) return undefined;
  if (counts.length > 0 && !isIndexRange(offset, counts.length, scale)) return undefined;
  let sum = infinite;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i];
    if (count === 0) continue;
    if (!isCount(count)) return undefined;
    sum += count!;
  }
  return sum;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
