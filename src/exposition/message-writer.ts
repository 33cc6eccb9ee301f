/**
 * Messages of Protocol Buffers, written from their end to their beginning: the length of a message stands in front of it, and is known once it
 * has been written.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;

export class MessageWriter {
  #bytes = Buffer.allocUnsafeSlow(4096);
  #start = this.#bytes.length;

  /** Bytes written so far. */
  get length(): number {
    return this.#bytes.length - this.#start;
  }

  /** What was written; valid until the next write. */
  get bytes(): Buffer {
    return this.#bytes.subarray(this.#start);
  }

  clear(): void {
    this.#start = this.#bytes.length;
  }

  /** Number, length and kind stand before what a field holds, so they come after it here. */
  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  /** A field of the kinds uint32 and uint64, or an enumeration. */
  unsigned(field: number, value: number): void {
    this.#varint(value);
    this.#tag(field, VARINT);
  }

  /** A field of the kinds sint32 and sint64. */
  signed(field: number, value: number): void {
    this.#varint(zigzag(value));
    this.#tag(field, VARINT);
  }

  double(field: number, value: number): void {
    this.#reserve(8);
    this.#start -= 8;
    this.#bytes.writeDoubleLE(value, this.#start);
    this.#tag(field, FIXED_64);
  }

  string(field: number, value: string): void {
    const { length } = value;
    this.#reserve(length * 3);
    let at = this.#start - length;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) {
        // Half a surrogate pair becomes U+FFFD here, as it does in the other formats.
        at = this.#start - Buffer.byteLength(value);
        this.#bytes.write(value, at, 'utf8');
        break;
      }
      this.#bytes[at + i] = unit;
    }
    const end = this.length;
    this.#start = at;
    this.message(field, end);
  }

  /** Ends a message inside this one that holds everything written since the length was `from`. */
  message(field: number, from: number): void {
    this.#varint(this.length - from);
    this.#tag(field, LENGTH_DELIMITED);
  }

  /** All values of a field of the kind sint64, packed. */
  packedSigned(field: number, values: readonly number[]): void {
    const from = this.length;
    for (let i = values.length - 1; i >= 0; i--) this.#varint(zigzag(values[i]!));
    this.message(field, from);
  }

  #varint(value: number): void {
    this.#reserve(10);
    if (value < 0x80) {
      this.#bytes[--this.#start] = value;
      return;
    }
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
    let at = this.#start - size;
    this.#start = at;
    // Bitwise operators know 32 bits only.
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[at++] = (rest % 0x80) | 0x80;
    this.#bytes[at] = rest;
  }

  #reserve(more: number): void {
    if (this.#start >= more) return;
    const { length } = this.#bytes;
    const bytes = Buffer.allocUnsafeSlow(Math.max(length * 2, this.length + more));
    this.#bytes.copy(bytes, bytes.length - this.length, this.#start);
    this.#start += bytes.length - length;
    this.#bytes = bytes;
  }
}

/** The length of a message that stands alone, as it goes in front of it. */
export function lengthPrefix(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** Small numbers of either sign as small numbers without. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
