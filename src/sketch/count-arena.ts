/** Counts of many sketches in shared memory: a typed array for each would cost some 700 B of resident memory beside what it holds. */

const CHUNK_BYTES = 64 * 1024;
const FIRST_CHUNK_BYTES = 1024;

/** Hands out blocks of bytes that are 0. A block is known by a number, so that sketches need no object for theirs. */
export class CountArena {
  readonly #chunks: Uint8Array[] = [];
  /** Blocks that were given back, by their size. */
  readonly #free = new Map<number, number[]>();
  #used = 0;
  #size = 0;

  /** @param size bytes, 64 KiB at most */
  allocate(size: number): number {
    const reused = this.#free.get(size)?.pop();
    if (reused !== undefined) return reused;
    if (this.#used + size > this.#size) {
      // The first chunks are smaller, so that a metric with one series stays small.
      this.#size = Math.min(CHUNK_BYTES, Math.max(FIRST_CHUNK_BYTES, this.#size * 4, size));
      this.#used = 0;
      this.#chunks.push(new Uint8Array(this.#size));
    }
    const block = (this.#chunks.length - 1) * CHUNK_BYTES + this.#used;
    this.#used += size;
    return block;
  }

  /** Gives a block back; it must not be used any more. */
  release(block: number, size: number): void {
    const start = this.start(block);
    this.bytes(block).fill(0, start, start + size);
    const free = this.#free.get(size);
    if (free === undefined) this.#free.set(size, [block]);
    else free.push(block);
  }

  /** The bytes that a block lies among. */
  bytes(block: number): Uint8Array {
    return this.#chunks[Math.floor(block / CHUNK_BYTES)]!;
  }

  /** Where among its bytes a block begins. */
  start(block: number): number {
    return block % CHUNK_BYTES;
  }
}
