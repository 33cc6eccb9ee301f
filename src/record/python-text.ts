import { pythonFloat } from './number-form.js';

/**
 * Values as Python's `str()` prints them: the pairs of an info and everything else that is not a plain number or string reach text lines in
 * this form.
 */

/** Objects nest no deeper than this in a text; Python itself gives up with an error near a thousand. */
const MAX_DEPTH = 100;

/** Printable ASCII without quotes and backslash: needs nothing but quotes around it. */
const PLAIN = /^[ !#-&(-[\]-~]*$/;

/** What Python's `repr` escapes beside quotes: controls, format characters, separators other than the space, and halves of surrogate pairs. */
const UNPRINTABLE = /(?! )[\p{C}\p{Z}]/gu;

const NAMED_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `str(value)`: strings as they are, `None`, `True`, and `repr` of what is inside of dicts and lists. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value, []);
}

/** `repr(value)`. Integers up to 2^53 print as Python's ints, other numbers as floats; `undefined` is `None`. */
function pythonRepr(value: unknown, around: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : pythonFloat(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'undefined':
      return 'None';
    case 'object':
      return value === null ? 'None' : objectText(value, around);
    default:
      return String(value);
  }
}

function objectText(value: object, around: readonly object[]): string {
  const isList = Array.isArray(value);
  // Python marks an object inside of itself this way.
  if (around.includes(value) || around.length >= MAX_DEPTH) return isList ? '[...]' : '{...}';
  const inner = [...around, value];
  if (isList) return `[${value.map((item) => pythonRepr(item, inner)).join(', ')}]`;
  if (value instanceof Date) return quoted(String(value.toJSON()));
  const pairs = value instanceof Map ? [...value] : Object.entries(value);
  return `{${pairs.map(([key, item]) => `${pythonRepr(key, inner)}: ${pythonRepr(item, inner)}`).join(', ')}}`;
}

/** A string literal of Python: single quotes, unless it holds single quotes and no double ones. */
function quoted(text: string): string {
  if (PLAIN.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`).replace(UNPRINTABLE, escapeOf);
  return quote + escaped + quote;
}

function escapeOf(character: string): string {
  const named = NAMED_ESCAPES[character];
  if (named !== undefined) return named;
  const hex = (character.codePointAt(0) as number).toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
