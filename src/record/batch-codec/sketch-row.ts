import { isIndexRange, isScale } from '../../sketch/bucket-index.js';
import type { SketchBuckets, SketchView } from '../../sketch/sketch-view.js';
import type { FamilySchema, RowOfKind } from '../batch.js';
import type { MetricKind } from '../recorded.js';
import type { ByteWriter } from './byte-writer.js';

/**
 * Sketches at the end of rows: scale, count of zeros, then for each side of zero how many buckets it has and, if any, the index of the first one and their
 * counts, where -n stands for n empty ones; at the end the two counts of infinities, if there are any.
 */

const COMMA = 0x2c;
const NONE: SketchBuckets = { offset: 0, counts: [] };
/** What a sketch takes beside its counts. */
const SKETCH_CELLS = 32;
const EMPTY: SketchView = { scale: 0, zeroThreshold: 0, zeroCount: 0, positive: NONE, negative: NONE };

/** Numbers that the sketch of a row holds in memory. */
export function sketchCells(row: RowOfKind[MetricKind]): number {
  const { positive, negative } = sketchOf(row);
  return positive.counts.length + negative.counts.length + SKETCH_CELLS;
}

export function writeSketch(bytes: ByteWriter, row: RowOfKind[MetricKind]): void {
  const { scale, zeroCount, positive, negative } = sketchOf(row);
  writeNumber(bytes, scale);
  writeNumber(bytes, zeroCount);
  writeSide(bytes, positive);
  writeSide(bytes, negative);
  const [above, below] = [positive.infinite ?? 0, negative.infinite ?? 0];
  if (above === 0 && below === 0) return;
  writeNumber(bytes, above);
  writeNumber(bytes, below);
}

function sketchOf(row: RowOfKind[MetricKind]): SketchView {
  return (row as RowOfKind['histogram']).sketch ?? EMPTY;
}

function writeSide(bytes: ByteWriter, { offset, counts }: SketchBuckets): void {
  writeNumber(bytes, counts.length);
  if (counts.length === 0) return;
  writeNumber(bytes, offset);
  writeRuns(bytes, counts);
}

/** Most series fill few of their buckets: a negative number stands for as many empty ones. Returns the sum of the counts. */
export function writeRuns(bytes: ByteWriter, counts: ArrayLike<number>): number {
  let empty = 0;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    if (count === 0) empty++;
    else {
      if (empty > 0) writeNumber(bytes, empty === 1 ? 0 : -empty);
      empty = 0;
      // A negative count would read as empty buckets.
      writeNumber(bytes, count > 0 ? count : Number.NaN);
      sum += count;
    }
  }
  if (empty > 0) writeNumber(bytes, empty === 1 ? 0 : -empty);
  return sum;
}

function writeNumber(bytes: ByteWriter, value: number): void {
  bytes.number(value);
  bytes.byte(COMMA);
}

/** Reads the sketches of one family's rows. */
export class SketchReader {
  /** Position behind what was read last. */
  #end = 0;
  readonly #zeroThreshold: number;
  readonly #empty: readonly number[];

  /** @param most buckets on each side of zero */
  constructor({ sketch }: FamilySchema, most: number) {
    this.#zeroThreshold = sketch?.zeroThreshold ?? 0;
    // Copying a part of an array is quicker than growing one.
    this.#empty = Array.from({ length: most }, () => 0);
  }

  /** The sketch that the numbers from `start` to `length` are; undefined if they are none. */
  read(numbers: Float64Array, start: number, length: number): SketchView | undefined {
    if (length < start + 4) return undefined;
    const scale = numbers[start]!;
    const zeroCount = numbers[start + 1]!;
    if (!isScale(scale) || !isCount(zeroCount)) return undefined;
    const positive = this.#side(numbers, start + 2, length, scale);
    const negative = positive && this.#side(numbers, this.#end, length, scale);
    if (positive === undefined || negative === undefined) return undefined;
    const end = this.#end;
    const zeroThreshold = this.#zeroThreshold;
    if (end === length) return { scale, zeroThreshold, zeroCount, positive, negative };
    const above = numbers[end]!;
    const below = numbers[end + 1]!;
    if (length !== end + 2 || !isCount(above) || !isCount(below)) return undefined;
    return { scale, zeroThreshold, zeroCount, positive: withInfinite(positive, above), negative: withInfinite(negative, below) };
  }

  #side(numbers: Float64Array, start: number, length: number, scale: number): SketchBuckets | undefined {
    if (start >= length) return undefined;
    const buckets = numbers[start]!;
    this.#end = start + 1;
    if (buckets === 0) return NONE;
    const offset = numbers[start + 1]!;
    if (!isCount(buckets) || buckets > this.#empty.length || start + 2 > length) return undefined;
    if (!isIndexRange(offset, buckets, scale)) return undefined;
    const counts = this.#empty.slice(0, buckets);
    const end = readRuns(numbers, start + 2, length, counts);
    this.#end = end;
    return end === -1 ? undefined : { offset, counts };
  }
}

/** Written out: a spread object takes three times the memory. */
function withInfinite({ offset, counts }: SketchBuckets, infinite: number): SketchBuckets {
  return { offset, counts, infinite };
}

/** Fills counts, which are 0, until all have come. Returns the position behind the last number that was needed, -1 if they do not fit. */
export function readRuns(numbers: Float64Array, start: number, length: number, counts: number[]): number {
  const buckets = counts.length;
  let bucket = 0;
  let at = start;
  for (; at < length && bucket < buckets; at++) {
    const count = numbers[at]!;
    const small = count | 0;
    if (small === count && small < 0) bucket -= small;
    else if (isCount(count)) counts[bucket++] = small === count ? small : count;
    else return -1;
  }
  return bucket === buckets ? at : -1;
}

export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
