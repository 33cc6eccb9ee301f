import type { Logger } from '../../../diagnostics/logger.js';
import type { PhanosError } from '../../../diagnostics/phanos-error.js';

/** Tells once for each outage of a broker why it does not deliver, however many connections it cost and however often they are tried again. */
export class BrokerOutages {
  readonly #logger: Logger;
  /** What each connection that is down was told about. */
  readonly #told = new Map<object, string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** A connection was lost, or could not be set up. */
  failed(connection: object, { code, message }: PhanosError): void {
    // The ways in which a network fails change within one outage, and are no news; what the broker itself says is.
    const what = code === 'BROKER_UNREACHABLE' ? code : message;
    const isTold = [...this.#told.values()].includes(what);
    this.#told.set(connection, what);
    if (!isTold) this.#logger.warn({ code }, `${message}. It is tried again until it works`);
  }

  /** A connection is set up. */
  ended(connection: object): void {
    this.#told.delete(connection);
  }
}
