import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Recorded } from '../../src/record/recorded.js';
import { root } from '../support/project.js';

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

/**
 * Where the golden data lies: `PHANOS_TEST_GOLDEN`, else `../shared/golden` beside the project. It is the judge of every test that asks for it, so
 * these fail with a sentence if it is missing, and all others run without it.
 */
export function goldenFolder(folder = process.env.PHANOS_TEST_GOLDEN ?? join(root, '../shared/golden')): string {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return folder;
  const remedy = 'put it there, or set PHANOS_TEST_GOLDEN to its folder; all tests that do not replay it run without it';
  throw new Error(`The golden data, which tells how Python phanos behaves, is not in ${folder}: ${remedy}.`);
}

/** Names of the files in a folder of the golden data. */
export function goldenFiles(folder: string): string[] {
  return readdirSync(join(goldenFolder(), folder));
}

/** A file of the golden data, with the stand-ins for numbers that JSON lacks turned back into numbers. */
export function golden<T>(path: string): T {
  const text = readFileSync(join(goldenFolder(), path), 'utf8');
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
