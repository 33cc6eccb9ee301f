import type { Logger } from '../../src/diagnostics/logger.js';

/** One message that a logger was given. */
export interface Logged {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

/** A logger of pino's shape that keeps what it gets. */
export function logSink(): Logger & { readonly logged: Logged[] } {
  const logged: Logged[] = [];
  const keep = (level: Logged['level']) => (fields: object, message: string) => {
    logged.push({ level, fields: { ...fields }, message });
  };
  return { logged, debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
}
