/** Random numbers that are the same again for the same seed (xorshift, 32 bits). */
export class Random {
  #state: number;

  /** @param seed whole, from 1 to 2³² − 1 */
  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
    // Small seeds begin with small numbers.
    for (let i = 0; i < 16; i++) this.next();
  }

  /** From 0 to below 1. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state / 2 ** 32;
  }

  /** Whole, from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** True in so many of a hundred cases. */
  percent(share: number): boolean {
    return this.next() * 100 < share;
  }

  of<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] as T;
  }
}
