import { describe } from '../diagnostics/options.js';
import type { SeriesOwner } from './series.js';

/** Refuses a value of the wrong kind: counted and logged, never thrown. */
export function refuseValue(table: SeriesOwner, expected: string, got: unknown): void {
  table.refuse('value', `takes ${expected}, got ${shown(got)}`);
}

/** A value in a few words. Even looking at what a user gave may throw. */
export function shown(value: unknown): string {
  try {
    return describe(value);
  } catch {
    return 'something that can not be read';
  }
}

/** What was thrown, as text. It need not be an error, nor have a text. */
export function shownError(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'something without a text';
  }
}
