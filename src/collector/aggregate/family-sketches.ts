import type { FamilySchema, HistogramDelta, SketchSchema, SummaryDelta } from '../../record/batch.js';
import { CountArena } from '../../sketch/count-arena.js';
import { PackedSketches, unpacked } from '../../sketch/packed-sketches.js';
import { MERGED_SCALE, Sketch, type SketchShape } from '../../sketch/sketch.js';
import { SlidingSketch, type SlidingWindow } from '../../sketch/sliding-sketch.js';
import type { BucketLayout } from './bucket-targets.js';
import type { FamilyHead, SliceCopy } from './family-copy.js';
import { fromPlain, plainNumber } from './plain-number.js';
import type { Series } from './series.js';
import { SeriesExtra, type WindowView } from './series-extra.js';

/** What sketches of a family need of the collector. */
export interface SketchHost {
  /** Milliseconds that never step back. */
  now(): number;
  readonly limits: { readonly sketchBuckets: number };
}

type HeadParts = Pick<FamilyHead, 'quantiles' | 'sketch' | 'window'>;

/**
 * The sketches of one family's series.
 *
 * They are kept as long as a living producer announces them, or none lives. A histogram's sketch holds all that its buckets hold: what was counted without
 * one stands in it at the upper bound of its bucket, as a quantile of the buckets alone would have it. The window of a summary holds what came with a
 * sketch, and slides by the collector's clock; the newest schema says which quantiles of what time are shown.
 */
export class FamilySketches implements WindowView {
  readonly #host: SketchHost;
  readonly #layout: () => BucketLayout;
  /** Living producers that announce sketches. */
  announcers = 0;
  #schema: SketchSchema | undefined;
  #shape: SketchShape | undefined;
  #window: SlidingWindow | undefined;
  quantiles: readonly number[] = [];

  /** @param layout the one in use in the family */
  constructor(host: SketchHost, layout: () => BucketLayout) {
    this.#host = host;
    this.#layout = layout;
  }

  get isOn(): boolean {
    return this.#shape !== undefined;
  }

  get divisor(): number {
    return this.#layout().divisor;
  }

  now(): number {
    return this.#host.now();
  }

  /** A schema that was not seen before. */
  learn({ sketch, quantiles, window }: HeadParts): void {
    if (sketch === undefined) return;
    this.#schema ??= sketch;
    this.#shape ??= {
      arena: new CountArena(),
      maxBuckets: Math.min(sketch.maxBuckets, this.#host.limits.sketchBuckets),
      zeroThreshold: sketch.zeroThreshold,
      scale: MERGED_SCALE,
    };
    if (quantiles === undefined || window === undefined) return;
    this.quantiles = quantiles;
    this.#window = sameWindow(window, this.#window) ? this.#window : window;
  }

  /** Nobody announces sketches any more. */
  end(series: Iterable<Series>): void {
    for (const { extra } of series) {
      if (extra === undefined) continue;
      extra.sketch = undefined;
      extra.window = undefined;
    }
    this.#schema = undefined;
    this.#shape = undefined;
    this.#window = undefined;
    this.quantiles = [];
  }

  /** To be called before a row is applied to a histogram: what was counted up to then becomes part of its sketch. */
  open(series: Series): void {
    const extra = this.extraOf(series);
    if (extra.sketch !== undefined || this.#shape === undefined) return;
    extra.sketch = new Sketch(this.#shape);
    const { bounds, divisor } = this.#layout();
    addBuckets(extra.sketch, series.cells, series.offset, bounds, divisor);
  }

  /** A row of a histogram that was opened. False if it had no sketch. */
  addHistogram(series: Series, { sketch, counts }: HistogramDelta, { bounds, divisor }: FamilySchema): boolean {
    const own = series.extra!.sketch!;
    if (sketch === undefined) addBuckets(own, counts, 0, bounds, divisor);
    else own.merge(sketch);
    return sketch !== undefined;
  }

  /** A row of a summary. */
  addSummary(series: Series, { sketch }: SummaryDelta): void {
    const extra = this.extraOf(series);
    if (sketch === undefined || this.#window === undefined || this.#shape === undefined) return;
    if (extra.window?.window !== this.#window) {
      extra.window?.clear();
      extra.window = new SlidingSketch(this.#shape, this.#window);
    }
    extra.window.merge(sketch, this.now());
  }

  extraOf(series: Series): SeriesExtra {
    series.extra ??= new SeriesExtra(this);
    return series.extra;
  }

  /** The series is gone. */
  release({ extra }: Series): void {
    extra?.sketch?.clear();
    extra?.window?.clear();
  }

  head(): HeadParts {
    if (this.#schema === undefined) return {};
    if (this.#window === undefined) return { sketch: this.#schema };
    return { sketch: this.#schema, quantiles: this.quantiles, window: this.#window };
  }

  /** Copies the sketches of these series as they were at that time; what is returned puts those of one series into words, undefined for none. */
  copy(all: Iterable<Series>, now: number): (index: number) => SliceCopy[] | undefined {
    if (!this.isOn) return () => undefined;
    const packed = new PackedSketches();
    const ages: number[] = [];
    const ends: number[] = [];
    for (const { extra } of all) {
      if (extra?.sketch !== undefined) {
        packed.add(extra.sketch);
        ages.push(0);
      }
      for (const [age, sketch] of extra?.window?.copy(now) ?? []) {
        packed.add(sketch);
        ages.push(age);
      }
      ends.push(ages.length);
    }
    return (index) => {
      const first = index === 0 ? 0 : ends[index - 1]!;
      const slices = ages.slice(first, ends[index]);
      return slices.length === 0 ? undefined : slices.map((age, i): SliceCopy => [age, packed.numbers(first + i).map(plainNumber)]);
    };
  }

  restore(series: Series, slices: readonly SliceCopy[]): void {
    if (this.#shape === undefined) return;
    const extra = this.extraOf(series);
    for (const [age, numbers] of slices) {
      const view = unpacked(numbers.map(fromPlain));
      if (this.#window === undefined) {
        extra.sketch ??= new Sketch(this.#shape);
        extra.sketch.merge(view);
      } else {
        extra.window ??= new SlidingSketch(this.#shape, this.#window);
        extra.window.restore(age, view, this.now());
      }
    }
  }
}

/** What is known of observations by their buckets only: at most the upper bound, and more than the last one beyond it. */
function addBuckets(sketch: Sketch, counts: ArrayLike<number>, start: number, bounds: readonly number[], divisor: number): void {
  for (let i = 0; i <= bounds.length; i++) {
    const count = counts[start + i]!;
    if (count > 0) sketch.addTimes((bounds[i] ?? bounds.at(-1) ?? 0) / divisor, count);
  }
}

function sameWindow(a: SlidingWindow, b: SlidingWindow | undefined): boolean {
  return a.duration === b?.duration && a.slices === b.slices;
}
