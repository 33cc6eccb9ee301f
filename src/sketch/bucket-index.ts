/**
 * Which exponential bucket a value falls into, and where buckets end.
 *
 * All is reckoned at the finest scale; the index at a coarser one is the same with as many bits less, since each of its buckets is two of the next finer.
 */

/** 256 buckets between a number and its double. */
export const FINEST_SCALE = 8;
/** A bucket goes from a number to 65 536 times that number; 133 of them hold all doubles. */
export const COARSEST_SCALE = -4;

const PER_DOUBLING = 2 ** FINEST_SCALE;
/** `2 ** (i / 256)`: bucket `i` of a doubling goes from one to the next. */
const BOUNDS = Float64Array.from({ length: PER_DOUBLING + 1 }, (_, i) => 2 ** (i / PER_DOUBLING));

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;

const BIAS = 1023;
const FRACTION = 0xfffff;
/** Brings the least of all doubles into the range of normal ones. */
const LIFT = 54;
/** Fractions with the same first 11 bits are in one of two buckets. */
const SAME_BITS = 9;

/** The bucket that the least fraction with these first bits is in, or ends. */
const FIRST_BUCKET = Uint8Array.from({ length: 2 ** (20 - SAME_BITS) }, (_, bits) => {
  const least = 1 + bits / 2 ** (20 - SAME_BITS);
  return Math.max(0, BOUNDS.findIndex((bound) => bound >= least) - 1);
});
/** Upper bounds of the buckets as the two words of a fraction. The last one, 2, is above all fractions. */
const UPPER_HIGH = Uint32Array.from(BOUNDS.subarray(1), (bound) => (bound === 2 ? FRACTION + 1 : wordsOf(bound).high));
const UPPER_LOW = Uint32Array.from(BOUNDS.subarray(1), (bound) => wordsOf(bound).low);

function wordsOf(value: number): { readonly high: number; readonly low: number } {
  double[0] = value;
  return { high: words[HIGH]! & FRACTION, low: words[LOW]! };
}

/**
 * Index at the finest scale of a value above 0; that of infinity is above those of all others. Reads the bits and a table in a few nanoseconds, where a
 * logarithm would still have to be put right at powers of two.
 */
export function finestIndex(value: number): number {
  double[0] = value;
  let high = words[HIGH]!;
  let exponent = high >>> 20;
  if (exponent === 0) {
    double[0] = value * 2 ** LIFT;
    high = words[HIGH]!;
    exponent = (high >>> 20) - LIFT;
  }
  const low = words[LOW]!;
  const fraction = high & FRACTION;
  const doubling = (exponent - BIAS) * PER_DOUBLING;
  // The upper bound belongs to a bucket, so a power of two ends the doubling before it.
  if ((fraction | low) === 0) return exponent > 2 * BIAS ? doubling : doubling - 1;
  const bucket = FIRST_BUCKET[fraction >>> SAME_BITS]!;
  const upper = UPPER_HIGH[bucket]!;
  return doubling + (fraction > upper || (fraction === upper && low > UPPER_LOW[bucket]!) ? bucket + 1 : bucket);
}

const LEAST_INDEX = finestIndex(Number.MIN_VALUE);
const MOST_INDEX = finestIndex(Number.MAX_VALUE);

/** Bits between an index at the finest scale and one at this scale. */
export function shiftOf(scale: number): number {
  return FINEST_SCALE - scale;
}

/** Where bucket `index` begins: its values are greater. Infinite beyond the largest double. */
export function lowerBound(index: number, scale: number): number {
  const finest = index * 2 ** shiftOf(scale);
  const doubling = Math.floor(finest / PER_DOUBLING);
  const bound = BOUNDS[finest - doubling * PER_DOUBLING]!;
  // The power alone would round to 0 or overflow where the product does not.
  return doubling < -1000 ? bound * 2 ** (doubling + 100) * 2 ** -100 : bound * 2 ** doubling;
}

/** The first bucket at this scale that holds anything but values up to `threshold`. */
export function firstIndexAbove(threshold: number, scale: number): number {
  if (threshold === 0) return Number.NEGATIVE_INFINITY;
  const index = finestIndex(threshold) >> shiftOf(scale);
  return lowerBound(index + 1, scale) === threshold ? index + 1 : index;
}

/** Whether there is such a scale. */
export function isScale(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= COARSEST_SCALE && (value as number) <= FINEST_SCALE;
}

/** Whether doubles have so many buckets from this one on. */
export function isIndexRange(offset: unknown, buckets: number, scale: number): boolean {
  const least = LEAST_INDEX >> shiftOf(scale);
  const most = MOST_INDEX >> shiftOf(scale);
  return Number.isInteger(offset) && (offset as number) >= least && (offset as number) + buckets - 1 <= most;
}
