import type { SeriesOwner } from '../metrics/series.js';
import type { Recorded } from '../record/recorded.js';

/** Records of one root call that wait for its end. They never mix with another root's. */
export class RecordBuffer {
  /** False once its root call has ended; calls that outlive the root deliver on their own. */
  open = true;
  /** Records of all metrics together. */
  pending = 0;
  #byMetric = new Map<SeriesOwner, Recorded[]>();

  add(table: SeriesOwner, record: Recorded): void {
    const records = this.#byMetric.get(table);
    if (records === undefined) this.#byMetric.set(table, [record]);
    else records.push(record);
    this.pending++;
  }

  /** Takes everything out. */
  take(): Map<SeriesOwner, Recorded[]> {
    const taken = this.#byMetric;
    this.#byMetric = new Map();
    this.pending = 0;
    return taken;
  }
}
