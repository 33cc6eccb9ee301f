import { addBuckets, type Buckets, fromCumulative, quantile } from './buckets.js';
import { readSamples } from './samples.js';

const TIME = 'phanos_time_profiler_seconds';
const SIZE = 'phanos_response_size_bytes';

/** What /metrics tells of the calls on one path. */
export interface Calls {
  /** Call path, `Orders:place.save`. */
  readonly path: string;
  readonly count: number;
  readonly errors: number;
  /** Time of all calls, in seconds. */
  readonly seconds: number;
  readonly buckets: Buckets;
  /** What root calls returned, in bytes. */
  readonly bytes: number;
}

/** True for calls that no other profiled call made. */
export function isRoot({ path }: Calls): boolean {
  return !path.includes('.');
}

/** Mean duration in seconds, undefined without calls. */
export function mean({ seconds, count }: Calls): number | undefined {
  return count === 0 ? undefined : seconds / count;
}

export function percentile(percent: number, { buckets }: Calls): number | undefined {
  return quantile(percent / 100, buckets);
}

/** Sums up calls under a new path. */
export function sumOf(path: string, parts: readonly Calls[]): Calls {
  const nothing: Calls = { path, count: 0, errors: 0, seconds: 0, buckets: new Map(), bytes: 0 };
  return parts.reduce((sum, part) => combine(sum, part, 1), nothing);
}

/** What was added since an earlier look. */
export function since(earlier: ReadonlyMap<string, Calls>, now: ReadonlyMap<string, Calls>): Calls[] {
  return [...now.values()].map((calls) => {
    const before = earlier.get(calls.path);
    return before === undefined ? calls : combine(calls, before, -1);
  });
}

function combine(a: Calls, b: Calls, sign: 1 | -1): Calls {
  return {
    path: a.path,
    count: a.count + sign * b.count,
    errors: a.errors + sign * b.errors,
    seconds: a.seconds + sign * b.seconds,
    buckets: addBuckets(a.buckets, b.buckets, sign),
    bytes: a.bytes + sign * b.bytes,
  };
}

/**
 * Calls by path, out of the text of /metrics: each path's calls that failed and those that did not are one.
 *
 * @param instance the only one whose calls are wanted, where the text has those of many
 */
export function readCalls(text: string, instance?: string): Map<string, Calls> {
  const drafts = new Map<string, Draft>();
  for (const { name, labels, value } of [...readSamples(text, TIME), ...readSamples(text, SIZE)]) {
    const { method: path = '', error_raised: failed, le } = labels;
    if (instance !== undefined && labels.instance !== instance) continue;
    const draft = drafts.get(path) ?? { count: 0, errors: 0, seconds: 0, cumulative: new Map(), bytes: 0 };
    drafts.set(path, draft);
    if (name === `${TIME}_count`) {
      draft.count += value;
      if (failed === 'true') draft.errors += value;
    } else if (name === `${TIME}_sum`) draft.seconds += value;
    else if (name === `${SIZE}_sum`) draft.bytes += value;
    else if (name === `${TIME}_bucket` && le !== undefined) {
      const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
      draft.cumulative.set(bound, (draft.cumulative.get(bound) ?? 0) + value);
    }
  }
  return new Map([...drafts].map(([path, { cumulative, ...counts }]) => [path, { path, ...counts, buckets: fromCumulative(cumulative) }]));
}

interface Draft {
  count: number;
  errors: number;
  seconds: number;
  bytes: number;
  readonly cumulative: Map<number, number>;
}
