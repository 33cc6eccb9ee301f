import type { JournalFile } from './journal-fs.js';

/** Bytes read at once. Replaying so many takes a few ms; then the event loop turns, for reading is asynchronous. */
const WINDOW = 1 << 20;

/** A part of a file in memory that moves forward through it. */
export class ByteWindow {
  readonly #file: JournalFile;
  readonly #limit: number;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  /** @param limit bytes of the file that count */
  constructor(file: JournalFile, limit: number) {
    this.#file = file;
    this.#limit = limit;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Where in `bytes` a position of the file lies. */
  at(position: number): number {
    return position - this.#start;
  }

  holds(position: number, length: number): boolean {
    return position >= this.#start && position + length <= this.#start + this.#bytes.length;
  }

  /**
   * Moves on to a position, with `length` bytes behind it if the file has so many. What was handed out of the window before stays valid: each is new
   * memory.
   *
   * @returns whether the file has so many
   */
  async load(position: number, length: number): Promise<boolean> {
    if (position + length > this.#limit) return false;
    const bytes = Buffer.allocUnsafeSlow(Math.min(Math.max(WINDOW, length), this.#limit - position));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await this.#file.read(bytes, filled, bytes.length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.#start = position;
    this.#bytes = bytes.subarray(0, filled);
    return filled >= length;
  }
}
