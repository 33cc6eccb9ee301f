import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest, suggestion } from '../../src/diagnostics/nearest.js';

const OPTIONS = ['job', 'logger', 'timeProfile', 'responseSizeProfile', 'handleRecords', 'errorRaisedLabel', 'collector', 'flushInterval'];

describe('nearest', () => {
  it.each([
    ['jbo', 'job'],
    ['jobs', 'job'],
    ['JOB', 'job'],
    ['loger', 'logger'],
    ['error_raised_label', 'errorRaisedLabel'],
    ['handle-record', 'handleRecords'],
    ['colector', 'collector'],
    ['flushIntreval', 'flushInterval'],
    ['responsSizeProfil', 'responseSizeProfile'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, OPTIONS)).toBe(meant);
  });

  it.each(['color', 'x', '', 'help', 'timer', 'j'.repeat(100_000)])('finds nothing near %.20s', (word) => {
    expect(nearest(word, OPTIONS)).toBeUndefined();
  });

  it('prefers the nearest, and the first of equally near ones', () => {
    expect(nearest('labels', ['lapels', 'label', 'labels_'])).toBe('labels_');
    expect(nearest('cat', ['car', 'cap'])).toBe('car');
  });

  it('finds any word again after one slip of the finger', () => {
    fc.assert(
      fc.property(fc.constantFrom(...OPTIONS), fc.nat(), fc.constantFrom('drop', 'double', 'swap'), (word, at, slip) => {
        const i = at % (word.length - 1);
        const [a, b] = [word.charAt(i), word.charAt(i + 1)];
        const slipped = { drop: b, double: a + a + b, swap: b + a }[slip as 'drop'];
        expect(nearest(word.slice(0, i) + slipped + word.slice(i + 2), OPTIONS)).toBe(word);
      }),
    );
  });
});

describe('suggestion', () => {
  it('names the nearest, else all, else says that there is none', () => {
    expect(suggestion('jbo', OPTIONS)).toBe("did you mean 'job'?");
    expect(suggestion('color', ['b', 'a'])).toBe('known are a, b');
    expect(suggestion('color', [])).toBe('none is known');
  });
});
