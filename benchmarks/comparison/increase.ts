/** What a counter rose by over these samples, by Prometheus' rule: one that is lower than the one before says that the counter began anew at 0. */
export function increaseOf(samples: readonly number[]): number {
  return samples.slice(1).reduce((sum, value, i) => sum + value - (value < (samples[i] ?? 0) ? 0 : (samples[i] ?? 0)), 0);
}
