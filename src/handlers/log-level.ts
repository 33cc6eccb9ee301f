import { misuse } from '../diagnostics/misuse.js';
import { suggestion } from '../diagnostics/nearest.js';
import { describe } from '../diagnostics/options.js';

/** Levels that every logger has; names of its methods. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A level by name in any case, Python's names included, or by Python's number: 10 debug, 20 info, 30 warning, 40 error. */
export type LogLevelOption = LogLevel | 'DEBUG' | 'INFO' | 'WARN' | 'WARNING' | 'ERROR' | 'CRITICAL' | number;

const LEVEL_OF_NAME: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  critical: 'error',
};

/**
 * The level that an option means. Numbers are Python's, not pino's; one between two levels means the lower. Throws a TypeError for anything
 * else than a known name or a number of at least 1.
 */
export function logLevel(where: string, option: unknown): LogLevel {
  if (typeof option === 'number' && option >= 1) return option < 20 ? 'debug' : option < 30 ? 'info' : option < 40 ? 'warn' : 'error';
  const name = typeof option === 'string' ? option.toLowerCase() : '';
  const level = Object.hasOwn(LEVEL_OF_NAME, name) ? LEVEL_OF_NAME[name] : undefined;
  if (level !== undefined) return level;
  const hint = typeof option === 'string' ? `, ${suggestion(name, ['debug', 'info', 'warn', 'error'])}` : '';
  throw misuse(
    'OPTION_INVALID',
    `${where}: level must be debug, info, warn or error, or Python's 10, 20, 30, 40; got ${describe(option)}${hint}`,
  );
}
