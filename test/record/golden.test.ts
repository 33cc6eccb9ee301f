import { expect, test } from 'vitest';
import { goldenFolder } from './golden.js';

test('without the golden data, the tests that replay it say in a sentence what is missing and what to do', () => {
  expect(() => goldenFolder('/nowhere/golden')).toThrow(
    'The golden data, which tells how Python phanos behaves, is not in /nowhere/golden: put it there, or set PHANOS_TEST_GOLDEN to its folder; all tests that do not replay it run without it.',
  );
});
