/** Numbers above the contiguous ones that can be told apart. */
export const WINDOW = 1024;

/** Which numbers of a producer were applied: all up to `top`, and single ones among the next 1024. */
export class SeqWindow {
  #top: number;
  /** One bit a number, at its remainder; there only while some number is ahead. */
  #bits: Uint32Array | undefined;
  #ahead = 0;

  constructor(top: number) {
    this.#top = top;
  }

  /** Highest number of which all before it were applied or given up, too. */
  get top(): number {
    return this.#top;
  }

  /** Numbers above `top` that were applied. */
  get ahead(): number[] {
    const numbers: number[] = [];
    for (let seq = this.#top + 1; numbers.length < this.#ahead; seq++) if (this.#bit(seq)) numbers.push(seq);
    return numbers;
  }

  has(seq: number): boolean {
    return seq <= this.#top || (seq <= this.#top + WINDOW && this.#bit(seq));
  }

  /** Takes a number in, at most 1024 above `top`. */
  add(seq: number): void {
    if (this.has(seq)) return;
    if (seq === this.#top + 1) this.#advance(seq);
    else this.#set(seq);
  }

  /** Gives up all numbers up to `top` that never came; returns how many. */
  moveTo(top: number): number {
    if (top <= this.#top) return 0;
    let missing = top - this.#top;
    if (this.#ahead > 0) for (let seq = this.#top + 1; seq <= Math.min(top, this.#top + WINDOW); seq++) if (this.#clear(seq)) missing--;
    this.#advance(top);
    return missing;
  }

  #advance(top: number): void {
    this.#top = top;
    while (this.#ahead > 0 && this.#clear(this.#top + 1)) this.#top++;
    if (this.#ahead === 0) this.#bits = undefined;
  }

  #bit(seq: number): boolean {
    return this.#bits !== undefined && (this.#bits[wordOf(seq)]! & maskOf(seq)) !== 0;
  }

  #set(seq: number): void {
    this.#bits ??= new Uint32Array(WINDOW / 32);
    this.#bits[wordOf(seq)]! |= maskOf(seq);
    this.#ahead++;
  }

  /** Whether the number was there. */
  #clear(seq: number): boolean {
    if (!this.#bit(seq)) return false;
    this.#bits![wordOf(seq)]! &= ~maskOf(seq);
    this.#ahead--;
    return true;
  }
}

function wordOf(seq: number): number {
  return Math.floor((seq % WINDOW) / 32);
}

function maskOf(seq: number): number {
  return 1 << (seq % 32);
}
