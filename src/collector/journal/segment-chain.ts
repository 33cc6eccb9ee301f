import type { JournalFolder } from './journal-folder.js';
import type { Tail } from './recovery.js';
import { newMark, SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment.js';
import { SegmentWriter } from './segment-writer.js';

/** The segments that are written, one after the other, each sealing the one before. */
export class SegmentChain {
  readonly #folder: JournalFolder;
  readonly #found: Tail;
  readonly #settle: () => Promise<void>;
  #isSettled = false;
  #current: SegmentWriter | undefined;
  /** Place of a segment whose creation failed, perhaps only after it had its name, by which it seals the one before: it must be this one again. */
  #attempted: Omit<SegmentHeader, 'mark'> | undefined;

  /**
   * @param found where the segments end that are there already
   * @param settle makes them durable; it is tried until it succeeds, before anything else is written
   */
  constructor(folder: JournalFolder, found: Tail, settle: () => Promise<void>) {
    this.#folder = folder;
    this.#found = found;
    this.#settle = settle;
  }

  /** The one that is written to; none before the first `renew`. */
  get current(): SegmentWriter | undefined {
    return this.#current;
  }

  /** Makes the next segment. From here on nothing may be written to the current one, and the next one takes over by `adopt`. */
  createNext(mark: number): Promise<SegmentWriter> {
    const { number, end } = this.#tail();
    return this.#create({ number: number + 1, previousEnd: end, mark });
  }

  /**
   * Goes on in a new segment behind whatever is good of the last one, and returns its number. An empty last one is replaced instead, so that starts and
   * attempts that come to nothing leave no heap of them.
   */
  async renew(): Promise<number> {
    if (!this.#isSettled) await this.#settle();
    this.#isSettled = true;
    const { number, end, previousEnd } = this.#tail();
    const isEmpty = end === SEGMENT_HEADER_BYTES && previousEnd !== undefined;
    const place = this.#attempted ?? (isEmpty ? { number, previousEnd } : { number: number + 1, previousEnd: end });
    this.adopt(await this.#create({ ...place, mark: newMark() }));
    return place.number;
  }

  /** Makes a segment the current one. */
  adopt(segment: SegmentWriter): void {
    void this.close();
    this.#current = segment;
  }

  async close(): Promise<void> {
    // Whatever had to be durable is; a file that can't be closed is no longer of interest.
    await this.#current?.close().catch(() => {});
  }

  async #create(header: SegmentHeader): Promise<SegmentWriter> {
    this.#attempted = { number: header.number, previousEnd: header.previousEnd };
    const segment = await SegmentWriter.create(this.#folder, header);
    this.#attempted = undefined;
    return segment;
  }

  #tail(): Tail {
    if (this.#current === undefined) return this.#found;
    const { number, previousEnd } = this.#current.header;
    return { number, end: this.#current.end, previousEnd };
  }
}
