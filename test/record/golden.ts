import { readFileSync } from 'node:fs';
import type { Recorded } from '../../src/record/recorded.js';

/** One call of a handler as Python phanos made it. */
export interface GoldenCall {
  readonly handler: string;
  readonly metric: string;
  readonly records: readonly Recorded[];
}

/** One case of a record file. */
export interface GoldenCase<Notes = unknown> {
  readonly name: string;
  readonly description: string;
  readonly handle_calls: readonly GoldenCall[];
  readonly stream_text: string;
  readonly notes: Notes;
}

/** A file of the golden data, with the stand-ins for numbers that JSON lacks turned back into numbers. */
export function golden<T>(path: string): T {
  const text = readFileSync(new URL(`../../../shared/golden/${path}`, import.meta.url), 'utf8');
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('$float' in value)) return value;
    return { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY }[String(value.$float)];
  }) as T;
}

/** A case of a record file by name; throws if there is none. */
export function goldenCase<Notes>(path: string, name: string): GoldenCase<Notes> {
  const found = golden<{ cases: GoldenCase<Notes>[] }>(path).cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${path} has no case '${name}'`);
  return found;
}
