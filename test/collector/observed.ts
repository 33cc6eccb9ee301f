import type { FamilyDelta, HistogramDelta, LabelValues, SummaryDelta } from '../../src/record/batch.js';
import { sketchOf } from '../sketch/a-sketch.js';
import { aDelta, aSchema, type SchemaParts } from './a-batch.js';

/** Deltas as metrics with sketches make them. */

export const SKETCH = { maxBuckets: 160, zeroThreshold: 2 ** -128 };

export interface ObservedParts extends Partial<SchemaParts> {
  readonly values: readonly number[];
  readonly labelValues?: LabelValues;
}

/** What a histogram `h` observed, with a sketch unless the schema has none. */
export function aHistogram({ values, labelValues = [], ...parts }: ObservedParts): FamilyDelta {
  const schema = aSchema({ name: 'h', bounds: [1, 10, 100], sketch: SKETCH, ...parts });
  const counts = [...schema.bounds, Number.POSITIVE_INFINITY].map(() => 0);
  for (const value of values) counts[[...schema.bounds, Number.POSITIVE_INFINITY].findIndex((bound) => value <= bound)]! += 1;
  const row: HistogramDelta = { labelValues, counts, sum: sumOf(values) };
  return aDelta('histogram', schema, [schema.sketch === undefined ? row : { ...row, sketch: taken(values, schema.divisor) }]);
}

/** What a summary `s` with quantiles over 10 s observed. */
export function aSummary({ values, labelValues = [], ...parts }: ObservedParts): FamilyDelta {
  const window = { duration: 10_000, slices: 5 };
  const schema = aSchema({ name: 's', sketch: SKETCH, quantiles: [0, 0.5, 1], window, ...parts });
  const row: SummaryDelta = { labelValues, count: values.length, sum: sumOf(values) };
  return aDelta('summary', schema, [schema.sketch === undefined ? row : { ...row, sketch: taken(values, schema.divisor) }]);
}

/** What a program tells that knows no sketches. */
export function withoutSketch({ kind, schema, rows, removed }: FamilyDelta): FamilyDelta {
  const { name, help, unit, divisor, labelNames, bounds, states } = schema;
  const plain = JSON.parse(JSON.stringify(rows, (key, value: unknown) => (key === 'sketch' ? undefined : value))) as unknown;
  const told = { kind, schema: { name, help, unit, divisor, labelNames, bounds, states }, rows: plain, removed };
  return told as FamilyDelta;
}

function taken(values: readonly number[], divisor: number) {
  return sketchOf(values.map((value) => value / divisor)).take();
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
