/** Fits a thousand records of 1 kB, and is large enough that a group of many MiB is written by one call. */
const CHUNK_BYTES = 1 << 20;
/** Chunks that are kept for later. Fresh memory costs a page fault every 4 kB, about as much as the copy into it. */
const KEPT = 16;

/** Memory that groups are put together in, used again and again. */
export class ChunkPool {
  readonly #free: Buffer[] = [];

  /** A chunk of at least `size` bytes, with anything in it. */
  take(size: number): Buffer {
    if (size > CHUNK_BYTES) return Buffer.allocUnsafeSlow(size);
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }

  giveBack(chunk: Buffer): void {
    if (chunk.length === CHUNK_BYTES && this.#free.length < KEPT) this.#free.push(chunk);
  }
}
