import { type Clock, monotonicClock } from './clock.js';
import { consoleLogger, type Logger } from './logger.js';

/** Severity of a report; names of the logger's own methods. */
export type ReportLevel = 'debug' | 'info' | 'warn' | 'error';

/** How often something went wrong. */
export interface DiagnosticCount {
  /** What went wrong, one of phanos's own words: `queue_full`, `labels_invalid` … */
  readonly reason: string;
  /** Whose fault it was, for example a metric's or handler's name; empty if nobody's. */
  readonly culprit: string;
  readonly count: number;
}

export interface DiagnosticsOptions {
  /** Receives the reports; default: the console. */
  readonly logger?: Logger | undefined;
  /** Milliseconds from an arbitrary origin; default: the runtime's monotonic clock. */
  readonly clock?: Clock | undefined;
}

/** What is known of one cause of reports. */
interface Reported {
  /** Clock reading at which it was last logged. */
  loggedAt: number;
  suppressed: number;
}

/** A cause is logged at most once in this time, in milliseconds. */
const QUIET_TIME = 60_000;

/** Causes, and culprits of counts, that are told apart; names come from users, so they need a bound. */
const MAX_CAUSES = 1000;

/** Stands for all causes and culprits beyond the bound. */
const OTHERS = '(others)';

/**
 * Where phanos keeps account of its own troubles. Whatever goes wrong while measuring is counted here by reason, and told to the logger at most
 * once per cause per minute. Nothing here throws, and nothing costs anything while all is well.
 */
export class Diagnostics {
  readonly #clock: Clock;
  #logger: Logger | undefined;
  /** Counts by reason, then culprit. Reasons are words of this code, so only culprits need a bound. */
  readonly #counts = new Map<string, Map<string, number>>();
  #culprits = 0;
  /** Least recently logged first. */
  readonly #reported = new Map<string, Reported>();

  constructor(options: DiagnosticsOptions = {}) {
    this.#clock = options.clock ?? monotonicClock;
    this.#logger = options.logger;
  }

  /** Receives the reports from now on; undefined brings the console back. */
  set logger(logger: Logger | undefined) {
    this.#logger = logger;
  }

  get logger(): Logger {
    this.#logger ??= consoleLogger();
    return this.#logger;
  }

  /** Adds `n` to the count of this reason and culprit. */
  count(reason: string, culprit = '', n = 1): void {
    let culprits = this.#counts.get(reason);
    if (culprits === undefined) {
      culprits = new Map();
      this.#counts.set(reason, culprits);
    }
    let key = culprit;
    let known = culprits.get(key);
    if (known === undefined && key !== '') {
      if (this.#culprits < MAX_CAUSES) {
        this.#culprits++;
      } else {
        key = OTHERS;
        known = culprits.get(key);
      }
    }
    culprits.set(key, (known ?? 0) + n);
  }

  /**
   * Tells the logger, unless it was told of the same cause within the last minute; then the report is only added to the number that the next one
   * mentions. What the logger throws is ignored.
   *
   * @param cause what the reports of one trouble have in common, for example `handler_error:console`
   * @param fields structured part of the report; an error goes under `err`, as pino expects it
   */
  report(level: ReportLevel, cause: string, fields: object, message: string): void {
    const now = this.#clock();
    const known = this.#reported.get(cause);
    if (known !== undefined && now - known.loggedAt < QUIET_TIME) {
      known.suppressed++;
      return;
    }
    if (known === undefined && cause !== OTHERS && !this.#hasRoom(now)) {
      this.report(level, OTHERS, fields, message);
      return;
    }
    // Deleted first, so that the map stays in the order in which causes were logged.
    this.#reported.delete(cause);
    this.#reported.set(cause, { loggedAt: now, suppressed: 0 });
    this.#log(level, fields, message, known?.suppressed ?? 0);
  }

  /** Everything that was counted so far, reason by reason. */
  snapshot(): DiagnosticCount[] {
    return [...this.#counts].flatMap(([reason, culprits]) => [...culprits].map(([culprit, count]) => ({ reason, culprit, count })));
  }

  #log(level: ReportLevel, fields: object, message: string, suppressed: number): void {
    try {
      const [told, text] =
        suppressed === 0
          ? [fields, message]
          : [{ ...fields, suppressed }, `${message} (${suppressed} more like this since the last report)`];
      const logged: unknown = this.logger[level](told, text);
      if (logged instanceof Promise) logged.catch(() => undefined);
    } catch {
      // There is nobody left to tell.
    }
  }

  /** Makes room for one more cause by forgetting the one logged longest ago, if it may be logged again anyway. */
  #hasRoom(now: number): boolean {
    if (this.#reported.size < MAX_CAUSES) return true;
    const [oldest] = this.#reported;
    if (oldest === undefined || now - oldest[1].loggedAt < QUIET_TIME) return false;
    this.#reported.delete(oldest[0]);
    return true;
  }
}
