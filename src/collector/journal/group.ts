import type { ChunkPool } from './chunk-pool.js';
import { encodeRecord, RECORD_HEADER_BYTES, UNKNOWN_DISTANCE } from './segment.js';

/**
 * Records that are written and made durable together: all that were appended while the group before was on its way. They are copied and summed as
 * they come, while the disk is busy with the others, and share one promise.
 */
export class Group {
  /** Where in its segment the group begins. */
  readonly start: number;
  readonly #mark: number;
  readonly #synced: boolean;
  readonly #pool: ChunkPool;
  readonly #chunks: Buffer[] = [];
  /** Bytes used of each chunk. */
  readonly #used: number[] = [];
  #bytes = 0;
  #count = 0;
  #promise: Promise<void> | undefined;
  #resolve: (() => void) | undefined;
  #reject: ((reason: Error) => void) | undefined;

  /** @param synced whether what lies before the group is durable by the time when it is written */
  constructor(mark: number, start: number, synced: boolean, pool: ChunkPool) {
    this.#mark = mark;
    this.start = start;
    this.#synced = synced;
    this.#pool = pool;
  }

  /** Records. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get mark(): number {
    return this.#mark;
  }

  /** Copies a payload into the group; the promise tells what becomes of the whole group. */
  add(payload: Uint8Array): Promise<void> {
    const size = RECORD_HEADER_BYTES + payload.length;
    let last = this.#chunks.length - 1;
    let chunk = this.#chunks[last];
    if (chunk === undefined || (this.#used[last] ?? 0) + size > chunk.length) {
      chunk = this.#pool.take(size);
      last = this.#chunks.push(chunk) - 1;
      this.#used.push(0);
    }
    const at = this.#used[last] ?? 0;
    encodeRecord(chunk, at, this.#mark, this.start + this.#bytes, this.#synced ? this.#bytes : UNKNOWN_DISTANCE, payload);
    this.#used[last] = at + size;
    this.#bytes += size;
    this.#count++;
    this.#promise ??= new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    return this.#promise;
  }

  buffers(): Buffer[] {
    return this.#chunks.map((chunk, index) => chunk.subarray(0, this.#used[index]));
  }

  resolve(): void {
    this.#giveBack();
    this.#resolve?.();
  }

  reject(reason: Error): void {
    this.#giveBack();
    this.#reject?.(reason);
  }

  #giveBack(): void {
    for (const chunk of this.#chunks.splice(0)) this.#pool.giveBack(chunk);
  }
}
