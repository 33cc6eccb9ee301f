import { misuse, outOfRange } from '../diagnostics/misuse.js';
import { describe, invalidOption } from '../diagnostics/options.js';
import { SIZE_BUCKETS } from '../record/default-families.js';
import { exposedUnit } from '../record/unit.js';

/** Upper bounds of histogram buckets. */

/** The default buckets of Prometheus's own clients, 5 ms to 10 s in seconds. */
const DEFAULT_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The default buckets of a histogram in these units: the same durations whatever the unit, sizes for bytes. */
export function defaultBuckets(units: string): readonly number[] {
  const { unit, divisor } = exposedUnit(units);
  if (unit === 'bytes') return SIZE_BUCKETS;
  return divisor === 1 ? DEFAULT_BUCKETS : DEFAULT_BUCKETS.map((seconds) => seconds * divisor);
}

/** `count` bounds, each `width` above the one before, from `start`. */
export function linearBuckets(start: number, width: number, count: number): number[] {
  checkFinite('linearBuckets', { start, width });
  if (width <= 0) throw outOfRange('OPTION_INVALID', `linearBuckets: width must be positive, got ${width}`);
  checkCount('linearBuckets', count);
  return Array.from({ length: count }, (_, i) => start + i * width);
}

/** `count` bounds, each `factor` times the one before, from `start`. */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  checkFinite('exponentialBuckets', { start, factor });
  if (start <= 0) throw outOfRange('OPTION_INVALID', `exponentialBuckets: start must be positive, got ${start}`);
  if (factor <= 1) throw outOfRange('OPTION_INVALID', `exponentialBuckets: factor must be greater than 1, got ${factor}`);
  checkCount('exponentialBuckets', count);
  return Array.from({ length: count }, (_, i) => start * factor ** i);
}

/** Checked bounds of the histogram `name`, without +Inf. Throws if they are not finite, ascending and distinct, or if there are none. */
export function checkBuckets(name: string, buckets: readonly number[]): readonly number[] {
  if (!Array.isArray(buckets)) throw invalidOption(`histogram '${name}'`, 'buckets', 'an array of numbers', buckets);
  const bounds = buckets.at(-1) === Number.POSITIVE_INFINITY ? buckets.slice(0, -1) : [...buckets];
  if (bounds.length === 0) throw outOfRange('OPTION_INVALID', `histogram '${name}': give at least one bucket besides +Inf`);
  for (const [i, bound] of bounds.entries()) {
    if (typeof bound !== 'number' || !Number.isFinite(bound)) {
      throw misuse('OPTION_INVALID', `histogram '${name}': bucket ${i} is ${describe(bound)}; give finite numbers`);
    }
    const before = bounds[i - 1];
    if (before === bound) throw outOfRange('OPTION_INVALID', `histogram '${name}': bucket ${bound} is given twice`);
    if (before !== undefined && before > bound)
      throw outOfRange('OPTION_INVALID', `histogram '${name}': buckets must ascend, but ${bound} follows ${before}`);
  }
  // No bound is -0: the JSON of a batch makes it 0, and le="-0" would be a bucket of its own.
  return bounds.map((bound) => bound + 0);
}

function checkCount(where: string, count: number): void {
  if (!Number.isInteger(count) || count < 1)
    throw outOfRange('OPTION_INVALID', `${where}: count must be a whole number from 1, got ${describe(count)}`);
}

function checkFinite(where: string, numbers: Readonly<Record<string, number>>): void {
  for (const [field, value] of Object.entries(numbers)) {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw invalidOption(where, field, 'a finite number', value);
  }
}
