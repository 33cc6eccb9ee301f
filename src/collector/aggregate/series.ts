import type { ExposedExemplar, ExposedSeries } from '../../exposition/exposed-family.js';
import type { Slice } from '../../record/arena.js';
import type { SketchView } from '../../sketch/sketch-view.js';
import type { Group } from './group.js';
import type { SeriesExtra } from './series-extra.js';

/** One label set of a family: its label text, written once, and where its numbers are. */
export class Series implements ExposedSeries {
  readonly labels: string;
  readonly cells: Float64Array;
  readonly offset: number;
  /** With whose producers it lives. */
  group: Group;
  /** The one producer that has ever written to it, by its number, or SHARED. */
  writer: number;
  /** A sketch, a window, exemplars; most series have none, and keep one field for it. */
  extra: SeriesExtra | undefined;

  constructor(labels: string, { cells, offset }: Slice, group: Group, writer: number) {
    this.labels = labels;
    this.cells = cells;
    this.offset = offset;
    this.group = group;
    this.writer = writer;
  }

  get sketch(): SketchView | undefined {
    return this.extra?.sketch;
  }

  get exemplars(): readonly (ExposedExemplar | undefined)[] | undefined {
    return this.extra?.exemplars;
  }

  get quantileValues(): readonly number[] | undefined {
    return this.extra?.quantileValues;
  }
}
