import { misuse, outOfRange } from './misuse.js';
import { suggestion } from './nearest.js';

/**
 * Checks of options objects. `where` is the name under which the user knows the entity, for example `config` or `StreamHandler 'console'`; every
 * error names it, the option, what was expected and what came, and carries the code `OPTION_UNKNOWN` or `OPTION_INVALID`.
 */

/** Throws a TypeError for an option that does not exist, naming the one that was probably meant, or else all that there are. */
export function checkKnownKeys(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw misuse('OPTION_INVALID', `${where}: options must be an object, got ${describe(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw misuse('OPTION_UNKNOWN', `${where}: unknown option '${key}', ${suggestion(key, known)}`);
  }
}

/** Throws a TypeError that names field, expected and got. */
export function invalidOption(where: string, field: string, expected: string, got: unknown): TypeError {
  return misuse('OPTION_INVALID', `${where}: ${field} must be ${expected}, got ${describe(got)}`);
}

/** A string of at least one character. */
export function expectName(where: string, field: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw invalidOption(where, field, 'a non-empty string', value);
  return value;
}

export function expectString(where: string, field: string, value: unknown): string {
  if (typeof value !== 'string') throw invalidOption(where, field, 'a string', value);
  return value;
}

export function expectBoolean(where: string, field: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalidOption(where, field, 'true or false', value);
  return value;
}

/** A whole number from `least` to `most`; a RangeError if it lies outside. */
export function expectWhole(where: string, field: string, value: unknown, least: number, most?: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
    throw invalidOption(where, field, `a whole number ${range}`, value);
  }
  if (value < least) throw outOfRange('OPTION_INVALID', `${where}: ${field} must be at least ${least}, got ${value}`);
  if (most !== undefined && value > most) throw outOfRange('OPTION_INVALID', `${where}: ${field} must be at most ${most}, got ${value}`);
  return value;
}

/** A finite number greater than 0; a RangeError if it is not greater. */
export function expectPositive(where: string, field: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalidOption(where, field, 'a number greater than 0', value);
  if (value <= 0) throw outOfRange('OPTION_INVALID', `${where}: ${field} must be greater than 0, got ${value}`);
  return value;
}

/** An object that has all these methods, such as a logger or a stream. */
export function expectMethods<T extends object>(where: string, field: string, value: unknown, methods: readonly (keyof T & string)[]): T {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  const missing = isObject ? methods.filter((method) => typeof (value as Record<string, unknown>)[method] !== 'function') : methods;
  if (missing.length === 0) return value as T;
  const lack = isObject ? ` without ${missing.join(', ')}` : '';
  throw misuse(
    'OPTION_INVALID',
    `${where}: ${field} must be an object with the methods ${methods.join(', ')}, got ${describe(value)}${lack}`,
  );
}

/** A value in a few words: `'jbo'`, `5`, `null`, `an array`, `a function`, `a Map`. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? `'${value.slice(0, 60)}…'` : `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  const kind: unknown = value.constructor?.name;
  return typeof kind === 'string' && kind !== 'Object' && kind !== '' ? `a ${kind}` : 'an object';
}
