/** Text of numbers and strings as bytes, in one buffer that grows. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const MINUS = 0x2d;
const COMMA = 0x2c;

export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  /** @param capacity bytes to begin with */
  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written; valid until the next write. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Takes back what was written beyond this length. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** One ASCII character. */
  byte(code: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = code;
  }

  /** Ends a list whose elements were each written with a comma behind. */
  close(bracket: number): void {
    if (this.#length > 0 && this.#bytes[this.#length - 1] === COMMA) this.#bytes[this.#length - 1] = bracket;
    else this.byte(bracket);
  }

  /** What is known to be ASCII. */
  ascii(text: string): void {
    if (this.#bytes.length - this.#length < text.length) this.#grow(text.length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.#length = at;
  }

  text(text: string): void {
    if (this.#bytes.length - this.#length < text.length * 3) this.#grow(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  /** As a string of JSON. Most need no escapes, and are short enough for a loop to be quicker than a call into the runtime. */
  quoted(text: string): void {
    if (this.#bytes.length - this.#length < text.length + 2) this.#grow(text.length + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x20 || unit > 0x7e || unit === QUOTE || unit === BACKSLASH) {
        this.text(JSON.stringify(text));
        return;
      }
      bytes[at++] = unit;
    }
    bytes[at++] = QUOTE;
    this.#length = at;
  }

  /** In the shortest form that reads back as the same number; JSON has none for NaN and the infinities, which are strings here. */
  number(value: number): void {
    if ((value | 0) === value) this.#whole(value);
    else if (Number.isFinite(value)) this.ascii(String(value));
    else this.ascii(Number.isNaN(value) ? '"NaN"' : value > 0 ? '"+Inf"' : '"-Inf"');
  }

  #whole(value: number): void {
    if (this.#bytes.length - this.#length < 12) this.#grow(12);
    const bytes = this.#bytes;
    let rest = value;
    if (value < 0 || Object.is(value, -0)) {
      bytes[this.#length++] = MINUS;
      rest = -value;
    }
    if (rest < 10) {
      bytes[this.#length++] = ZERO + rest;
      return;
    }
    let end = this.#length + 2;
    for (let tens = 100; tens <= rest; tens *= 10) end++;
    this.#length = end;
    for (; rest > 0; rest = (rest / 10) >>> 0) bytes[--end] = ZERO + (rest % 10);
  }

  #grow(more: number): void {
    const bytes = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(bytes, 0, 0, this.#length);
    this.#bytes = bytes;
  }
}
