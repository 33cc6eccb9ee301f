import { afterEach, describe, expect, it, vi } from 'vitest';
import { registerLogger } from '../../src/diagnostics/logger-registry.js';
import type { LogLevelOption } from '../../src/handlers/log-level.js';
import { LoggerHandler, NamedLoggerHandler } from '../../src/handlers/logger-handler.js';
import { logSink } from '../diagnostics/log-sink.js';
import { goldenCase } from '../record/golden.js';
import { aRecord, records } from './a-record.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A logger that, like pino's, knows which levels are on. */
function levelSink(lowest: string): ReturnType<typeof logSink> & { isLevelEnabled(level: string): boolean } {
  const levels = ['debug', 'info', 'warn', 'error'];
  return { ...logSink(), isLevelEnabled: (level) => levels.indexOf(level) >= levels.indexOf(lowest) };
}

describe('LoggerHandler', () => {
  it('logs the golden messages: one a call, at the level asked for', () => {
    const golden = goldenCase<{ messages: { level: string; message: string }[] }>('python-phanos/handlers.json', 'logger_handler').notes
      .messages;
    const f = { item: 't_handlers', method: 't_handlers:f', labels: { error_raised: false } };
    const child = aRecord({ ...f, method: 't_handlers:f.child100%s', value: ['observe', 1] });
    const logger = logSink();
    registerLogger('oracle.lh', logger);
    const handlers = [
      new LoggerHandler('l', { logger }),
      new LoggerHandler('l2', { logger, level: 30 }),
      new NamedLoggerHandler('n', { loggerName: 'oracle.lh', level: 25 }),
    ];
    for (const handler of handlers) handler.handle([aRecord({ ...f, units: 'B', value: ['observe', 16] })], 'response_size');
    for (const handler of handlers) handler.handle([child, child, aRecord(f)], 'time_profiler');
    // Python has levels between its own; here 25 means the lower of its neighbours.
    const levels: Readonly<Record<string, string>> = { DEBUG: 'debug', WARNING: 'warn', 'Level 25': 'info' };
    expect(logger.logged.map(({ level, message }) => ({ level, message }))).toEqual(
      golden.map(({ level, message }) => ({ level: levels[level], message })),
    );
  });

  it('gives loggers of pino’s shape the name of the metric as a field', () => {
    const logger = logSink();
    new LoggerHandler('l', { logger, level: 'warn' }).handle(records(1), 'sold');
    expect(logger.logged).toEqual([
      { level: 'warn', fields: { metric: 'sold' }, message: 'profiler: sold, method: Res:get.first, value: 1.0 mS' },
    ]);
  });

  it('stays silent like the golden case while the level is off, and does not even format', () => {
    const golden = goldenCase<{ messages: unknown[] }>('python-phanos/handlers.json', 'logger_level').notes.messages;
    const logger = levelSink('info');
    const watched = [new Proxy(aRecord(), { get: () => expect.fail('was formatted') })];
    const handler = new LoggerHandler('l', { logger });
    handler.handle(watched, 'm');
    expect(logger.logged).toEqual(golden);
    new LoggerHandler('l', { logger, level: 'info' }).handle(records(1), 'm');
    expect(logger.logged).toHaveLength(1);
  });

  it('calls a logger that does not tell its level', () => {
    const logger = logSink();
    new LoggerHandler('l', { logger }).handle(records(2), 'm');
    expect(logger.logged).toHaveLength(1);
  });

  it.each(['debug', 'info', 'warn', 'error'] as const)(
    'prints the bare lines on the console at level %s by default, once a handler',
    (level) => {
      const printed = vi.spyOn(console, level).mockImplementation(() => {});
      const golden = goldenCase<{ stdout: string }>('python-phanos/handlers.json', 'logger_default_dup').notes.stdout;
      const record = aRecord({ item: 't_handlers', method: 't_handlers:f', labels: { error_raised: false }, value: ['observe', 0] });
      for (const name of ['a', 'b']) new LoggerHandler(name, { level }).handle([record], 'time_profiler');
      const line = golden.split('\n')[0];
      expect(printed.mock.calls).toEqual([[line], [line]]);
      // Python printed each of the two lines once for every handler.
      expect(golden).toBe(`${line}\n`.repeat(4));
    },
  );

  it('prints the same when the console itself is given as logger', () => {
    const printed = vi.spyOn(console, 'info').mockImplementation(() => {});
    new LoggerHandler('l', { logger: console, level: 'INFO' }).handle(records(1), '100%d');
    expect(printed.mock.calls).toEqual([['profiler: 100%d, method: Res:get.first, value: 1.0 mS']]);
  });

  it.each<[LogLevelOption, string]>([
    [1, 'debug'],
    [10, 'debug'],
    [20, 'info'],
    [30, 'warn'],
    [39, 'warn'],
    [40, 'error'],
    [50, 'error'],
    ['DEBUG', 'debug'],
    ['WARNING', 'warn'],
    ['CRITICAL', 'error'],
    ['warn', 'warn'],
  ])('takes the level %s as %s', (level, meant) => {
    const logger = logSink();
    new LoggerHandler('l', { logger, level }).handle(records(1), 'm');
    expect(logger.logged.map((one) => one.level)).toEqual([meant]);
  });

  it.each<[string, unknown, string]>([
    ['an unknown option', { levle: 10 }, "LoggerHandler 'l': unknown option 'levle', did you mean 'level'?"],
    ['an option like none', { color: true }, "LoggerHandler 'l': unknown option 'color', known are level, logger"],
    [
      'an unknown level',
      { level: 'wran' },
      "level must be debug, info, warn or error, or Python's 10, 20, 30, 40; got 'wran', did you mean 'warn'?",
    ],
    ['level 0', { level: 0 }, 'got 0'],
    ['a level like a method of objects', { level: 'constructor' }, "got 'constructor'"],
    [
      'half a logger',
      { logger: { info() {} } },
      'logger must be an object with the methods debug, info, warn, error, got an object without debug, warn, error',
    ],
    ['a logger by name', { logger: 'app' }, "got 'app'"],
  ])('refuses %s', (_what, options, message) => {
    expect(() => new LoggerHandler('l', options as object)).toThrow(message);
  });
});

describe('NamedLoggerHandler', () => {
  it('refuses a name that nobody registered, and says how to register it', () => {
    registerLogger('application', logSink());
    expect(() => new NamedLoggerHandler('n', { loggerName: 'aplication' })).toThrow(
      "NamedLoggerHandler 'n': no logger is registered as 'aplication', did you mean 'application'?; call registerLogger('aplication', logger) first",
    );
  });

  it('takes the logger that was registered last', () => {
    const [first, second] = [logSink(), logSink()];
    registerLogger('again', first);
    registerLogger('again', second);
    new NamedLoggerHandler('n', { loggerName: 'again' }).handle(records(1), 'm');
    expect([first.logged.length, second.logged.length]).toEqual([0, 1]);
  });

  it.each<[string, unknown, string]>([
    ['no options', undefined, "NamedLoggerHandler 'n': options must be an object, got undefined"],
    ['no logger’s name', {}, "NamedLoggerHandler 'n': loggerName must be a non-empty string, got undefined"],
    ['an unknown option', { logger_name: 'again' }, "NamedLoggerHandler 'n': unknown option 'logger_name', did you mean 'loggerName'?"],
  ])('refuses %s', (_what, options, message) => {
    expect(() => new NamedLoggerHandler('n', options as { loggerName: string })).toThrow(message);
  });
});
