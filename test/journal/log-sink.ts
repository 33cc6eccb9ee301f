import type { Logger } from '../../src/diagnostics/logger.js';

/** A logger that keeps what it is told, as `level: message`. */
export function logSink(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const level = (name: string) => (_fields: object, message: string) => {
    lines.push(`${name}: ${message}`);
  };
  return { lines, debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') };
}
