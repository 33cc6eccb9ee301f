import type { JournaledState, Slices } from '../../src/collector/journal/journal-options.js';

/** The simplest state there is: all payloads in their order, as text. Whatever is lost, doubled, or out of order shows. */
export class ListState implements JournaledState {
  readonly entries: string[] = [];
  /** Slices that `restore` received; undefined if it was not called. */
  restored: string[] | undefined;
  /** Payloads that were replayed. */
  replayed = 0;
  /** Cuts that were taken and given free again. */
  cuts = 0;
  released = 0;
  /** Entries in a slice. */
  readonly #sliceLength: number;

  constructor(sliceLength = 100) {
    this.#sliceLength = sliceLength;
  }

  async restore(slices: AsyncIterable<Buffer>): Promise<void> {
    this.restored = [];
    for await (const slice of slices) {
      this.restored.push(slice.toString());
      this.entries.push(...(JSON.parse(slice.toString()) as string[]));
    }
  }

  replay(payload: Buffer): void {
    this.replayed++;
    this.entries.push(payload.toString());
  }

  beginSnapshot(): Slices {
    return this.slices();
  }

  *slices(): Generator<Buffer, void, undefined> {
    this.cuts++;
    const { length } = this.entries;
    try {
      for (let start = 0; start < length; start += this.#sliceLength) {
        yield Buffer.from(JSON.stringify(this.entries.slice(start, Math.min(length, start + this.#sliceLength))));
      }
    } finally {
      this.released++;
    }
  }
}
