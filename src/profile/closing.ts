/** What a {@link Closing} does. */
export interface ClosingOptions {
  /** Resolves when all that was measured before is delivered. */
  readonly flushed: Promise<void>;
  /** Takes everything out at once, and resolves when it is closed. */
  readonly giveBack: () => Promise<unknown>;
  /** Called at the end. */
  readonly over: () => void;
  /** One that was cut short before. */
  readonly earlier: Closing | undefined;
}

/** A close of a profiler that is under way: it flushes, then gives back what it has. */
export class Closing {
  readonly done: Promise<void>;
  readonly #options: ClosingOptions;
  #givenBack: Promise<unknown> | undefined;

  constructor(options: ClosingOptions) {
    this.#options = options;
    this.done = this.#finish();
  }

  /** Gives back without waiting for the flush, so that the profiler may be set up anew now. */
  cutShort(): void {
    void this.#giveBack();
  }

  #giveBack(): Promise<unknown> {
    this.#givenBack ??= this.#options.giveBack();
    return this.#givenBack;
  }

  async #finish(): Promise<void> {
    const { flushed, earlier, over } = this.#options;
    await flushed;
    await Promise.all([this.#giveBack(), earlier?.done]);
    over();
  }
}
