import type { Series, SeriesOwner } from '../metrics/series.js';
import type { FamilyDelta } from '../record/batch.js';

/** What was drained at once. */
export interface Deltas {
  readonly families: readonly FamilyDelta[];
  /** Recorded operations that the deltas contain. */
  readonly ops: number;
}

/**
 * The series that changed since the last drain. A series that does nothing costs nothing.
 *
 * A list, not a Set: a series knows whether it is in it, and a Set takes 40 B more for each of them.
 */
export class DeltaTable {
  #changed: Series[] = [];
  /** How many of them have nothing to tell any more. */
  #idle = 0;
  /** Of tables that have left since the last drain. */
  #left: { readonly family: FamilyDelta; readonly ops: number }[] = [];

  get size(): number {
    return this.#changed.length - this.#idle;
  }

  /** Recorded operations that nobody has drained. */
  get ops(): number {
    const left = this.#left.reduce((sum, { ops }) => sum + ops, 0);
    return this.#changed.reduce((sum, { ops }) => sum + ops, left);
  }

  /** To be called once for each series that changes; the series knows that it was. */
  mark(series: Series): void {
    this.#changed.push(series);
  }

  /** To be called for a series that was removed before anybody heard of it; it is no longer dirty. */
  unmark(): void {
    this.#idle++;
    // Else all that comes and goes would wait here for a drain.
    if (this.#idle > 1000 && this.#idle > this.#changed.length / 2) this.#dropIdle();
  }

  /** To be called when a table goes elsewhere: what it has to tell stays here, and what it tells from now on does not come here. */
  leave(table: SeriesOwner): void {
    this.#dropIdle();
    const changed = this.#changed.filter((series) => series.table === table);
    if (changed.length === 0) return;
    this.#changed = this.#changed.filter((series) => series.table !== table);
    const ops = changed.reduce((sum, series) => sum + series.ops, 0);
    this.#left.push({ family: table.drain(changed), ops });
  }

  /**
   * Takes what happened since the last time, family by family in the order of their first change.
   * @param whole tables whose series come all, changed or not
   */
  drain(whole: Iterable<SeriesOwner> = []): Deltas {
    return this.#drain(Number.POSITIVE_INFINITY, whole);
  }

  /**
   * Takes what has happened by now in pieces, each when it is asked for; what changes meanwhile comes the next time, or with its series.
   * @param most series of a piece
   */
  *slices(most: number): Generator<Deltas, void, undefined> {
    for (let left = Math.max(this.size, 1); left > 0; left -= most) yield this.#drain(most);
  }

  #drain(most: number, whole: Iterable<SeriesOwner> = []): Deltas {
    const byTable = new Map<SeriesOwner, Series[]>();
    const left = this.#left;
    this.#left = [];
    let ops = left.reduce((sum, one) => sum + one.ops, 0);
    for (const series of this.#take(most)) {
      ops += series.ops;
      const known = byTable.get(series.table);
      if (known === undefined) byTable.set(series.table, [series]);
      else known.push(series);
    }
    for (const table of whole) byTable.set(table, [...new Set([...(byTable.get(table) ?? []), ...table.series()])]);
    const families = [...byTable].map(([table, series]) => table.drain(series));
    return { families: [...left.map(({ family }) => family), ...families], ops };
  }

  /** Those that changed first come first. */
  #take(most: number): readonly Series[] {
    this.#dropIdle();
    if (this.#changed.length > most) return this.#changed.splice(0, most);
    const all = this.#changed;
    this.#changed = [];
    return all;
  }

  #dropIdle(): void {
    if (this.#idle === 0) return;
    this.#changed = this.#changed.filter(({ dirty }) => dirty);
    this.#idle = 0;
  }
}
