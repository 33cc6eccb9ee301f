import type { ExposedExemplar } from '../../exposition/exposed-family.js';
import type { Sketch } from '../../sketch/sketch.js';
import type { SlidingSketch } from '../../sketch/sliding-sketch.js';

/** What the window of a summary is looked at with. */
export interface WindowView {
  readonly quantiles: readonly number[];
  /** Brings values to the family's scale. */
  readonly divisor: number;
  now(): number;
}

/** What a series has beside its numbers, if its family asks for it. */
export class SeriesExtra {
  /** Histogram: all of its observations. */
  sketch: Sketch | undefined;
  /** Summary: its observations of late. */
  window: SlidingSketch | undefined;
  /** Histogram: the newest of each bucket; counter: the newest. */
  exemplars: (ExposedExemplar | undefined)[] | undefined;
  readonly #view: WindowView;

  constructor(view: WindowView) {
    this.#view = view;
  }

  /** Summary: the values at the quantiles that are shown; NaN while there is none. */
  get quantileValues(): readonly number[] | undefined {
    const { quantiles, divisor } = this.#view;
    if (quantiles.length === 0) return undefined;
    if (this.window === undefined) return quantiles.map(() => Number.NaN);
    return this.window.quantiles(quantiles, this.#view.now()).map((value) => value * divisor);
  }
}
