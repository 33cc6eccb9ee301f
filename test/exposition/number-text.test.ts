import { expect, test } from 'vitest';
import { numberText } from '../../src/exposition/number-text.js';
import { golden } from '../record/golden.js';
import { parseText } from './parse-text.js';

const numbers = golden<{ ieee754_be_hex: string }[]>('exposition/_numbers.json').map(({ ieee754_be_hex }) =>
  Buffer.from(ieee754_be_hex, 'hex').readDoubleBE(),
);

test('every number is read back as it was', () => {
  expect(numbers.length).toBeGreaterThan(100);
  const text = numbers.map((number, i) => `a{i="${i}"} ${numberText(number)}\n`).join('');
  const [family] = parseText(`# HELP a h\n# TYPE a gauge\n${text}`);
  expect(family!.samples.map(({ value }) => value)).toEqual(numbers);
});

test.each([
  [0, '0'],
  [-0, '-0'],
  [3, '3'],
  [1e6, '1000000'],
  [1e21, '1e+21'],
  [1e-7, '1e-7'],
  [0.1 + 0.2, '0.30000000000000004'],
  [250 / 1000, '0.25'],
  [5e-324, '5e-324'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
])('%s is written %s', (number, text) => {
  expect(numberText(number)).toBe(text);
});
