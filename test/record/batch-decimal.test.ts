import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDecimal } from '../../src/record/batch-codec/decimal.js';

/** As read by `readDecimal`, from the middle of other bytes. */
function read(text: string): number {
  const bytes = Buffer.from(`[${text}]`);
  return readDecimal(bytes, 1, bytes.length - 1);
}

/** Digits with a dot somewhere, or none. */
const digits = fc
  .tuple(fc.stringMatching(/^[1-9]\d{0,24}$/), fc.nat(25))
  .map(([text, dot]) => (dot > 0 && dot < text.length ? `${text.slice(0, dot)}.${text.slice(dot)}` : text));

test('each double reads back from its shortest form', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(read(String(value))).toBe(Number(String(value)));
    }),
    { numRuns: 5000 },
  );
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
      expect(read(String(value))).toBe(Number(String(value)));
    }),
    { numRuns: 5000 },
  );
});

test('any digits read as the runtime reads them', () => {
  fc.assert(
    fc.property(digits, fc.constantFrom('', '-'), fc.constantFrom('', 'e5', 'E-7', 'e+300', '000'), (unsigned, sign, end) => {
      const text = `${sign}${unsigned}${end}`;
      expect(read(text)).toBe(Number(text));
    }),
    {
      numRuns: 5000,
    },
  );
});

test('what lies half-way between two doubles, or beside it, goes to the right one', () => {
  // Odd integers of 54 bits lie half-way between two doubles; over a power of two decimals can write them out.
  const halfWay = fc.tuple(fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }), fc.nat(3), fc.constantFrom(-1n, 0n, 1n));
  fc.assert(
    fc.property(halfWay, ([whole, halves, beside]) => {
      const tens = (2n * whole + 1n) * 5n ** BigInt(halves) + beside;
      const text = String(tens);
      const dotted = halves === 0 ? text : `${text.slice(0, -halves)}.${text.slice(-halves)}`;
      expect(read(dotted)).toBe(Number(dotted));
    }),
    { numRuns: 5000 },
  );
});

test.each([
  '0',
  '-0',
  '0.0',
  '-0.000',
  '0.1',
  '00012',
  '9007199254740993',
  '9007199254740991.5',
  '0.30000000000000004',
  '1e-400',
  '-1e400',
  '5e-324',
  '123456789012345678901234567890',
  '0.00000000000000000000000012345678901234567',
])('%s', (text) => {
  expect(read(text)).toBe(Number(text));
});
