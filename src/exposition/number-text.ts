/**
 * A number as Prometheus reads it back exactly: the shortest form that JavaScript knows, which Go's parser accepts (`1e-7`, `1e+21`),
 * and Prometheus's own words for what is not finite. Integers carry no `.0`.
 */
export function numberText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (Number.isFinite(value)) return `${value}`;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

/** Bounds are the same label values whoever writes them: with exponents from here on, on both sides. */
const SMALLEST_PLAIN = 1e-4;
const SMALLEST_WITH_EXPONENT = 1e6;

/**
 * The one form that OpenMetrics has for a number in `le` and `quantile`, Go's: `1.0`, `0.005`, `1e-05`, `1e+06`, `+Inf`.
 *
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/ (Canonical Numbers)
 */
export function canonicalText(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0.0';
  if (!Number.isFinite(value)) return numberText(value);
  if (size >= SMALLEST_PLAIN && size < SMALLEST_WITH_EXPONENT) return Number.isInteger(value) ? `${value}.0` : `${value}`;
  return value.toExponential().replace(/(?<=e[+-])(?=\d$)/, '0');
}
