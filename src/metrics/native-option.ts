import { checkKnownKeys, expectWhole, invalidOption } from '../diagnostics/options.js';
import type { SketchSchema } from '../record/batch.js';
import { CountArena } from '../sketch/count-arena.js';
import { DEFAULT_MAX_BUCKETS, DEFAULT_SCALE, DEFAULT_ZERO_THRESHOLD, type SketchShape } from '../sketch/sketch.js';

/** How a histogram counts in exponential buckets, beside its classic ones. */
export interface NativeOptions {
  /**
   * Buckets on each side of zero, from the first to the last, before all become twice as wide: what is known of each value becomes coarser with the range
   * of values, from 1.1 % for 1.5 decades to 4.3 % for 6 with 160 buckets.
   * @default 160
   */
  readonly maxBuckets?: number;
  /**
   * Values from `-zeroThreshold` to `zeroThreshold`, in exposed units, count as zero.
   * @default 2 ** -128
   */
  readonly zeroThreshold?: number;
}

/** More would only cost memory: a doubling of values has 32 buckets at most. */
const MOST_BUCKETS = 1000;
const LEAST_BUCKETS = 8;

export const DEFAULT_SKETCH: SketchSchema = { maxBuckets: DEFAULT_MAX_BUCKETS, zeroThreshold: DEFAULT_ZERO_THRESHOLD };

/** What the option `native` asks for; undefined for nothing. Throws a TypeError or RangeError that names what is wrong. */
export function checkedNative(where: string, native: boolean | NativeOptions | undefined): SketchSchema | undefined {
  if (native === undefined || native === false) return undefined;
  if (native === true) return DEFAULT_SKETCH;
  checkKnownKeys(`${where}: native`, native, ['maxBuckets', 'zeroThreshold']);
  const { maxBuckets = DEFAULT_MAX_BUCKETS, zeroThreshold = DEFAULT_ZERO_THRESHOLD } = native;
  expectWhole(where, 'native.maxBuckets', maxBuckets, LEAST_BUCKETS);
  if (maxBuckets > MOST_BUCKETS) throw invalidOption(where, 'native.maxBuckets', `${MOST_BUCKETS} at most`, maxBuckets);
  const isThreshold = typeof zeroThreshold === 'number' && zeroThreshold >= 0 && zeroThreshold < Number.POSITIVE_INFINITY;
  if (!isThreshold) throw invalidOption(where, 'native.zeroThreshold', 'a finite number of 0 or more', zeroThreshold);
  return { maxBuckets, zeroThreshold };
}

/** What the sketches of a metric share. */
export function sketchShape(schema: SketchSchema | undefined): SketchShape | undefined {
  return schema && { arena: new CountArena(), scale: DEFAULT_SCALE, maxBuckets: schema.maxBuckets, zeroThreshold: schema.zeroThreshold };
}
