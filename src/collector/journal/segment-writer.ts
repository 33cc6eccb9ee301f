import { randomBytes } from 'node:crypto';
import type { Group } from './group.js';
import type { JournalFolder } from './journal-folder.js';
import type { JournalFile } from './journal-fs.js';
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment.js';
import { writeWhole } from './write-whole.js';

/** Something that no file system stores as a hole or compresses, so that finding room for it means something. */
const FILLER = randomBytes(64 << 10);

/** The segment that is written to. It knows how far it is good; whatever lies beyond was never acknowledged. */
export class SegmentWriter {
  readonly header: SegmentHeader;
  readonly #file: JournalFile;
  #end = SEGMENT_HEADER_BYTES;

  private constructor(header: SegmentHeader, file: JournalFile) {
    this.header = header;
    this.#file = file;
  }

  /** Makes the segment, empty and durable. */
  static async create(folder: JournalFolder, header: SegmentHeader): Promise<SegmentWriter> {
    const file = await folder.create('segment', header.number, async (empty) => {
      await writeWhole(empty, [encodeSegmentHeader(header)], 0);
    });
    return new SegmentWriter(header, file);
  }

  /** The last good offset. */
  get end(): number {
    return this.#end;
  }

  /** Writes a group behind the last good offset, which stays where it is. */
  async write(group: Group): Promise<void> {
    await writeWhole(this.#file, group.buffers(), this.#end);
  }

  async sync(): Promise<void> {
    await this.#file.datasync();
  }

  /** Declares what was written last as good. */
  advance(bytes: number): void {
    this.#end += bytes;
  }

  /** Takes back whatever lies beyond the last good offset, durably: of a refused record nothing may come back. */
  async cutBack(): Promise<void> {
    await this.#file.truncate(this.#end);
    await this.#file.datasync();
  }

  /** Finds out whether so many bytes can be written. They are not taken back. */
  async probe(bytes: number): Promise<void> {
    await writeWhole(this.#file, Array<Buffer>(Math.ceil(bytes / FILLER.length)).fill(FILLER), this.#end);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
