import type { FamilySchema } from '../../record/batch.js';
import { labelNameFault, metricNameFault } from '../../record/names.js';
import type { MetricKind } from '../../record/recorded.js';
import { MAX_SLICES } from '../../sketch/sliding-sketch.js';
import type { CollectorLimits } from '../limits.js';
import { GAUGE_MODES } from './gauge-modes.js';
import type { RefusalReason } from './refusal.js';

/** Whether a schema can be exposed: a cheap defence, for a batch may come from a program that checks nothing. */

const KINDS: ReadonlySet<string> = new Set<MetricKind>(['counter', 'enum', 'gauge', 'histogram', 'info', 'summary']);

/** How kinds can be merged that do not just add up. */
const MERGES: Readonly<Partial<Record<MetricKind, readonly string[]>>> = { enum: ['state', 'count'], gauge: Object.keys(GAUGE_MODES) };

/** Labels that users can't declare, but that phanos's own families carry. */
const OWN_LABELS: ReadonlySet<string> = new Set(['error_raised', 'phanos_overflow']);

const MAX_QUANTILES = 32;
/** Each is a sample of every series of its enum. */
export const MOST_STATES = 1000;

/** Why rows of this schema can't be taken, or undefined if they can. */
export function schemaRefusal(kind: MetricKind, schema: FamilySchema, limits: CollectorLimits): RefusalReason | undefined {
  if (!KINDS.has(kind) || !hasShape(schema)) return 'malformed';
  const { name, labelNames, bounds, states } = schema;
  if (metricNameFault(name, kind) !== undefined || !labelNames.every(isLabelName)) return 'name_invalid';
  if (new Set(labelNames).size < labelNames.length) return 'name_invalid';
  if (kind === 'enum' && labelNames.includes(name)) return 'name_invalid';
  if (labelNames.length > limits.labels) return 'labels_limit';
  if (kind === 'histogram' && !ascends(bounds, schema.divisor)) return 'bounds_invalid';
  if (schema.merge !== undefined && !MERGES[kind]?.includes(schema.merge)) return 'merge_unknown';
  if ((schema.merge === 'all' || schema.merge === 'liveall') && labelNames.includes('worker')) return 'name_invalid';
  if (!sketchFits(kind, schema)) return 'sketch_invalid';
  if (kind === 'enum' && !(states.length > 0 && states.every(isString))) return 'state_unknown';
  if (kind === 'enum' && states.length > MOST_STATES) return 'states_limit';
  return undefined;
}

/** Whether a label may have this name on its way out. */
export function isLabelName(name: unknown): boolean {
  return isString(name) && (OWN_LABELS.has(name) || labelNameFault(name) === undefined);
}

function hasShape(schema: FamilySchema): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  const { name, help, unit, divisor, labelNames, bounds, states } = schema;
  return [labelNames, bounds, states].every(isList) && [name, help, unit].every(isString) && Number.isFinite(divisor) && divisor > 0;
}

/** Compared as exposed: two bounds whose quotients are equal would be written as the same bucket twice. */
function ascends(bounds: readonly number[], divisor: number): boolean {
  return bounds.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound / divisor > bounds[i - 1]! / divisor));
}

/** Sketches are of kinds that observe, quantiles of summaries with sketches; each within what a collector can keep. */
function sketchFits(kind: MetricKind, { sketch, quantiles, window }: FamilySchema): boolean {
  if (sketch === undefined) return quantiles === undefined && window === undefined;
  if (kind !== 'histogram' && kind !== 'summary') return false;
  if (typeof sketch !== 'object' || sketch === null || !isWholeNumber(sketch.maxBuckets)) return false;
  if (!Number.isFinite(sketch.zeroThreshold) || sketch.zeroThreshold < 0) return false;
  if (quantiles === undefined && window === undefined) return true;
  if (kind !== 'summary' || !isList(quantiles) || typeof window !== 'object' || window === null) return false;
  const { duration, slices } = window;
  if (!(Number.isFinite(duration) && duration > 0) || !isWholeNumber(slices) || slices > MAX_SLICES) return false;
  return (
    quantiles!.length <= MAX_QUANTILES &&
    quantiles!.every((q, i) => typeof q === 'number' && q >= 0 && q <= 1 && (i === 0 || q > quantiles![i - 1]!))
  );
}

function isWholeNumber(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

/** An array without holes, which `every` would skip. */
function isList(value: unknown): boolean {
  return Array.isArray(value) && Object.keys(value).length === value.length;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
