/**
 * Storage for the numbers of many series of one shape.
 *
 * A typed array for each series costs about 1 kB of resident memory with 11 buckets; slices of shared chunks cost 350 B.
 */
export class Arena {
  readonly stride: number;
  readonly #chunkRows: number;
  readonly #free: Slice[] = [];
  #chunk: Float64Array = new Float64Array(0);
  #used = 0;

  /**
   * @param stride numbers of one series
   * @param chunkRows series of a full chunk; the first chunks are smaller, so that a metric with one series stays small
   */
  constructor(stride: number, chunkRows = 256) {
    this.stride = stride;
    this.#chunkRows = chunkRows;
  }

  /** A slice filled with zeros. */
  allocate(): Slice {
    const reused = this.#free.pop();
    if (reused !== undefined) return reused;
    if (this.#used + this.stride > this.#chunk.length) {
      const rows = Math.min(Math.max(1, (this.#chunk.length / this.stride) * 4), this.#chunkRows);
      this.#chunk = new Float64Array(rows * this.stride);
      this.#used = 0;
    }
    const slice = { cells: this.#chunk, offset: this.#used };
    this.#used += this.stride;
    return slice;
  }

  /** Gives a slice back; whoever holds it must not use it any more. */
  release(slice: Slice): void {
    slice.cells.fill(0, slice.offset, slice.offset + this.stride);
    this.#free.push(slice);
  }
}

/** Where the numbers of one series are: `stride` numbers of `cells` from `offset`. */
export interface Slice {
  readonly cells: Float64Array;
  readonly offset: number;
}
