import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { oneInstance } from '../src/one-instance.js';

const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});

beforeEach(() => emitWarning.mockClear());

afterEach(() => {
  delete (globalThis as Record<symbol, unknown>)[Symbol.for('phanos.1')];
});

test('a second copy hands out what the first one has, and warns once with both versions and paths', () => {
  const first = { profile: 1 };
  expect(oneInstance(first, '1.2.0', '/a')).toBe(first);
  expect(oneInstance({ profile: 2 }, '1.3.0', '/b')).toBe(first);
  expect(oneInstance({ profile: 3 }, '1.3.0', '/b')).toBe(first);
  expect(emitWarning.mock.calls).toEqual([
    [
      'phanos was loaded twice: 1.2.0 in /a came first and measures for both, 1.3.0 in /b is set aside. ' +
        'Install one version, `npm dedupe` may do it.',
      { type: 'PhanosWarning', code: 'PHANOS_LOADED_TWICE' },
    ],
  ]);
});

test('the same copy, loaded again or in its other format, says nothing', () => {
  const first = { profile: 1 };
  oneInstance(first, '1.2.0', '/a');
  expect(oneInstance({ profile: 2 }, '1.2.0', '/a')).toBe(first);
  expect(emitWarning).not.toHaveBeenCalled();
});

test('what an older first copy does not have comes from the second one, and the warning says so', () => {
  oneInstance<object>({ profile: 1, Counter: 2 }, '1.2.0', '/a');
  expect(oneInstance({ profile: 3, Counter: 4, Gauge: 5, Enum: 6 }, '1.3.0', '/b')).toEqual({ profile: 1, Counter: 2, Gauge: 5, Enum: 6 });
  expect(emitWarning.mock.calls[0]?.[0]).toContain(' It has no Gauge, Enum: those come from the second copy and measure apart.');
});

test('finding its own path leaves the way in which errors are written as it was', () => {
  const before = { ...Object.getOwnPropertyDescriptors(Error) };
  oneInstance({});
  expect(Object.getOwnPropertyDescriptors(Error)).toEqual(before);
  expect(new Error('x').stack).toContain('one-instance.test.ts');
});
