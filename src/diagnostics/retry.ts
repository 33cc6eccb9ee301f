/** Bounds of the pauses between tries, in milliseconds. */
export interface RetryOptions {
  /** The first pause. @default 100 */
  readonly first?: number;
  /** No pause gets longer. @default 10_000 */
  readonly longest?: number;
}

/** When to try again: twice as long each time, from 100 ms to 10 s by default, with jitter so that a fleet does not return in step. */
export class Retry {
  readonly #first: number;
  readonly #longest: number;
  #delay: number;
  #floor = 0;
  #wake: (() => void) | undefined;

  constructor({ first = 100, longest = 10_000 }: RetryOptions = {}) {
    this.#first = first;
    this.#longest = longest;
    this.#delay = first;
  }

  /** Milliseconds until the next try. */
  next(): number {
    const delay = Math.max(this.#floor, this.#delay * (0.5 + Math.random() / 2));
    this.#delay = Math.min(this.#delay * 2, this.#longest);
    this.#floor = 0;
    return delay;
  }

  /** The other side asked for this much time. */
  atLeast(milliseconds: number): void {
    this.#floor = milliseconds;
  }

  reset(): void {
    this.#delay = this.#first;
    this.#floor = 0;
  }

  /** Waits until the next try is due, `longest` at most. True, for the sake of loops. */
  async pause(longest: number): Promise<true> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, Math.min(this.next(), longest)));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
    return true;
  }

  /** Ends a pause. */
  cancel(): void {
    this.#wake?.();
  }
}
