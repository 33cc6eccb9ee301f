import type { ExposedSeries } from '../../exposition/exposed-family.js';
import type { Slice } from '../../record/arena.js';

/** One label set of a family: its label text, written once, and where its numbers are. */
export class Series implements ExposedSeries {
  labels: string;
  readonly cells: Float64Array;
  readonly offset: number;

  constructor(labels: string, { cells, offset }: Slice) {
    this.labels = labels;
    this.cells = cells;
    this.offset = offset;
  }
}
