/** What a value of one scale is in another; the divisors bring both to the exposed unit. */
export function scaleBetween(from: number, to: number): (value: number) => number {
  return from === to ? (value) => value : (value) => (value / from) * to;
}
