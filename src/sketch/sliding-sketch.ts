import { quantileOf } from './quantile.js';
import { Sketch, type SketchShape } from './sketch.js';
import type { SketchView } from './sketch-view.js';

/** A time to look back upon, in slices that pass one at a time. */
export interface SlidingWindow {
  /** Milliseconds. */
  readonly duration: number;
  readonly slices: number;
}

/** Slices that a window may have, so that nobody has to keep more. */
export const MAX_SLICES = 12;

/** A sketch of what came within a sliding window, to within one slice. */
export class SlidingSketch {
  readonly #shape: SketchShape;
  readonly window: SlidingWindow;
  /** By number modulo slices; made when something falls into it. */
  readonly #sketches: (Sketch | undefined)[] = [];
  readonly #numbers: number[] = [];

  constructor(shape: SketchShape, window: SlidingWindow) {
    this.#shape = shape;
    this.window = window;
    for (let i = 0; i < window.slices; i++) this.#numbers.push(Number.NEGATIVE_INFINITY);
  }

  /** @param now milliseconds that never step back */
  merge(view: SketchView, now: number): void {
    this.#put(view, this.#numberOf(now));
  }

  /** The values at these quantiles of what came within the window; NaN if nothing did. */
  quantiles(quantiles: readonly number[], now: number): number[] {
    const all = new Sketch(this.#shape);
    for (const [, sketch] of this.#current(now)) all.merge(sketch);
    const values = quantiles.map((q) => quantileOf(all, q));
    all.clear();
    return values;
  }

  /** What is within the window, with the age of its slice: 0 for the one that is being filled. */
  *copy(now: number): Generator<readonly [age: number, sketch: SketchView], void, undefined> {
    const number = this.#numberOf(now);
    for (const [slice, sketch] of this.#current(now)) yield [number - slice, sketch];
  }

  /** Brings back what a copy had. */
  restore(age: number, view: SketchView, now: number): void {
    if (age < this.window.slices) this.#put(view, this.#numberOf(now) - age);
  }

  /** Gives its memory back; it must not be used any more. */
  clear(): void {
    for (const sketch of this.#sketches) sketch?.clear();
  }

  #numberOf(now: number): number {
    return Math.floor((now * this.window.slices) / this.window.duration);
  }

  #put(view: SketchView, number: number): void {
    const { slices } = this.window;
    const at = ((number % slices) + slices) % slices;
    let sketch = this.#sketches[at];
    if (sketch === undefined) {
      sketch = new Sketch(this.#shape);
      this.#sketches[at] = sketch;
    } else if (this.#numbers[at] !== number) {
      sketch.clear();
      sketch.refine();
    }
    this.#numbers[at] = number;
    sketch.merge(view);
  }

  *#current(now: number): Generator<readonly [number: number, sketch: Sketch], void, undefined> {
    const number = this.#numberOf(now);
    for (const [i, sketch] of this.#sketches.entries()) {
      const slice = this.#numbers[i]!;
      if (sketch !== undefined && slice > number - this.window.slices && slice <= number) yield [slice, sketch];
    }
  }
}
