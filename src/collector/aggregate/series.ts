import type { ExposedSeries } from '../../exposition/exposed-family.js';
import type { Slice } from '../../record/arena.js';
import type { Group } from './group.js';

/** One label set of a family: its label text, written once, and where its numbers are. */
export class Series implements ExposedSeries {
  readonly labels: string;
  readonly cells: Float64Array;
  readonly offset: number;
  /** With whose producers it lives. */
  group: Group;
  /** The one producer that has ever written to it, by its number, or SHARED. */
  writer: number;

  constructor(labels: string, { cells, offset }: Slice, group: Group, writer: number) {
    this.labels = labels;
    this.cells = cells;
    this.offset = offset;
    this.group = group;
    this.writer = writer;
  }
}
