/** Counts of many sketches in shared memory: a typed array for each would cost some 700 B of resident memory beside what it holds. */

/** Whole numbers, in the narrowest form that holds them. */
export type Cells = Uint16Array | Uint32Array | Float64Array;

/** Bytes of a cell. */
export type CellWidth = 2 | 4 | 8;

const CHUNK_BYTES = 64 * 1024;
const FIRST_CHUNK_BYTES = 2 * 1024;
/** Blocks are multiples of this, so that cells of any width are aligned. */
const GRAIN = 8;

/** The same memory in cells of each width. */
class Chunk {
  readonly #narrow: Uint16Array;
  readonly #middle: Uint32Array;
  readonly wide: Float64Array;

  constructor(bytes: number) {
    const buffer = new ArrayBuffer(bytes);
    this.#narrow = new Uint16Array(buffer);
    this.#middle = new Uint32Array(buffer);
    this.wide = new Float64Array(buffer);
  }

  cells(width: CellWidth): Cells {
    return width === 2 ? this.#narrow : width === 4 ? this.#middle : this.wide;
  }
}

/** Hands out blocks of cells that are 0. A block is known by a number, so that sketches need no object for theirs. */
export class CountArena {
  readonly #chunks: Chunk[] = [];
  /** Blocks that were given back, by their size in grains. */
  readonly #free: (number[] | undefined)[] = [];
  #used = 0;
  #size = 0;

  /** @param count of cells; with `width` at most 64 KiB */
  allocate(count: number, width: CellWidth): number {
    const grains = grainsOf(count, width);
    const reused = this.#free[grains]?.pop();
    if (reused !== undefined) return reused;
    const bytes = grains * GRAIN;
    if (this.#used + bytes > this.#size) {
      // The first chunks are smaller, so that a metric with one series stays small.
      this.#size = Math.min(CHUNK_BYTES, Math.max(FIRST_CHUNK_BYTES, this.#size * 4, bytes));
      this.#used = 0;
      this.#chunks.push(new Chunk(this.#size));
    }
    const block = (this.#chunks.length - 1) * CHUNK_BYTES + this.#used;
    this.#used += bytes;
    return block;
  }

  /** Gives a block back; it must not be used any more. */
  release(block: number, count: number, width: CellWidth): void {
    const grains = grainsOf(count, width);
    const first = (block % CHUNK_BYTES) / GRAIN;
    this.#chunkOf(block).wide.fill(0, first, first + grains);
    let free = this.#free[grains];
    if (free === undefined) {
      free = [];
      this.#free[grains] = free;
    }
    free.push(block);
  }

  /** The cells that a block lies among. */
  cells(block: number, width: CellWidth): Cells {
    return this.#chunkOf(block).cells(width);
  }

  /** Where in its cells a block begins. */
  start(block: number, width: CellWidth): number {
    return (block % CHUNK_BYTES) / width;
  }

  #chunkOf(block: number): Chunk {
    return this.#chunks[Math.floor(block / CHUNK_BYTES)]!;
  }
}

function grainsOf(count: number, width: CellWidth): number {
  return Math.ceil((count * width) / GRAIN);
}
