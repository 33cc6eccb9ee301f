import { CountArena } from '../../src/sketch/count-arena.js';
import { DEFAULT_MAX_BUCKETS, DEFAULT_SCALE, DEFAULT_ZERO_THRESHOLD, Sketch, type SketchShape } from '../../src/sketch/sketch.js';
import type { SketchBuckets, SketchView } from '../../src/sketch/sketch-view.js';

/** What a test says of a shape; the rest is as in a program. */
export function aShape(parts: Partial<SketchShape> = {}): SketchShape {
  return {
    arena: new CountArena(),
    maxBuckets: DEFAULT_MAX_BUCKETS,
    zeroThreshold: DEFAULT_ZERO_THRESHOLD,
    scale: DEFAULT_SCALE,
    ...parts,
  };
}

/** A sketch of these values. */
export function sketchOf(values: Iterable<number>, parts?: Partial<SketchShape>): Sketch {
  const sketch = new Sketch(aShape(parts));
  for (const value of values) sketch.add(value);
  return sketch;
}

/** A sketch of all that these hold. */
export function merged(views: Iterable<SketchView>, parts?: Partial<SketchShape>): Sketch {
  const sketch = new Sketch(aShape(parts));
  for (const view of views) sketch.merge(view);
  return sketch;
}

/** What a sketch holds, in a form that is equal for equal contents. */
export function contents({ scale, zeroThreshold, zeroCount, positive, negative }: SketchView): unknown {
  return { scale, zeroThreshold, zeroCount, positive: side(positive), negative: side(negative) };
}

function side({ offset, counts, infinite = 0 }: SketchBuckets): unknown {
  const filled = Array.from(counts, (count, i) => [offset + i, count] as const).filter(([, count]) => count > 0);
  return { filled, infinite };
}
