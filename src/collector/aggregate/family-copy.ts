import type { EnumMerge, GaugeMerge, SketchSchema } from '../../record/batch.js';
import type { MetricKind } from '../../record/recorded.js';
import type { SlidingWindow } from '../../sketch/sliding-sketch.js';
import type { PlainNumber } from './plain-number.js';

/** A family at one moment as plain data, which JSON can carry. */
export interface FamilyCopy {
  readonly head: FamilyHead;
  readonly stakes: readonly StakeCopy[];
  /** How many series there are. */
  readonly size: number;
  /** Some of the series, in order. */
  series(from: number, to: number): SeriesCopy[];
}

/** A family without its series. */
export interface FamilyHead {
  readonly kind: MetricKind;
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  /** Labels in the order in which they are written. */
  readonly labels: readonly string[];
  /** Known bounds and divisors, in order of their first announcement. */
  readonly layouts: readonly (readonly [bounds: readonly number[], divisor: number])[];
  /** Index of the layout in use. */
  readonly layout: number;
  /** Enum: its states as they came. */
  readonly states: readonly string[];
  /** As declared first. */
  readonly merge?: GaugeMerge | EnumMerge;
  /** Histogram, summary: its sketches are kept. */
  readonly sketch?: SketchSchema;
  readonly quantiles?: readonly number[];
  readonly window?: SlidingWindow;
}

/** What a producer, by its number, has in a family. */
export type StakeCopy =
  /** It adds up: the indexes of the layouts that it has announced, and whether it announces sketches. */
  | readonly [producer: number, layouts: readonly number[], sketches?: true]
  /** It holds states: the label sets that it has removed, with the seq of the removal. */
  | readonly [producer: number, removed: readonly (readonly [key: string, seq: number])[]];

/** A series; its key is null where it is the text of the labels. */
export type SeriesCopy = AdditiveCopy | StateCopy;

/** `group` and `writer` are numbers of theirs. */
export type AdditiveCopy = readonly [
  key: string | null,
  labels: string,
  group: number,
  writer: number,
  cells: readonly PlainNumber[],
  /** The sketch of a histogram, or what is in the window of a summary. */
  sketches?: readonly SliceCopy[],
];

/** A sketch, and how many slices ago its slice began; 0 if it is in no window. */
export type SliceCopy = readonly [age: number, numbers: readonly PlainNumber[]];

export type StateCopy = readonly [
  key: string | null,
  labels: string,
  group: number,
  mode: string,
  holders: readonly HoldingCopy[],
  /** What forgotten producers have left. */
  legacy: readonly [value: PlainNumber, weight: number, stamp: number] | null,
];

/** The key is null where it is that of the series. */
export type HoldingCopy = readonly [producer: number, key: string | null, value: PlainNumber, seq: number, stamp: number];
