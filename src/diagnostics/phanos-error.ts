/**
 * The one error class of phanos.
 *
 * `code` is stable and meant for programs, `message` says what happened and what to do, `cause` keeps the original error.
 * Wrong arguments (an unknown option, a wrong type) are plain `TypeError`s or `RangeError`s made by `misuse`, which carry a code as well.
 */
export class PhanosError extends Error {
  override readonly name = 'PhanosError';
  readonly code: PhanosErrorCode;

  constructor(code: PhanosErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Every code that a {@link PhanosError} can carry. A code is never reused for another meaning. */
export type PhanosErrorCode =
  | 'BATCH_INVALID'
  | 'BROKER_REFUSED'
  | 'BROKER_UNREACHABLE'
  | 'CLOSED'
  | 'COLLECTOR_UNAVAILABLE'
  | 'CONFIG_INVALID'
  | 'DATA_DIR_LOCKED'
  | 'JOURNAL_BUSY'
  | 'JOURNAL_CORRUPT'
  | 'JOURNAL_FAILED'
  | 'JOURNAL_STATE_LOST'
  | 'LISTEN_FAILED'
  | 'MESSAGES_INVALID'
  | 'METRIC_CONFLICT'
  | 'PACKAGE_MISSING'
  | 'PORT_TAKEN';
