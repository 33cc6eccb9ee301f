import { expect, it } from 'vitest';
import type { Logger } from '../../src/diagnostics/logger.js';
import { registeredLogger, registerLogger } from '../../src/diagnostics/logger-registry.js';
import { logSink } from './log-sink.js';

it('finds a logger under its name', () => {
  const logger = logSink();
  registerLogger('shop', logger);
  expect(registeredLogger('config', 'shop')).toBe(logger);
});

it.each<[string, () => unknown, string]>([
  [
    'a name that nobody registered',
    () => registeredLogger('config', 'elsewhere'),
    "config: no logger is registered as 'elsewhere', known are shop; call registerLogger('elsewhere', logger) first",
  ],
  ['an empty name', () => registerLogger('', logSink()), "registerLogger: name must be a non-empty string, got ''"],
  [
    'something else than a logger',
    () => registerLogger('shop', { log: () => {} } as unknown as Logger),
    'registerLogger: logger must be an object with the methods debug, info, warn, error, got an object without debug, info, warn, error',
  ],
])('refuses %s', (_what, task, message) => {
  registerLogger('shop', logSink());
  expect(task).toThrow(expect.objectContaining({ name: 'TypeError', code: 'OPTION_INVALID', message }));
});
