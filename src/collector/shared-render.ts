/** One rendering of everything, for all who asked at about the same time. */

/** A reader that fell too far behind the others to be given what it has not read yet. */
export class ReaderLostError extends Error {}

/** Where a render tells what it keeps. */
export interface RenderKeeper {
  /** Called when the chunks in memory have become more by so many bytes, or less. */
  kept(bytes: number): void;
  /** It is over, for the last reader too. */
  done(render: SharedRender): void;
}

/** Bytes that are kept from the beginning for readers that may still come. */
const KEPT_FOR_OTHERS = 8 * 1024 * 1024;

/**
 * Chunks that are made once, when the fastest of the readers asks for them, and dropped when the slowest has them. A slow reader holds up nobody.
 */
export class SharedRender {
  readonly #source: AsyncIterator<Uint8Array, void>;
  readonly #keeper: RenderKeeper;
  readonly #readers = new Set<Reader>();
  /** The ones in memory; their numbers begin at `first`. */
  readonly #chunks: Uint8Array[] = [];
  #first = 0;
  #kept = 0;
  #isOpen = true;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #pulling: Promise<void> | undefined;

  constructor(source: AsyncIterable<Uint8Array>, keeper: RenderKeeper) {
    this.#source = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, void>;
    this.#keeper = keeper;
  }

  /** Whether one more reader gets it all. */
  get isJoinable(): boolean {
    return this.#isOpen && !this.#isEnded;
  }

  /** Bytes in memory. */
  get kept(): number {
    return this.#kept;
  }

  /** No more readers come, so that nothing has to be kept for them. */
  closeDoor(): void {
    this.#isOpen = false;
    this.#dropRead();
  }

  /** Everything from the beginning. Throws a {@link ReaderLostError} if it reads so slowly that what it needs had to be dropped. */
  read(): AsyncGenerator<Uint8Array, void, undefined> {
    const reader: Reader = { next: 0 };
    // At once: whoever ends before this one begins would take the chunks along.
    this.#readers.add(reader);
    return this.#read(reader);
  }

  async *#read(reader: Reader): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        if (reader.next < this.#first) throw new ReaderLostError('this reader is too slow');
        const chunk = this.#chunks[reader.next - this.#first];
        if (chunk !== undefined) {
          reader.next++;
          this.#dropRead();
          yield chunk;
        } else if (this.#failure !== undefined) {
          throw this.#failure.error;
        } else if (this.#isEnded) {
          return;
        } else {
          this.#pulling ??= this.#pull();
          await this.#pulling;
        }
      }
    } finally {
      this.#readers.delete(reader);
      if (this.#readers.size === 0) await this.#abandon();
      else this.#dropRead();
    }
  }

  /** Gives up the oldest chunk, and the readers that have not got it. False if there is nothing to give up. */
  dropOldest(): boolean {
    this.#isOpen = false;
    if (this.#chunks.length <= 1) return false;
    this.#drop(1);
    return true;
  }

  async #pull(): Promise<void> {
    try {
      let result = await this.#source.next();
      while (result.done !== true && result.value.length === 0) result = await this.#source.next();
      if (result.done === true) {
        this.#isEnded = true;
        return;
      }
      this.#chunks.push(result.value);
      this.#count(result.value.length);
    } catch (error) {
      // Every reader is to hear of it: half of a scrape must not end as if it were whole.
      this.#failure = { error };
      this.#isEnded = true;
    } finally {
      this.#pulling = undefined;
    }
  }

  #dropRead(): void {
    if (this.#isOpen && this.#kept <= KEPT_FOR_OTHERS) return;
    this.#isOpen = false;
    let slowest = Number.POSITIVE_INFINITY;
    for (const { next } of this.#readers) if (next >= this.#first && next < slowest) slowest = next;
    this.#drop(Math.min(slowest - this.#first, this.#chunks.length));
  }

  #drop(chunks: number): void {
    if (chunks <= 0) return;
    let bytes = 0;
    for (const { length } of this.#chunks.splice(0, chunks)) bytes += length;
    this.#first += chunks;
    this.#count(-bytes);
  }

  #count(bytes: number): void {
    this.#kept += bytes;
    this.#keeper.kept(bytes);
  }

  async #abandon(): Promise<void> {
    this.#isOpen = false;
    this.#drop(this.#chunks.length);
    this.#keeper.done(this);
    if (this.#isEnded) return;
    this.#isEnded = true;
    await this.#source.return?.();
  }
}

interface Reader {
  /** Number of the chunk that it needs next. */
  next: number;
}
