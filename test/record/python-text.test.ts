import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pythonText } from '../../src/record/python-text.js';
import { golden } from './golden.js';

interface InfoForm {
  readonly json: string;
  readonly python_str: string;
}

const forms = golden<{ python_str_of_info_dicts: InfoForm[] }>('python-phanos/formats.json').python_str_of_info_dicts;

/** What JSON can't tell, by the JSON of the golden row: what Python printed, and what is printed here. */
const DIFFERENT = new Map([
  [
    '{"a":1,"b":1.0,"c":null,"d":true}',
    { here: "{'a': 1, 'b': 1, 'c': None, 'd': True}", reason: '1.0 and 1 are one number in JavaScript' },
  ],
  ['{"n":{"x":[1,2.5,[3]]}}', { here: "{'n': {'x': [1, 2.5, [3]]}}", reason: 'JavaScript has no tuples, so arrays print as lists' }],
]);

describe('pythonText', () => {
  it.each(forms)('prints $json as Python does, or for a known reason not', ({ json, python_str }) => {
    const different = DIFFERENT.get(json);
    const printed = pythonText(JSON.parse(json));
    expect(printed).toBe(different === undefined ? python_str : different.here);
  });

  it('has no known difference that does not differ, or that the golden data lack', () => {
    const differing = forms.filter(({ json, python_str }) => pythonText(JSON.parse(json)) !== python_str);
    expect(differing.map(({ json }) => json)).toEqual([...DIFFERENT.keys()]);
  });

  it.each([
    ['plain, as it is', 'it\'s "so"\n', 'it\'s "so"\n'],
    ['true', true, 'True'],
    ['false', false, 'False'],
    ['null', null, 'None'],
    ['undefined', undefined, 'None'],
    ['an integer', 3, '3'],
    ['a negative zero', -0, '-0.0'],
    ['an integer that no double can tell from its neighbours', 2 ** 53, '9007199254740992.0'],
    ['NaN', Number.NaN, 'nan'],
    ['a bigint', 2n ** 64n, '18446744073709551616'],
    ['a date', { at: new Date(0) }, "{'at': '1970-01-01T00:00:00.000Z'}"],
    ['a map', new Map<unknown, unknown>([[1, 'a']]), "{1: 'a'}"],
    ['an empty list', [], '[]'],
    ['half a surrogate pair', ['\ud800'], "['\\ud800']"],
    ['a private character beyond the first plane', ['\u{f0000}'], "['\\U000f0000']"],
    ['a carriage return', ['a\rb'], "['a\\rb']"],
  ])('prints %s', (_what, value, text) => {
    expect(pythonText(value)).toBe(text);
  });

  it('marks an object inside of itself instead of failing', () => {
    const list: unknown[] = [1];
    const pairs = { list };
    list.push(pairs, list);
    expect(pythonText(pairs)).toBe("{'list': [1, {...}, [...]]}");
  });

  it('ends for objects nested deeper than any stack', () => {
    let nested: unknown[] = [];
    for (let depth = 0; depth < 100_000; depth++) nested = [nested];
    expect(pythonText(nested)).toBe(`${'['.repeat(100)}[...]${']'.repeat(100)}`);
  });

  it('quotes strings so that they read back the same and stay on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        const literal = pythonText([text]).slice(1, -1);
        expect(literal).not.toMatch(/[\n\r\u2028\u2029]/);
        expect(readLiteral(literal)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Reads a string literal of Python. */
function readLiteral(literal: string): string {
  expect(literal.at(-1)).toBe(literal[0]);
  return literal.slice(1, -1).replace(/\\(?:([\\'"])|([nrt])|x(..)|u(.{4})|U(.{8}))/g, (_all, same?: string, named?: string, ...hex) => {
    if (same !== undefined) return same;
    if (named !== undefined) return { n: '\n', r: '\r', t: '\t' }[named] ?? '';
    return String.fromCodePoint(Number.parseInt(String(hex[0] ?? hex[1] ?? hex[2]), 16));
  });
}
