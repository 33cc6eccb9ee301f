import { PhanosError } from '../../diagnostics/phanos-error.js';

/**
 * The error for a body that can't be taken as a whole.
 *
 * @param path to the culprit, as `families[3].rows`; empty for the body itself
 */
export function batchFault(path: string, what: string, cause?: unknown): PhanosError {
  const where = path === '' ? '' : ` at ${path}`;
  const message = `the batch is invalid${where}: ${what}; nothing of it was taken. Look for what sent it, or changed it on its way`;
  return new PhanosError('BATCH_INVALID', message, cause === undefined ? undefined : { cause });
}
