import type { Cells, CellWidth, CountArena } from './count-arena.js';
import type { SketchBuckets } from './sketch-view.js';

/** Cells of the first block, and of the one after it. Few sizes, since each leaves a block behind for others when it is outgrown. */
const CAPACITIES = [32, 160] as const;
const NO_CELLS: Cells = new Uint16Array(0);

const LARGEST: Readonly<Record<CellWidth, number>> = { 2: 0xffff, 4: 0xffff_ffff, 8: Number.MAX_VALUE };

/** The buckets on one side of zero: a contiguous range that grows at either end, in cells that widen when a count outgrows them. */
export class BucketRange implements SketchBuckets {
  readonly #arena: CountArena;
  /** Indexes of the lowest and the highest bucket with a count; the lowest is above the highest while there is none. */
  #low = 0;
  #high = -1;
  #cells: Cells = NO_CELLS;
  /** Index of a bucket plus this is its cell. */
  #base = 0;
  #block = -1;
  #capacity = 0;
  /** The largest count that the cells hold. */
  #largest = LARGEST[2];
  infinite = 0;

  constructor(arena: CountArena) {
    this.#arena = arena;
  }

  get isEmpty(): boolean {
    return this.#high < this.#low && this.infinite === 0;
  }

  get offset(): number {
    return this.#low;
  }

  /** Valid until the next change. */
  get counts(): Cells {
    return this.#cells.subarray(this.#base + this.#low, this.#base + this.#high + 1);
  }

  /** Buckets from the first to the last one. */
  get width(): number {
    return this.#high - this.#low + 1;
  }

  /** Counts one value; false if the bucket is not within the range. */
  hit(index: number): boolean {
    if (index < this.#low || index > this.#high) return false;
    this.add(index, 1);
    return true;
  }

  /** Adds to a bucket within the range. */
  add(index: number, count: number): void {
    const at = this.#base + index;
    const sum = this.#cells[at]! + count;
    if (sum > this.#largest) {
      this.#resize(this.#low, this.#high, widthOf(sum));
      this.#cells[this.#base + index] = sum;
    } else this.#cells[at] = sum;
  }

  /** Buckets that the range would have with these in it. */
  widthWith(low: number, high: number): number {
    return this.#high < this.#low ? high - low + 1 : Math.max(this.#high, high) - Math.min(this.#low, low) + 1;
  }

  /** Makes these buckets part of the range. */
  include(low: number, high: number): void {
    const isNew = this.#high < this.#low;
    const newLow = isNew ? low : Math.min(this.#low, low);
    const newHigh = isNew ? high : Math.max(this.#high, high);
    if (!this.#hasRoom(newLow, newHigh)) this.#resize(newLow, newHigh, this.#cellWidth);
    this.#low = newLow;
    this.#high = newHigh;
  }

  /** Buckets that the range would have if they were `2 ** shift` times as wide. */
  coarseWidth(shift: number): number {
    return this.#high < this.#low ? 0 : (this.#high >> shift) - (this.#low >> shift) + 1;
  }

  /** Makes buckets `2 ** shift` times as wide. */
  coarsen(shift: number): void {
    if (this.#high < this.#low) return;
    const counts = Float64Array.from(this.counts);
    const [low, high] = [this.#low, this.#high];
    this.#cells.fill(0, this.#base + low, this.#base + high + 1);
    // Where the lowest bucket was is room enough for all of them.
    this.#base += low - (low >> shift);
    this.#low = low >> shift;
    this.#high = high >> shift;
    for (let i = 0; i < counts.length; i++) this.add((low + i) >> shift, counts[i]!);
  }

  /** Takes out all buckets below this index, and returns what they held. */
  removeBelow(index: number): number {
    let removed = 0;
    for (; this.#low <= this.#high && this.#low < index; this.#low++) {
      removed += this.#cells[this.#base + this.#low]!;
      this.#cells[this.#base + this.#low] = 0;
    }
    while (this.#low <= this.#high && this.#cells[this.#base + this.#low] === 0) this.#low++;
    if (this.#low > this.#high) this.#free();
    return removed;
  }

  /** Back to the beginning; what it lay in goes to others. */
  clear(): void {
    this.infinite = 0;
    this.#free();
  }

  #free(): void {
    if (this.#block !== -1) this.#arena.release(this.#block, this.#capacity, this.#cellWidth);
    this.#block = -1;
    this.#cells = NO_CELLS;
    this.#largest = LARGEST[2];
    this.#capacity = 0;
    this.#base = 0;
    this.#low = 0;
    this.#high = -1;
  }

  get #cellWidth(): CellWidth {
    return this.#cells.BYTES_PER_ELEMENT as CellWidth;
  }

  #hasRoom(low: number, high: number): boolean {
    if (this.#block === -1) return false;
    const first = this.#arena.start(this.#block, this.#cellWidth) - this.#base;
    return low >= first && high < first + this.#capacity;
  }

  /** Moves to a block that has room for these buckets in the middle, in cells of this width. */
  #resize(low: number, high: number, width: CellWidth): void {
    const needed = high - low + 1;
    const capacity = Math.max(this.#capacity, CAPACITIES.find((size) => size >= needed) ?? Math.ceil(needed / 64) * 64);
    const [arena, old, oldBlock, oldBase, oldCapacity] = [this.#arena, this.#cells, this.#block, this.#base, this.#capacity];
    const oldWidth = this.#cellWidth;
    const block = arena.allocate(capacity, width);
    const cells = arena.cells(block, width);
    const base = arena.start(block, width) - low + ((capacity - needed) >> 1);
    for (let i = this.#low; i <= this.#high; i++) cells[base + i] = old[oldBase + i]!;
    if (oldBlock !== -1) arena.release(oldBlock, oldCapacity, oldWidth);
    this.#cells = cells;
    this.#largest = LARGEST[width];
    this.#block = block;
    this.#base = base;
    this.#capacity = capacity;
  }
}

function widthOf(count: number): CellWidth {
  return count <= LARGEST[2] ? 2 : count <= LARGEST[4] ? 4 : 8;
}
