import { isUtf8 } from 'node:buffer';

/** What is no JSON, or more of it than allowed. */
export class JsonFault extends Error {
  /** @param position byte at which it was noticed */
  constructor(message: string, position: number) {
    super(`${message} at byte ${position}`);
  }
}

/** Levels of arrays and objects within a value that is read over. */
const MAX_DEPTH = 30;

export const QUOTE = 0x22;
const PLUS = 0x2b;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
const DOT = 0x2e;
export const ZERO = 0x30;
const COLON = 0x3a;
export const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
export const CLOSE_LIST = 0x5d;
const LOWER_E = 0x65;
export const LOWER_F = 0x66;
const LOWER_N = 0x6e;
export const LOWER_T = 0x74;
const LOWER_U = 0x75;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** Walks over the tokens of JSON, strictly, in constant memory. What is no JSON throws a {@link JsonFault}. */
export class JsonScanner {
  protected readonly bytes: Buffer;
  /** Where the next token begins, or the white space in front of it. */
  protected at = 0;

  constructor(bytes: Uint8Array) {
    if (!isUtf8(bytes)) throw new JsonFault('text that is not UTF-8', 0);
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the next value begins, for `seek`. */
  get position(): number {
    return this.at;
  }

  seek(position: number): void {
    this.at = position;
  }

  /** Reads over one value, whatever it is. */
  skip(): void {
    let depth = 0;
    /** A bit a level: 1 in an object. */
    let objects = 0;
    for (;;) {
      const opener = this.peek();
      if (opener === OPEN_LIST || opener === OPEN_OBJECT) {
        if (depth === MAX_DEPTH) throw this.fault(`more than ${MAX_DEPTH} levels`);
        this.at++;
        depth++;
        objects = (objects << 1) | (opener === OPEN_OBJECT ? 1 : 0);
        if (this.#step(0, objects)) continue;
        depth--;
        objects >>>= 1;
      } else this.#passScalar(opener);
      while (depth > 0 && !this.#step(1, objects)) {
        depth--;
        objects >>>= 1;
      }
      if (depth === 0) return;
    }
  }

  /** Throws if anything but white space follows. */
  end(): void {
    this.peek();
    if (this.at < this.bytes.length) throw this.fault('more behind the end');
  }

  /** Goes to the next value of the array or object that is read over; false at its end. */
  #step(index: number, objects: number): boolean {
    const inObject = (objects & 1) === 1;
    if (!this.next(index, inObject ? CLOSE_OBJECT : CLOSE_LIST)) return false;
    if (!inObject) return true;
    if (this.peek() !== QUOTE) throw this.fault('no name of a field');
    this.passString();
    this.expectColon();
    return true;
  }

  protected next(index: number, bracket: number): boolean {
    const next = this.peek();
    if (next === bracket) {
      this.at++;
      return false;
    }
    if (index === 0) return true;
    if (next !== COMMA) throw this.fault(`neither , nor ${String.fromCharCode(bracket)}`);
    this.at++;
    return true;
  }

  protected expectColon(): void {
    if (this.peek() !== COLON) throw this.fault('no : behind the name of a field');
    this.at++;
  }

  /** The next byte that is no white space. */
  protected peek(): number | undefined {
    const bytes = this.bytes;
    for (let at = this.at; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) {
        this.at = at;
        return byte;
      }
    }
    this.at = bytes.length;
    return undefined;
  }

  #passScalar(first: number | undefined): void {
    if (first === QUOTE) this.passString();
    else if (first === MINUS || isDigit(first)) this.passNumber();
    else if (first === LOWER_T) this.passWord('true');
    else if (first === LOWER_F) this.passWord('false');
    else if (first === LOWER_N) this.passWord('null');
    else throw this.fault(first === undefined ? 'the end, where a value was expected' : 'no value');
  }

  protected passWord(word: string): true {
    for (let i = 0; i < word.length; i++) {
      if (this.bytes[this.at + i] !== word.charCodeAt(i)) throw this.fault('no value');
    }
    this.at += word.length;
    return true;
  }

  /** Returns whether the string has escapes. */
  protected passString(): boolean {
    const bytes = this.bytes;
    let escaped = false;
    for (let at = this.at + 1; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.at = at + 1;
        return escaped;
      }
      if (byte < 0x20) break;
      if (byte !== BACKSLASH) continue;
      escaped = true;
      const length = escapeLength(bytes, at + 1);
      if (length === 0) break;
      at += length;
    }
    throw this.fault('a string that does not end, or holds what must be escaped');
  }

  protected passNumber(): void {
    const bytes = this.bytes;
    if (bytes[this.at] === MINUS) this.at++;
    const first = bytes[this.at];
    if (this.#passDigits() > 1 && first === ZERO) throw this.fault('a number that begins with 0');
    if (bytes[this.at] === DOT) {
      this.at++;
      this.#passDigits();
    }
    if ((bytes[this.at]! | 0x20) !== LOWER_E) return;
    this.at++;
    if (bytes[this.at] === PLUS || bytes[this.at] === MINUS) this.at++;
    this.#passDigits();
  }

  #passDigits(): number {
    const start = this.at;
    while (isDigit(this.bytes[this.at])) this.at++;
    if (this.at === start) throw this.fault('no digit');
    return this.at - start;
  }

  protected fault(message: string): JsonFault {
    return new JsonFault(message, this.at);
  }
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= 0x39;
}

/** Bytes of the escape behind the backslash, 0 if it is none. */
function escapeLength(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) return 0;
  if (byte !== LOWER_U) return '"\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0;
  return /^[\da-fA-F]{4}$/.test(bytes.toString('latin1', at + 1, at + 5)) ? 5 : 0;
}
