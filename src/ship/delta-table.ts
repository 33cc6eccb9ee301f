import type { Series, SeriesOwner } from '../metrics/series.js';
import type { FamilyDelta } from '../record/batch.js';

/** What was drained at once. */
export interface Deltas {
  readonly families: readonly FamilyDelta[];
  /** Recorded operations that the deltas contain. */
  readonly ops: number;
}

/** The series that changed since the last drain. A series that does nothing costs nothing. */
export class DeltaTable {
  #changed = new Set<Series>();
  /** Of tables that have left since the last drain. */
  #left: { readonly family: FamilyDelta; readonly ops: number }[] = [];

  get size(): number {
    return this.#changed.size;
  }

  /** Recorded operations that nobody has drained. */
  get ops(): number {
    const left = this.#left.reduce((sum, { ops }) => sum + ops, 0);
    return [...this.#changed].reduce((sum, { ops }) => sum + ops, left);
  }

  /** To be called once for each series that changes; the series knows that it was. */
  mark(series: Series): void {
    this.#changed.add(series);
  }

  /** To be called for a series that was removed before anybody heard of it; else all that comes and goes would wait here for a drain. */
  unmark(series: Series): void {
    this.#changed.delete(series);
  }

  /** To be called when a table goes elsewhere: what it has to tell stays here, and what it tells from now on does not come here. */
  leave(table: SeriesOwner): void {
    const changed = [...this.#changed].filter((series) => series.table === table);
    if (changed.length === 0) return;
    for (const series of changed) this.#changed.delete(series);
    const ops = changed.reduce((sum, series) => sum + series.ops, 0);
    this.#left.push({ family: table.drain(changed), ops });
  }

  /**
   * Takes what happened since the last time, family by family in the order of their first change.
   * @param whole tables whose series come all, changed or not
   * @param most series that are taken at most, besides those of `whole`; those that changed first come first
   */
  drain(whole: Iterable<SeriesOwner> = [], most = Number.POSITIVE_INFINITY): Deltas {
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

  /** Takes what has happened by now in pieces, each when it is asked for; what changes meanwhile comes the next time, or with its series. */
  *slices(most: number): Generator<Deltas, void, undefined> {
    for (let left = Math.max(this.size, 1); left > 0; left -= most) yield this.drain([], most);
  }

  #take(most: number): Iterable<Series> {
    const changed = this.#changed;
    if (changed.size <= most) {
      this.#changed = new Set();
      return changed;
    }
    const first: Series[] = [];
    for (const series of changed) {
      if (first.length === most) break;
      first.push(series);
      changed.delete(series);
    }
    return first;
  }
}
