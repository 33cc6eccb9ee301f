import { PhanosError } from '../../diagnostics/phanos-error.js';

/** The journal can't be written or read for a reason outside of its content: a full disk, a failing device, missing rights. */
export function journalFailed(directory: string, what: string, cause: unknown): PhanosError {
  return new PhanosError('JOURNAL_FAILED', `the journal in ${directory} ${what} (${reasonOf(cause)}); ${remedy(cause)}`, { cause });
}

/** What is stored is damaged where no crash can have damaged it. */
export function journalCorrupt(path: string, offset: number, what: string): PhanosError {
  return new PhanosError(
    'JOURNAL_CORRUPT',
    `${path} is damaged at byte ${offset}: ${what}. Restore the folder from a backup, or allow the loss of what was written from there on`,
  );
}

/** A segment that must be there is not. */
export function segmentMissing(path: string): PhanosError {
  return new PhanosError(
    'JOURNAL_CORRUPT',
    `${path} is missing (from its byte 0 on). Bring it or the whole folder back from a backup, or allow the loss of what was written from there on`,
  );
}

/** No snapshot is good, and the segments don't reach back to the beginning. */
export function stateLost(directory: string, faults: readonly string[]): PhanosError {
  const why = faults.length === 0 ? 'there is no snapshot, and the first segments are gone' : faults.join('; ');
  return new PhanosError(
    'JOURNAL_STATE_LOST',
    `the state in ${directory} can't be restored: ${why}. Restore the folder from a backup, or allow the loss of state to begin with nothing`,
  );
}

/** First line of what an error says. */
export function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split('\n', 1)[0] ?? '';
}

/** Code of a system error, such as `ENOSPC`. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

function remedy(cause: unknown): string {
  switch (systemCode(cause)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'free some space, or give it a larger disk';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'let this process write there';
    default:
      return 'look at the disk and at the log of the system';
  }
}
