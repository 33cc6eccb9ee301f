import { type Given, UsageError } from '../command.js';

/** A flag that is a number of 1 or more; undefined if it is absent. Throws a {@link UsageError}. */
export function positiveFlag({ flags }: Given, name: string): number | undefined {
  const text = flags[name] as string | undefined;
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new UsageError(`--${name} must be a number greater than 0, got '${text}'`);
  return value;
}
