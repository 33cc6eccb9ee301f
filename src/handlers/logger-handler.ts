import type { Logger } from '../diagnostics/logger.js';
import { registeredLogger } from '../diagnostics/logger-registry.js';
import { checkKnownKeys, expectMethods, expectName } from '../diagnostics/options.js';
import type { Recorded } from '../record/recorded.js';
import { formatRecords } from './format.js';
import type { Handler } from './handler.js';
import { type LogLevel, type LogLevelOption, logLevel } from './log-level.js';

/** A logger that may say whether a level is on, as pino's does. */
export interface LevelLogger extends Logger {
  isLevelEnabled?(level: string): boolean;
}

export interface LoggerHandlerOptions {
  /** Where the messages go: anything of pino's shape. Default: the console, just the lines. */
  readonly logger?: LevelLogger | undefined;
  /** Level of the messages. Default: `debug`. */
  readonly level?: LogLevelOption | undefined;
}

export interface NamedLoggerHandlerOptions {
  /** Name under which the logger was registered by `registerLogger`. */
  readonly loggerName: string;
  /** Level of the messages. Default: `debug`. */
  readonly level?: LogLevelOption | undefined;
}

/** Logs one message a `handle` call: the lines of the records, joined by line breaks. Nothing is formatted while the logger says that the level is off. */
export class LoggerHandler implements Handler {
  readonly handlerName: string;
  readonly #logger: LevelLogger;
  readonly #level: LogLevel;

  /** Throws a TypeError that names the culprit for unknown options and wrong types. */
  constructor(handlerName: string, options: LoggerHandlerOptions = {}) {
    this.handlerName = expectName('LoggerHandler', 'handlerName', handlerName);
    const where = `LoggerHandler '${handlerName}'`;
    checkKnownKeys(where, options, ['logger', 'level']);
    this.#logger = plainConsole(options.logger ?? console, where);
    this.#level = logLevel(where, options.level ?? 'debug');
  }

  handle(records: readonly Recorded[], metricName: string): void {
    if (this.#logger.isLevelEnabled?.(this.#level) === false) return;
    this.#logger[this.#level]({ metric: metricName }, formatRecords(metricName, records));
  }
}

/** A {@link LoggerHandler} whose logger is named instead of handed over, for configurations that are plain data. */
export class NamedLoggerHandler implements Handler {
  readonly handlerName: string;
  readonly #handler: LoggerHandler;

  /** Throws a TypeError that names the culprit for unknown options, wrong types, and a logger that nobody registered. */
  constructor(handlerName: string, options: NamedLoggerHandlerOptions) {
    this.handlerName = expectName('NamedLoggerHandler', 'handlerName', handlerName);
    const where = `NamedLoggerHandler '${handlerName}'`;
    checkKnownKeys(where, options, ['loggerName', 'level']);
    const logger = registeredLogger(where, expectName(where, 'loggerName', options.loggerName));
    this.#handler = new LoggerHandler(handlerName, { logger, level: logLevel(where, options.level ?? 'debug') });
  }

  handle(records: readonly Recorded[], metricName: string): void {
    this.#handler.handle(records, metricName);
  }
}

/** A console prints every argument and would show the fields; it gets the lines alone, on the level's own method. */
function plainConsole(logger: LevelLogger | Console, where: string): LevelLogger {
  if (logger !== console) return expectMethods<LevelLogger>(where, 'logger', logger, ['debug', 'info', 'warn', 'error']);
  return {
    debug: (_fields, message) => console.debug(message),
    info: (_fields, message) => console.info(message),
    warn: (_fields, message) => console.warn(message),
    error: (_fields, message) => console.error(message),
  };
}
