import { ByteWriter } from './byte-writer.js';

const COMMA = 0x2c;

/** The strings of a document, each once; rows name them by their position. */
export class StringTable {
  readonly #positions = new Map<string, number>();
  readonly #writer = new ByteWriter(4096);

  /** The elements of the JSON array. */
  get bytes(): Buffer {
    return this.#writer.bytes;
  }

  get length(): number {
    return this.#writer.length;
  }

  position(text: string): number {
    const known = this.#positions.get(text);
    if (known !== undefined) return known;
    const position = this.#positions.size;
    this.#positions.set(text, position);
    if (position > 0) this.#writer.byte(COMMA);
    this.#writer.quoted(text);
    return position;
  }

  /** Takes back the strings beyond this length; nothing may be looked up any more. */
  truncate(length: number): void {
    this.#writer.truncate(length);
  }
}
