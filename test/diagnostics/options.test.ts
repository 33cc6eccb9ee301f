import { describe, expect, it } from 'vitest';
import {
  checkKnownKeys,
  describe as describeValue,
  expectBoolean,
  expectMethods,
  expectName,
  expectPositive,
  expectString,
  expectWhole,
} from '../../src/diagnostics/options.js';

/** What the task throws, as far as users and programs look at it. */
function thrownBy(task: () => unknown): unknown {
  try {
    task();
  } catch (error) {
    const { name, message, code } = error as Error & { code: string };
    return { name, code, message };
  }
  return undefined;
}

describe('checkKnownKeys', () => {
  it('accepts known keys, their absence, and undefined values', () => {
    expect(thrownBy(() => checkKnownKeys('config', { job: undefined }, ['job', 'logger']))).toBeUndefined();
    expect(thrownBy(() => checkKnownKeys('config', Object.create(null), ['job']))).toBeUndefined();
  });

  it.each<[string, unknown, string, string]>([
    ['a near key', { jbo: 1 }, 'OPTION_UNKNOWN', "config: unknown option 'jbo', did you mean 'job'?"],
    ['a key like none', { color: 1 }, 'OPTION_UNKNOWN', "config: unknown option 'color', known are job, logger"],
    ['an undefined unknown one', { colour: undefined }, 'OPTION_UNKNOWN', "config: unknown option 'colour', known are job, logger"],
    ['__proto__ from JSON', JSON.parse('{"__proto__": {}}'), 'OPTION_UNKNOWN', "config: unknown option '__proto__', known are job, logger"],
    ['a string', 'shop', 'OPTION_INVALID', "config: options must be an object, got 'shop'"],
    ['an array', [], 'OPTION_INVALID', 'config: options must be an object, got an array'],
    ['null', null, 'OPTION_INVALID', 'config: options must be an object, got null'],
  ])('refuses %s', (_what, options, code, message) => {
    expect(thrownBy(() => checkKnownKeys('config', options, ['job', 'logger']))).toEqual({ name: 'TypeError', code, message });
  });
});

describe('the checkers', () => {
  it('return what they accept', () => {
    const logger = { info: () => {} };
    expect([
      expectName('config', 'job', 'shop'),
      expectString('config', 'job', ''),
      expectBoolean('config', 'timeProfile', false),
      expectWhole('config', 'recordLimit', 1, 1),
      expectPositive('config', 'flushInterval', 0.5),
      expectMethods<typeof logger>('config', 'logger', logger, ['info']),
    ]).toEqual(['shop', '', false, 1, 0.5, logger]);
  });

  it.each<[string, () => unknown, string, string]>([
    ['an empty name', () => expectName('config', 'job', ''), 'TypeError', "config: job must be a non-empty string, got ''"],
    ['no string', () => expectString('config', 'job', 5), 'TypeError', 'config: job must be a string, got 5'],
    ['no boolean', () => expectBoolean('config', 'timeProfile', 'no'), 'TypeError', "config: timeProfile must be true or false, got 'no'"],
    [
      'a fraction',
      () => expectWhole('config', 'recordLimit', 1.5, 1),
      'TypeError',
      'config: recordLimit must be a whole number of at least 1, got 1.5',
    ],
    ['too few', () => expectWhole('config', 'recordLimit', 0, 1), 'RangeError', 'config: recordLimit must be at least 1, got 0'],
    [
      'NaN',
      () => expectPositive('config', 'flushInterval', Number.NaN),
      'TypeError',
      'config: flushInterval must be a number greater than 0, got NaN',
    ],
    [
      'a negative number',
      () => expectPositive('config', 'flushInterval', -1),
      'RangeError',
      'config: flushInterval must be greater than 0, got -1',
    ],
    [
      'an object that lacks methods',
      () => expectMethods<{ a(): void; b(): void }>('config', 'logger', { a: () => {}, b: 1 }, ['a', 'b']),
      'TypeError',
      'config: logger must be an object with the methods a, b, got an object without b',
    ],
    [
      'no object',
      () => expectMethods<{ a(): void }>('config', 'logger', null, ['a']),
      'TypeError',
      'config: logger must be an object with the methods a, got null',
    ],
  ])('refuse %s', (_what, task, name, message) => {
    expect(thrownBy(task)).toEqual({ name, code: 'OPTION_INVALID', message });
  });
});

describe('a value in words', () => {
  it.each<[unknown, string]>([
    ['x'.repeat(61), `'${'x'.repeat(60)}…'`],
    [undefined, 'undefined'],
    [1n, '1n'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 1, 'a function'],
    [new Map(), 'a Map'],
    [{}, 'an object'],
    [Object.create(null), 'an object'],
  ])('says %o as %s', (value, words) => {
    expect(describeValue(value)).toBe(words);
  });
});
