import { COARSEST_SCALE, FINEST_SCALE, finestIndex, firstIndexAbove, shiftOf } from './bucket-index.js';
import { BucketRange } from './bucket-range.js';
import type { CountArena } from './count-arena.js';
import type { SketchBuckets, SketchView } from './sketch-view.js';

/** What all sketches of a metric share. */
export interface SketchShape {
  /** Where their counts lie. */
  readonly arena: CountArena;
  /** Buckets on each side of zero, from the first to the last, before all become twice as wide; at the coarsest scale it gives way to 133. */
  readonly maxBuckets: number;
  /** Values from `-zeroThreshold` to `zeroThreshold` count as zero. */
  readonly zeroThreshold: number;
  /** Scale to begin with. */
  readonly scale: number;
}

const NO_BUCKETS: SketchBuckets = { offset: 0, counts: [] };

/**
 * Counts values in exponential buckets, and merges with others of its kind without losing anything but resolution.
 *
 * Whatever order values come in, and however sketches are merged, the result is that of the widest range: the scale is the finest at which all of it
 * fits. Each value is known to within {@link relativeError} of the scale. With 160 buckets, values over 1.5 decades have scale 5 (1.1 %), over 3 decades
 * scale 4 (2.2 %), over 6 decades scale 3 (4.3 %), over 12 decades scale 2 (8.6 %).
 */
export class Sketch implements SketchView {
  readonly #shape: SketchShape;
  #scale: number;
  /** Where it is not that of the shape: most sketches need no number of their own for it. */
  #raisedThreshold: number | undefined;
  #positive: BucketRange | undefined;
  #negative: BucketRange | undefined;
  zeroCount = 0;

  constructor(shape: SketchShape) {
    this.#shape = shape;
    this.#scale = shape.scale;
  }

  get scale(): number {
    return this.#scale;
  }

  get zeroThreshold(): number {
    return this.#raisedThreshold ?? this.#shape.zeroThreshold;
  }

  get positive(): SketchBuckets {
    return this.#positive ?? NO_BUCKETS;
  }

  get negative(): SketchBuckets {
    return this.#negative ?? NO_BUCKETS;
  }

