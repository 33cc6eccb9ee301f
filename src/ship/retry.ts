const FIRST = 100;
const LONGEST = 10_000;

/** When to try again: twice as long each time, from 100 ms to 10 s, with jitter so that a fleet does not return in step. */
export class Retry {
  #delay = FIRST;
  #floor = 0;
  #wake: (() => void) | undefined;

  /** Milliseconds until the next try. */
  next(): number {
    const delay = Math.max(this.#floor, this.#delay * (0.5 + Math.random() / 2));
    this.#delay = Math.min(this.#delay * 2, LONGEST);
    this.#floor = 0;
    return delay;
  }

  /** The other side asked for this much time. */
  atLeast(milliseconds: number): void {
    this.#floor = milliseconds;
  }

  reset(): void {
    this.#delay = FIRST;
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
