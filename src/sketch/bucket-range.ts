import type { CountArena } from './count-arena.js';
import type { SketchBuckets } from './sketch-view.js';

/** Buckets that the first block has room for, and the one after it. Few sizes, since each leaves a block behind for others when it is outgrown. */
const CAPACITIES = [32, 160] as const;
const NO_BYTES: Uint8Array = new Uint8Array(0);
const BYTE = 256;

/**
 * The buckets on one side of zero: a contiguous range that grows at either end.
 *
 * A count is kept byte by byte in as many blocks as the largest of them needs: most series never count 256 values in one bucket, and need a byte for each.
 */
export class BucketRange implements SketchBuckets {
  readonly #arena: CountArena;
  /** Indexes of the lowest and the highest bucket with a count; the lowest is above the highest while there is none. */
  #low = 0;
  #high = -1;
  /** Where the lowest bytes of all counts are. */
  #bytes = NO_BYTES;
  /** Index of a bucket plus this is its place among them. */
  #base = 0;
  #block = -1;
  /** Blocks of the higher bytes, laid out as the first one. */
  #carries: number[] | undefined;
  #capacity = 0;
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

  /** A copy if a count is larger than a byte; else valid until the next change. */
  get counts(): ArrayLike<number> {
    const from = this.#base + this.#low;
    const lowest = this.#bytes.subarray(from, this.#base + this.#high + 1);
    if (this.#carries === undefined) return lowest;
    const counts = Float64Array.from(lowest);
    let worth = 1;
    for (const block of this.#carries) {
      worth *= BYTE;
      const bytes = this.#arena.bytes(block);
      const start = this.#placeIn(block) + this.#low;
      for (let i = 0; i < counts.length; i++) counts[i]! += bytes[start + i]! * worth;
    }
    return counts;
  }

  /** Counts one value; false if the bucket is not within the range. */
  hit(index: number): boolean {
    if (index < this.#low || index > this.#high) return false;
    const at = this.#base + index;
    const count = this.#bytes[at]! + 1;
    this.#bytes[at] = count;
    if (count === BYTE) this.#carry(index, 1);
    return true;
  }

  /** Adds to a bucket within the range. */
  add(index: number, count: number): void {
    const at = this.#base + index;
    const sum = this.#bytes[at]! + count;
    this.#bytes[at] = sum % BYTE;
    if (sum >= BYTE) this.#carry(index, Math.floor(sum / BYTE));
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
    if (!this.#hasRoom(newLow, newHigh)) this.#move(newLow, newHigh);
    this.#low = newLow;
    this.#high = newHigh;
  }

  /** Makes buckets `2 ** shift` times as wide. */
  coarsen(shift: number): void {
    if (this.#high < this.#low) return;
    const counts = Array.from(this.counts);
    const low = this.#low;
    const high = this.#high;
    for (const block of [this.#block, ...(this.#carries ?? [])]) {
      const start = this.#placeIn(block);
      this.#arena.bytes(block).fill(0, start + low, start + high + 1);
    }
    // Where the lowest bucket was is room enough for all of them.
    this.#base += low - (low >> shift);
    this.#low = low >> shift;
    this.#high = high >> shift;
    for (let i = 0; i < counts.length; i++) this.add((low + i) >> shift, counts[i]!);
  }

  /** Takes out all buckets below this index, and returns what they held. */
  removeBelow(index: number): number {
    const counts = this.counts;
    const low = this.#low;
    const kept: (readonly [index: number, count: number])[] = [];
    let removed = 0;
    for (let i = 0; i < counts.length; i++) {
      if (low + i < index) removed += counts[i]!;
      else if (counts[i] !== 0) kept.push([low + i, counts[i]!]);
    }
    this.#free();
    for (const [at, count] of kept) {
      this.include(at, at);
      this.add(at, count);
    }
    return removed;
  }

  /** Back to the beginning; what it lay in goes to others. */
  clear(): void {
    this.infinite = 0;
    this.#free();
  }

  #free(): void {
    if (this.#block !== -1) this.#release(this.#capacity, this.#block, this.#carries);
    this.#block = -1;
    this.#carries = undefined;
    this.#bytes = NO_BYTES;
    this.#capacity = 0;
    this.#base = 0;
    this.#low = 0;
    this.#high = -1;
  }

  #release(capacity: number, ...blocks: readonly (number | readonly number[] | undefined)[]): void {
    for (const block of blocks.flat()) if (block !== undefined) this.#arena.release(block, capacity);
  }

  /** Adds to the higher bytes of a count. */
  #carry(index: number, count: number): void {
    this.#carries ??= [];
    let rest = count;
    for (let i = 0; rest > 0; i++) {
      const block: number = this.#carries[i] ?? this.#arena.allocate(this.#capacity);
      this.#carries[i] = block;
      const bytes = this.#arena.bytes(block);
      const at = this.#placeIn(block) + index;
      const sum = bytes[at]! + rest;
      bytes[at] = sum % BYTE;
      rest = Math.floor(sum / BYTE);
    }
  }

  /** Index of a bucket plus this is its place among the bytes of a block. */
  #placeIn(block: number): number {
    return this.#base + this.#arena.start(block) - this.#arena.start(this.#block);
  }

  #hasRoom(low: number, high: number): boolean {
    if (this.#block === -1) return false;
    const first = this.#arena.start(this.#block) - this.#base;
    return low >= first && high < first + this.#capacity;
  }

  /** Moves to blocks that have room for these buckets in the middle. */
  #move(low: number, high: number): void {
    const needed = high - low + 1;
    const capacity = Math.max(this.#capacity, CAPACITIES.find((size) => size >= needed) ?? Math.ceil(needed / 64) * 64);
    const arena = this.#arena;
    const old = { capacity: this.#capacity, blocks: this.#block === -1 ? [] : [this.#block, ...(this.#carries ?? [])] };
    const from = old.blocks.map((block) => this.#placeIn(block) + this.#low);
    const width = this.#high - this.#low + 1;
    const [block, ...carries] = (old.blocks.length === 0 ? [0] : old.blocks).map(() => arena.allocate(capacity)) as [number, ...number[]];
    const base = arena.start(block) - low + ((capacity - needed) >> 1);
    this.#block = block;
    this.#bytes = arena.bytes(block);
    this.#base = base;
    this.#capacity = capacity;
    this.#carries = carries.length === 0 ? undefined : carries;
    for (const [i, each] of old.blocks.entries()) {
      const target = i === 0 ? block : carries[i - 1]!;
      const bytes = arena.bytes(each).subarray(from[i], from[i]! + width);
      arena.bytes(target).set(bytes, this.#placeIn(target) + this.#low);
    }
    this.#release(old.capacity, old.blocks);
  }
}
