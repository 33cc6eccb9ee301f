import type { JsonReader } from './json-reader.js';

/** Walks through the fields of an object that was stepped into, whatever their order; unknown ones are read over. */
export class FieldCursor<K extends string> {
  readonly #reader: JsonReader;
  readonly #known: readonly K[];
  #index = 0;
  /** A bit a known field: 1 once it came. */
  #came = 0;
  #repeated: K | undefined;

  /** @param known names of fields, 30 at most */
  constructor(reader: JsonReader, known: readonly K[]) {
    this.#reader = reader;
    this.#known = known;
  }

  /** The first known field that came more than once; only its first value was handed out. */
  get repeated(): K | undefined {
    return this.#repeated;
  }

  /** Name of the next known field, whose value is then to be read; undefined at the end of the object. */
  next(): K | undefined {
    for (;;) {
      const key = this.#reader.nextKey(this.#index++);
      if (key === undefined) return undefined;
      const at = this.#known.indexOf(key as K);
      const isNew = at >= 0 && (this.#came & (1 << at)) === 0;
      if (isNew) {
        this.#came |= 1 << at;
        return key as K;
      }
      if (at >= 0) this.#repeated ??= key as K;
      this.#reader.skip();
    }
  }
}
