/**
 * Finds a series by its label values without building a key.
 *
 * One level a label. A level with a single value holds it inline and grows a Map only with the second: of the nested Maps that a
 * plain tree would need, most would have one entry and cost some 200 B each. Two lookups cost about 20 ns, a joined string key 80 ns. @template T what is found; an object
 */
export class LabelIndex<T> {
  readonly #depth: number;
  readonly #root: Level<T> = new Level<T>();
  #size = 0;

  constructor(depth: number) {
    this.#depth = depth;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * As {@link get} for the texts that `labels` has under `names`, without copying them. Undefined also if one of them is not a text, or if
   * `labels` has more than these names: whoever checks labels does it then.
   */
  find(names: readonly string[], labels: Readonly<Record<string, unknown>>): T | undefined {
    if (names.length === 0) return undefined;
    let level: Level<T> | T | undefined = this.#root;
    for (let i = 0; i < names.length; i++) {
      const value = labels[names[i] as string];
      if (typeof value !== 'string') return undefined;
      level = (level as Level<T>).next(value);
      if (level === undefined) return undefined;
    }
    let given = 0;
    for (const _ in labels) given++;
    return given === names.length ? (level as T) : undefined;
  }

  get(values: readonly string[]): T | undefined {
    let level: Level<T> | undefined = this.#root;
    for (let i = 0; i < this.#depth - 1; i++) {
      level = level.next(values[i] as string) as Level<T> | undefined;
      if (level === undefined) return undefined;
    }
    return level.next(values[this.#depth - 1] as string) as T | undefined;
  }

  set(values: readonly string[], entry: T): void {
    let level = this.#root;
    for (let i = 0; i < this.#depth - 1; i++) {
      const value = values[i] as string;
      let below = level.next(value) as Level<T> | undefined;
      if (below === undefined) {
        below = new Level<T>();
        level.put(value, below);
      }
      level = below;
    }
    const last = values[this.#depth - 1] as string;
    if (level.next(last) === undefined) this.#size++;
    level.put(last, entry);
  }

  /** Removes an entry and the levels that it leaves empty. */
  delete(values: readonly string[]): boolean {
    const path: Level<T>[] = [this.#root];
    for (let i = 0; i < this.#depth - 1; i++) {
      const below = path[i]?.next(values[i] as string) as Level<T> | undefined;
      if (below === undefined) return false;
      path.push(below);
    }
    if (path[this.#depth - 1]?.next(values[this.#depth - 1] as string) === undefined) return false;
    this.#size--;
    for (let i = this.#depth - 1; i >= 0; i--) {
      const level = path[i] as Level<T>;
      level.drop(values[i] as string);
      if (level.size > 0) break;
    }
    return true;
  }

  /** All that is set, label by label in the order in which their values came. */
  entries(): Generator<T> {
    return this.#entriesBelow(this.#root, this.#depth);
  }

  *#entriesBelow(level: Level<T>, depth: number): Generator<T> {
    for (const below of level.all()) {
      if (depth === 1) yield below as T;
      else yield* this.#entriesBelow(below as Level<T>, depth - 1);
    }
  }
}

/** One level: value to what is below it. */
class Level<T> {
  #value: string | undefined;
  #below: Level<T> | T | undefined;
  #map: Map<string, Level<T> | T> | undefined;

  get size(): number {
    return this.#map === undefined ? (this.#value === undefined ? 0 : 1) : this.#map.size;
  }

  all(): Iterable<Level<T> | T> {
    if (this.#map !== undefined) return this.#map.values();
    return this.#value === undefined ? [] : [this.#below as Level<T> | T];
  }

  next(value: string): Level<T> | T | undefined {
    if (this.#value === value) return this.#below;
    return this.#map?.get(value);
  }

  put(value: string, below: Level<T> | T): void {
    if (this.#map === undefined && (this.#value === undefined || this.#value === value)) {
      this.#value = value;
      this.#below = below;
      return;
    }
    if (this.#map === undefined) {
      this.#map = new Map([[this.#value as string, this.#below as Level<T> | T]]);
      this.#value = undefined;
      this.#below = undefined;
    }
    this.#map.set(value, below);
  }

  drop(value: string): void {
    if (this.#value === value) {
      this.#value = undefined;
      this.#below = undefined;
    } else {
      this.#map?.delete(value);
    }
  }
}
