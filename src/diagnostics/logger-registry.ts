import type { Logger } from './logger.js';
import { misuse } from './misuse.js';
import { suggestion } from './nearest.js';
import { expectMethods, expectName } from './options.js';

/** Loggers by name, as Python's `logging.getLogger(name)` finds them. JavaScript has no such registry, so phanos keeps a small one. */
const loggers = new Map<string, Logger>();

/** Makes a logger known under a name, for `NamedLoggerHandler` and for configuration by objects. The last one of a name wins. */
export function registerLogger(name: string, logger: Logger): void {
  expectName('registerLogger', 'name', name);
  loggers.set(name, expectMethods<Logger>('registerLogger', 'logger', logger, ['debug', 'info', 'warn', 'error']));
}

/** The logger registered under a name. Throws a TypeError that says how to register it. */
export function registeredLogger(where: string, name: string): Logger {
  const logger = loggers.get(name);
  if (logger !== undefined) return logger;
  const remedy = `call registerLogger('${name}', logger) first`;
  throw misuse('OPTION_INVALID', `${where}: no logger is registered as '${name}', ${suggestion(name, [...loggers.keys()])}; ${remedy}`);
}