  get isEmpty(): boolean {
    return this.zeroCount === 0 && (this.#positive?.isEmpty ?? true) && (this.#negative?.isEmpty ?? true);
  }

  /** Counts a value, which is not NaN. */
  add(value: number): void {
    const threshold = this.zeroThreshold;
    if (value > threshold) {
      if (this.#positive?.hit(finestIndex(value) >> shiftOf(this.#scale)) !== true) this.addTimes(value, 1);
    } else if (value < -threshold) {
      if (this.#negative?.hit(finestIndex(-value) >> shiftOf(this.#scale)) !== true) this.addTimes(value, 1);
    } else this.zeroCount++;
  }

  /** As {@link add}, several times at once. */
  addTimes(value: number, times: number): void {
    const size = Math.abs(value);
    if (size <= this.zeroThreshold) {
      this.zeroCount += times;
      return;
    }
    const range = this.#side(value < 0);
    if (size === Number.POSITIVE_INFINITY) {
      range.infinite += times;
      return;
    }
    const index = finestIndex(size);
    let shift = shiftOf(this.#scale);
    while (this.#isTooWide(range.widthWith(index >> shift, index >> shift), shift)) shift = this.#coarsen(shift + 1);
    range.include(index >> shift, index >> shift);
    range.add(index >> shift, times);
  }

  /** Adds all that another one holds. */
  merge(other: SketchView): void {
    this.zeroCount += other.zeroCount;
    if (other.zeroThreshold > this.zeroThreshold) this.#raiseThreshold(other.zeroThreshold);
    if (other.scale < this.#scale) this.#coarsen(shiftOf(other.scale));
    this.#mergeSide(other.positive, other, false);
    this.#mergeSide(other.negative, other, true);
  }

  /** What it holds as plain numbers; then it is empty, and its memory goes to others. */
  take(): SketchView {
    const taken: SketchView = {
      scale: this.#scale,
      zeroThreshold: this.zeroThreshold,
      zeroCount: this.zeroCount,
      positive: plainBuckets(this.#positive),
      negative: plainBuckets(this.#negative),
    };
    const widest = Math.max(taken.positive.counts.length, taken.negative.counts.length);
    this.clear();
    // What comes next is probably like this. One step finer if that had been fine enough, so that a single value far off is forgotten in time.
    if (widest * 2 <= this.#shape.maxBuckets) this.#scale = Math.min(this.#scale + 1, this.#shape.scale);
    return taken;
  }

  /** Forgets everything but its scale, and gives its memory back. */
  clear(): void {
    this.zeroCount = 0;
    this.#positive?.clear();
    this.#negative?.clear();
  }

  /** The scale to begin with again; only while it is empty. */
  refine(): void {
    this.#scale = this.#shape.scale;
    this.#raisedThreshold = undefined;
  }

  #side(isNegative: boolean): BucketRange {
    if (isNegative) {
      this.#negative ??= new BucketRange(this.#shape.arena);
      return this.#negative;
    }
    this.#positive ??= new BucketRange(this.#shape.arena);
    return this.#positive;
  }

  #isTooWide(width: number, shift: number): boolean {
    return width > this.#shape.maxBuckets && shift < shiftOf(COARSEST_SCALE);
  }

  /** Makes all buckets wider, to those of this shift. */
  #coarsen(shift: number): number {
    const by = shift - shiftOf(this.#scale);
    this.#positive?.coarsen(by);
    this.#negative?.coarsen(by);
    this.#scale -= by;
    return shift;
  }

  #mergeSide({ offset, counts, infinite = 0 }: SketchBuckets, { scale }: SketchView, isNegative: boolean): void {
    let first = 0;
    let end = counts.length;
    while (first < end && counts[first] === 0) first++;
    while (end > first && counts[end - 1] === 0) end--;
    // What is too small here was large enough there.
    const inner = firstIndexAbove(this.zeroThreshold, scale) - offset;
    for (; first < end && first < inner; first++) this.zeroCount += counts[first]!;
    if (infinite > 0) this.#side(isNegative).infinite += infinite;
    if (first === end) return;
    const range = this.#side(isNegative);
    const [low, high] = [offset + first, offset + end - 1];
    let by = scale - this.#scale;
    let shift = shiftOf(this.#scale);
    while (this.#isTooWide(range.widthWith(low >> by, high >> by), shift)) {
      shift = this.#coarsen(shift + 1);
      by++;
    }
    range.include(low >> by, high >> by);
    for (let i = first; i < end; i++) {
      const count = counts[i]!;
      if (count !== 0) range.add((offset + i) >> by, count);
    }
  }

  #raiseThreshold(threshold: number): void {
    this.#raisedThreshold = threshold;
    const first = firstIndexAbove(threshold, this.#scale);
    this.zeroCount += (this.#positive?.removeBelow(first) ?? 0) + (this.#negative?.removeBelow(first) ?? 0);
  }
}

function plainBuckets(range: BucketRange | undefined): SketchBuckets {
  if (range === undefined || range.isEmpty) return NO_BUCKETS;
  const { offset, infinite } = range;
  const counts = Array.from(range.counts);
  return infinite === 0 ? { offset, counts } : { offset, counts, infinite };
}

/** Scale of new sketches in a program: 1.1 % at most for what spans less than 1.5 decades; finer ones would cost Prometheus more buckets. */
export const DEFAULT_SCALE = 5;
export const DEFAULT_MAX_BUCKETS = 160;
/** 2 ** -128, as in Prometheus's own client. */
export const DEFAULT_ZERO_THRESHOLD = 2 ** -128;
/** The finest scale there is: for sketches that take on the scale of what is merged into them. */
export const MERGED_SCALE = FINEST_SCALE;
