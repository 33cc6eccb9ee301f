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
   * Takes everything that happened since the last time, family by family in the order of their first change.
   * @param whole tables whose series come all, changed or not
   */
  drain(whole: Iterable<SeriesOwner> = []): Deltas {
    const byTable = new Map<SeriesOwner, Series[]>();
    const left = this.#left;
    const changed = this.#changed;
    this.#left = [];
    this.#changed = new Set();
    let ops = left.reduce((sum, one) => sum + one.ops, 0);
    for (const series of changed) {
      ops += series.ops;
      const known = byTable.get(series.table);
      if (known === undefined) byTable.set(series.table, [series]);
      else known.push(series);
    }
    for (const table of whole) byTable.set(table, [...new Set([...(byTable.get(table) ?? []), ...table.series()])]);
    const families = [...byTable].map(([table, series]) => table.drain(series));
    return { families: [...left.map(({ family }) => family), ...families], ops };
  }
}
