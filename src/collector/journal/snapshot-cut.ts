import type { JournaledState } from './journal-options.js';

/**
 * A cut of the state, taken when it is constructed. The first slice is asked for at once: the body of a generator runs only then, and what it does
 * before its first `yield` belongs to the cut.
 */
export class SnapshotCut implements AsyncIterable<Uint8Array> {
  readonly #iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array> | undefined;
  readonly #first: IteratorResult<Uint8Array> | Promise<IteratorResult<Uint8Array>>;

  constructor(state: JournaledState) {
    try {
      const slices = state.beginSnapshot();
      this.#iterator = Symbol.asyncIterator in slices ? slices[Symbol.asyncIterator]() : slices[Symbol.iterator]();
      this.#first = this.#iterator.next();
    } catch (error) {
      // Whoever writes the snapshot is to meet it, not whoever changes segments.
      this.#first = Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    if (this.#first instanceof Promise) this.#first.catch(() => {});
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (let result = await this.#first; !result.done; result = await this.#iterator!.next()) yield result.value;
  }

  /** Lets the state give up what it holds for the cut, whether it was written to its end, in part, or not at all. */
  async release(): Promise<void> {
    try {
      await this.#iterator?.return?.();
    } catch {
      // The cut is over either way.
    }
  }
}
