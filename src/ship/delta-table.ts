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

  /**
   * Takes everything that happened since the last time, family by family in the order of their first change.
   * @param whole tables whose series come all, changed or not
   */
  drain(whole: Iterable<SeriesOwner> = []): Deltas {
    const byTable = new Map<SeriesOwner, Series[]>();
    let ops = 0;
    const changed = this.#changed;
    this.#changed = new Set();
    for (const series of changed) {
      ops += series.ops;
      const known = byTable.get(series.table);
      if (known === undefined) byTable.set(series.table, [series]);
      else known.push(series);
    }
    for (const table of whole) byTable.set(table, [...new Set([...(byTable.get(table) ?? []), ...table.series()])]);
    return { families: [...byTable].map(([table, series]) => table.drain(series)), ops };
  }
}
