import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orjsonFloat, pythonFloat, roundMilliseconds } from '../../src/record/number-form.js';
import { golden } from './golden.js';

interface Formats {
  readonly floats: readonly { readonly ieee754_be_hex: string; readonly python_str: string; readonly orjson: string }[];
  readonly round_us_to_ms: readonly (readonly [microseconds: number, milliseconds: number])[];
}

const formats = golden<Formats>('python-phanos/formats.json');
const floats = formats.floats.map((row) => ({ ...row, value: Buffer.from(row.ieee754_be_hex, 'hex').readDoubleBE() }));

/** Any double, and those that phanos really meets: durations in hundredths, counts, sizes. */
const numbers = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 100),
  fc.double({ min: -1e5, max: 1e5 }),
);

describe('pythonFloat', () => {
  it('writes all golden floats as Python does', () => {
    expect(floats.map(({ value }) => pythonFloat(value))).toEqual(floats.map((row) => row.python_str));
  });

  it('reads back as the same number, and never looks like an integer', () => {
    fc.assert(
      fc.property(numbers, (n) => {
        const text = pythonFloat(n);
        expect(text).toMatch(/^(nan|-?inf|-?\d+\.\d+|-?\d(\.\d+)?e[+-]\d\d+)$/);
        expect(text.replace(/^(-?)inf$/, '$1Infinity').replace('nan', 'NaN')).toSatisfy((form: string) => Object.is(Number(form), n));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [0, '0.0'],
    [0.01, '0.01'],
    [0.1, '0.1'],
    [10.5, '10.5'],
    [10737418.23, '10737418.23'],
    [10737418.24, '10737418.24'],
    [12345678901.25, '12345678901.25'],
    [-1.25, '-1.25'],
    [9.999e-5, '9.999e-05'],
    [1.5e-10, '1.5e-10'],
  ])('writes %d as %s', (value, text) => {
    expect(pythonFloat(value)).toBe(text);
  });
});

describe('orjsonFloat', () => {
  it('writes all golden floats as orjson does', () => {
    expect(floats.map(({ value }) => orjsonFloat(value))).toEqual(floats.map((row) => row.orjson));
  });

  it('is JSON for the same number, or null for what JSON lacks', () => {
    fc.assert(
      fc.property(numbers, (n) => {
        const parsed: unknown = JSON.parse(orjsonFloat(n));
        expect(parsed).toSatisfy((value: unknown) => Object.is(value, Number.isFinite(n) ? n : null));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('roundMilliseconds', () => {
  it('rounds all golden microseconds as Python does', () => {
    // Python took the microseconds of a timedelta as `total_seconds() * 1000`, which is not always the double next to microseconds / 1000.
    const rounded = formats.round_us_to_ms.map(([microseconds]) => roundMilliseconds((microseconds / 1e6) * 1000));
    expect(rounded).toEqual(formats.round_us_to_ms.map(([, milliseconds]) => milliseconds));
  });

  it('is the nearest hundredth by exact arithmetic, the even one of two', () => {
    const durations = fc.oneof(
      fc.double({ min: -1e15, max: 1e15, noNaN: true }),
      fc.integer({ min: 0, max: 1e12 }).map((us) => us / 1000),
      // Right on, right below and right above the middle between two hundredths.
      fc.tuple(fc.integer({ min: 0, max: 1e10 }), fc.constantFrom(-1, 0, 1)).map(([n, step]) => neighbour((n * 2 + 1) / 200, step)),
      fc.integer({ min: 0, max: 1e13 }).map((n) => n / 8),
    );
    fc.assert(
      fc.property(durations, (ms) => {
        expect(roundMilliseconds(ms)).toBe(exactlyRounded(ms));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    [0.125, 0.12],
    [0.375, 0.38],
    [2.675, 2.67],
    [1.005, 1],
    [-0.375, -0.38],
    [2 ** 45 + 0.125, 2 ** 45 + 0.12],
    [2 ** 45 + 0.625, 2 ** 45 + 0.62],
    [1e300, 1e300],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [Number.NaN, Number.NaN],
    [-0.001, -0],
  ])('rounds %d to %d', (ms, rounded) => {
    expect(roundMilliseconds(ms)).toBe(rounded);
  });
});

/** The double next to a positive one, above or below. */
function neighbour(value: number, step: number): number {
  const bits = new BigInt64Array(1);
  const double = new Float64Array(bits.buffer);
  double[0] = value;
  bits[0] = bits[0]! + BigInt(step);
  return double[0];
}

/** Rounds by big integers: a double is a whole number of 2^-1074ths. */
function exactlyRounded(ms: number): number {
  const scale = 2n ** 1074n;
  const size = exactly(Math.abs(ms)) * 100n;
  const twice = (size % scale) * 2n;
  const whole = size / scale;
  const up = twice > scale || (twice === scale && whole % 2n === 1n);
  const digits = String(up ? whole + 1n : whole).padStart(3, '0');
  return Number(`${ms < 0 || Object.is(ms, -0) ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`);
}

function exactly(size: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, size);
  const raw = bits.getBigUint64(0);
  const exponent = raw >> 52n;
  const fraction = raw & (2n ** 52n - 1n);
  return exponent === 0n ? fraction : (fraction + 2n ** 52n) << (exponent - 1n);
}
