/**
 * Numbers in the forms that Python phanos writes: `str(float)` in text lines, orjson's form in message bodies, and durations rounded as
 * Python's `round` does. They run once or twice a record, so the ordinary cases (integers, two decimals) skip the general algorithm.
 */

/** Below this a number of hundredths fits V8's small integers, whose text and arithmetic are cheapest. */
const SMALL = 2 ** 30;

/** `.0`, `.01` … `.1`, `.11` … `.99`: the decimals of a number of hundredths, without a trailing zero behind the first. */
const HUNDREDTHS: readonly string[] = Array.from({ length: 100 }, (_, n) => (n % 10 === 0 ? `.${n / 10}` : `.${n < 10 ? '0' : ''}${n}`));

/** What Python's `str()` prints for the number taken as a float: `200.0`, `1e+16`, `1e-05`, `nan`, `-inf`. */
export function pythonFloat(n: number): string {
  const short = hundredths(n);
  if (short !== '') return short;
  if (!Number.isFinite(n)) return Number.isNaN(n) ? 'nan' : n > 0 ? 'inf' : '-inf';
  const size = Math.abs(n);
  if (size < 1e16 && size >= 1e-4) return decimal(n);
  if (n === 0) return '-0.0';
  // Both languages print the shortest digits that read back the same; Python writes at least two digits of exponent.
  return n.toExponential().replace(/([+-])(\d)$/, '$10$2');
}

/** JSON text of the number as orjson writes a float: `200.0`, `1e16`, `0.00001`, and `null` for NaN and infinities. */
export function orjsonFloat(n: number): string {
  const short = hundredths(n);
  if (short !== '') return short;
  if (!Number.isFinite(n)) return 'null';
  const size = Math.abs(n);
  // JavaScript itself turns to exponents below 1e-6, so the one decade between has nothing to change.
  if (size < 1e16 && size >= 1e-5) return decimal(n);
  if (n === 0) return '-0.0';
  return n.toExponential().replace('+', '');
}

/** Python's `round(ms, 2)`: to the nearest hundredth of the exact binary value, and to the even one when it lies right between two. */
export function roundMilliseconds(ms: number): number {
  if (ms < 0) return -roundMilliseconds(-ms);
  const scaled = ms * 100;
  if (!(scaled < 2 ** 51)) return roundLarge(ms);
  const whole = Math.floor(scaled);
  const rest = scaled - whole;
  // The product is rounded, but halves are doubles here, so it never comes out on the wrong side of one, only right on it.
  if (rest < 0.5) return whole / 100;
  if (rest > 0.5) return (whole + 1) / 100;
  const side = sideOfMiddle(ms, whole);
  return (side > 0 || (side === 0 && whole % 2 === 1) ? whole + 1 : whole) / 100;
}

/** Sign of `ms` minus the middle between `whole` hundredths and the next one, computed without rounding. */
function sideOfMiddle(ms: number, whole: number): number {
  // A float32 has 24 bits and leaves 29 at most for the rest: both products with 200 are exact, and so is the difference of close numbers.
  const high = Math.fround(ms);
  const low = ms - high;
  return high * 200 - (whole * 2 + 1) + low * 200;
}

/** Centuries of milliseconds, infinity or NaN. `toFixed` is exact, but of two equally near ones it takes the larger: `.125` gives `.13`. */
function roundLarge(ms: number): number {
  if (!(ms < 1e20)) return ms;
  const text = ms.toFixed(2);
  const between = (ms * 8) % 2 === 1;
  return Number(between && text.endsWith('3') ? `${text.slice(0, -1)}2` : text);
}

/** Text of zero, or of a positive number that has two decimals at most and is not too large; else the empty string. */
function hundredths(n: number): string {
  const scaled = Math.round(n * 100);
  if (scaled < SMALL && scaled > 0 && scaled / 100 === n) {
    const whole = (scaled / 100) | 0;
    return whole + (HUNDREDTHS[scaled - whole * 100] as string);
  }
  return Object.is(n, 0) ? '0.0' : '';
}

/** Shortest decimal form, with `.0` for integers. Only for sizes that JavaScript prints without an exponent. */
function decimal(n: number): string {
  return Number.isInteger(n) ? `${n}.0` : String(n);
}
