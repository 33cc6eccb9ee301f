/** Bounds of a histogram with the divisor that brings them to the exposed unit. */
export interface BucketLayout {
  readonly bounds: readonly number[];
  readonly divisor: number;
}

/**
 * For each bucket of `incoming`, +Inf included, the index of the lowest bucket of `registered` that holds all of it.
 *
 * Observations never move below a bound that they may exceed, so the result stays monotone; it only loses resolution. Returns undefined if both have
 * the same bounds. Bounds are compared as exposed: 1.1 ms and 0.0011 s are the same, 0.0011 * 1000 and 1.1 are not.
 */
export function bucketTargets(registered: BucketLayout, incoming: BucketLayout): readonly number[] | undefined {
  const known = registered.bounds.map((bound) => bound / registered.divisor);
  const targets = incoming.bounds.map((bound) => {
    const holder = known.findIndex((upper) => upper >= bound / incoming.divisor);
    return holder === -1 ? known.length : holder;
  });
  const same = known.length === targets.length && incoming.bounds.every((bound, i) => bound / incoming.divisor === known[i]);
  return same ? undefined : [...targets, known.length];
}
