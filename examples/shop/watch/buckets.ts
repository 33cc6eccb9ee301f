/** Counts of a histogram by upper bound, not cumulative; the last bound is infinite. */
export type Buckets = ReadonlyMap<number, number>;

/**
 * The value below which the share `q` of all observations lies, as Prometheus estimates it: evenly spread within a bucket. An infinite
 * answer says that it lies above the highest finite bound; undefined that there is nothing to estimate.
 */
export function quantile(q: number, buckets: Buckets): number | undefined {
  const ascending = [...buckets].sort(([a], [b]) => a - b);
  const total = ascending.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return undefined;
  const rank = q * total;
  let below = 0;
  let lower = 0;
  for (const [upper, count] of ascending) {
    if (count > 0 && below + count >= rank)
      return upper === Number.POSITIVE_INFINITY ? upper : lower + (upper - lower) * ((rank - below) / count);
    below += count;
    lower = upper;
  }
  return lower;
}

export function addBuckets(a: Buckets, b: Buckets, sign: 1 | -1 = 1): Buckets {
  const sum = new Map(a);
  for (const [bound, count] of b) sum.set(bound, (sum.get(bound) ?? 0) + sign * count);
  return sum;
}

/** From counts that include all lower buckets, as /metrics has them. */
export function fromCumulative(cumulative: ReadonlyMap<number, number>): Buckets {
  let before = 0;
  const ascending = [...cumulative].sort(([a], [b]) => a - b);
  return new Map(
    ascending.map(([bound, count]) => {
      const own = count - before;
      before = count;
      return [bound, own];
    }),
  );
}
