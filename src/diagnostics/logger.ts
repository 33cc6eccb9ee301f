/**
 * Where phanos reports its own troubles: any logger of pino's shape (`logger.warn({ key: value }, 'sentence')`), so that a pino
 * instance or a fastify log can be handed over as it is.
 */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Adapter for consoles: `phanos: sentence {"key":"value"}`, on the level's own method. */
export function consoleLogger(output: Pick<Console, 'debug' | 'error' | 'info' | 'warn'> = console): Logger {
  const line = (fields: object, message: string): string => {
    const text = JSON.stringify(fields, (_key, value: unknown) => (value instanceof Error ? value.message : value));
    return text === '{}' ? `phanos: ${message}` : `phanos: ${message} ${text}`;
  };
  return {
    debug: (fields, message) => output.debug(line(fields, message)),
    info: (fields, message) => output.info(line(fields, message)),
    warn: (fields, message) => output.warn(line(fields, message)),
    error: (fields, message) => output.error(line(fields, message)),
  };
}
