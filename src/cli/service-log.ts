import type { Logger } from '../diagnostics/logger.js';

/** `text` for people, `json` for collectors of logs: one object a line. */
export type LogFormat = 'json' | 'text';

type Level = keyof Logger;

/** Writes the log of a service to standard error, one line an entry. */
export function serviceLog(format: LogFormat, write: (line: string) => void = (line) => void process.stderr.write(line)): Logger {
  const entry = format === 'json' ? jsonLine : textLine;
  const at = (level: Level) => (fields: object, message: string) => write(entry(level, fields, message));
  return { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error') };
}

function jsonLine(level: Level, fields: object, message: string): string {
  return `${JSON.stringify({ time: new Date().toISOString(), level, msg: message, ...fields }, plain)}\n`;
}

function textLine(level: Level, fields: object, message: string): string {
  const more = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value, plain)}`);
  return `${new Date().toISOString()} ${level.toUpperCase().padEnd(5)} ${message}${more.join('')}\n`;
}

function plain(_name: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value;
}
