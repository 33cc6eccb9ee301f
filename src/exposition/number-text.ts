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
