import { readDecimal } from './decimal.js';
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COMMA,
  isDigit,
  JsonScanner,
  LOWER_F,
  LOWER_T,
  MINUS,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  ZERO,
} from './json-scanner.js';

/** Any integer of so many digits is exact, and more than any count that happens. */
const EXACT_DIGITS = 15;

/**
 * Reads JSON from the front to the back, and builds only what it is asked for: what a body holds besides costs no memory, however much it is.
 *
 * A method that is asked for one type and finds another reads over the value and returns undefined. What is no JSON throws a {@link JsonFault}.
 */
export class JsonReader extends JsonScanner {
  /** The bytes between two positions, each as the character of its number. */
  text(start: number, end: number): string {
    return this.bytes.toString('latin1', start, end);
  }

  /** Steps into an array; false if there is none. */
  enterList(): boolean {
    return this.#enter(OPEN_LIST);
  }

  /** Whether there is an element number `index`, which is then to be read; steps out of the array if not. */
  nextElement(index: number): boolean {
    return this.next(index, CLOSE_LIST);
  }

  /** Steps into an object; false if there is none. */
  enterObject(): boolean {
    return this.#enter(OPEN_OBJECT);
  }

  /** Name of the field number `index`, whose value is then to be read; steps out of the object if there is none. */
  nextKey(index: number): string | undefined {
    if (!this.next(index, CLOSE_OBJECT)) return undefined;
    if (this.peek() !== QUOTE) throw this.fault('no name of a field');
    const key = this.string();
    this.expectColon();
    return key;
  }

  string(): string | undefined {
    if (this.peek() !== QUOTE) return this.#other();
    const start = this.at;
    const escaped = this.passString();
    return escaped ? wellFormed(JSON.parse(this.#slice(start, this.at))) : this.#slice(start + 1, this.at - 1);
  }

  /** Numbers that are too large for a double read as infinite, as JSON.parse reads them. */
  number(): number | undefined {
    const first = this.peek();
    return first === MINUS || isDigit(first) ? this.#decimal() : this.#other();
  }

  boolean(): boolean | undefined {
    const first = this.peek();
    if (first === LOWER_T) return this.passWord('true');
    return first === LOWER_F ? !this.passWord('false') : this.#other();
  }

  /** An array of strings. Throws if there are more than `most` of them. */
  strings(most: number): string[] | undefined {
    this.peek();
    const start = this.at;
    if (!this.enterList()) return undefined;
    let escaped = false;
    for (let i = 0; this.nextElement(i); i++) {
      if (i === most) throw this.fault(`more than ${most} strings`);
      if (this.peek() !== QUOTE) return this.#restart(start);
      if (this.passString()) escaped = true;
    }
    // Checked to be a flat list of strings, so that nothing can grow out of hand; parsing all at once takes a third less than one by one.
    const strings = JSON.parse(this.#slice(start, this.at)) as string[];
    return escaped ? strings.map(wellFormed) : strings;
  }

  /**
   * An array of numbers, `"NaN"`, `"+Inf"` and `"-Inf"` included. Returns how many there are, undefined if something else is among them, or more than
   * fit in.
   */
  numbers(into: Float64Array): number | undefined {
    if (this.peek() !== OPEN_LIST) return this.#other();
    const start = this.at;
    const bytes = this.bytes;
    let at = start + 1;
    let count = 0;
    for (;;) {
      // A small integer with no white space around it, as nearly all are, is read right here.
      const negative = bytes[at] === MINUS;
      if (negative) at++;
      const first = at;
      let digit = bytes[at]! - ZERO;
      let value = 0;
      while (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        digit = bytes[++at]! - ZERO;
      }
      let stop = bytes[at];
      const digits = at - first;
      const plain =
        digits > 0 && digits <= EXACT_DIGITS && (digits === 1 || bytes[first] !== ZERO) && (stop === COMMA || stop === CLOSE_LIST);
      if (plain) value = negative ? -value : value;
      else {
        this.at = negative ? first - 1 : first;
        if (count === 0 && this.peek() === CLOSE_LIST) {
          this.at++;
          return 0;
        }
        const other = this.#decimalOrWord();
        if (other === undefined) return this.#restart(start);
        value = other;
        stop = this.peek();
        at = this.at;
        if (stop !== COMMA && stop !== CLOSE_LIST) throw this.fault('neither , nor ]');
      }
      if (count === into.length) return this.#restart(start);
      into[count++] = value;
      at++;
      if (stop === CLOSE_LIST) {
        this.at = at;
        return count;
      }
    }
  }

  #enter(bracket: number): boolean {
    if (this.peek() !== bracket) {
      this.skip();
      return false;
    }
    this.at++;
    return true;
  }

  #other(): undefined {
    this.skip();
    return undefined;
  }

  #restart(position: number): undefined {
    this.at = position;
    this.skip();
    return undefined;
  }

  #decimal(): number {
    const start = this.at;
    this.passNumber();
    return readDecimal(this.bytes, start, this.at);
  }

  #decimalOrWord(): number | undefined {
    const first = this.peek();
    if (first === MINUS || isDigit(first)) return this.#decimal();
    if (first !== QUOTE) return undefined;
    const start = this.at;
    this.passString();
    return WORDS.get(this.bytes.toString('latin1', start + 1, Math.min(this.at - 1, start + 6)));
  }

  #slice(start: number, end: number): string {
    return this.bytes.toString('utf8', start, end);
  }
}

const WORDS: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
]);

/** Half a surrogate pair has no bytes of its own: it becomes U+FFFD here, as it would once written out, so that what is shown as one is one. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
