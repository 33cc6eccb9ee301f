import { LoggerHandler, NamedLoggerHandler, registerLogger, StreamHandler } from 'phanos';
import { vi } from 'vitest';
import { formatRecord } from '../../src/handlers/format.js';
import { logSink } from '../diagnostics/log-sink.js';
import { aRecord } from '../handlers/a-record.js';
import { goldenCase } from '../record/golden.js';
import { memoryStream } from './memory-stream.js';
import { replay } from './replay.js';
import { pythonSize } from './stage.js';

/** Programs of the handlers that phanos brings along. */

/** Names of Python's levels for ours. Loggers here have none between `info` and `warn`: 25 becomes the one below. */
const PYTHON_LEVELS = { debug: 'DEBUG', info: 'Level 25', warn: 'WARNING', error: 'ERROR' };

interface RecordText {
  readonly record: Parameters<typeof formatRecord>[1];
}

replay('handlers', {
  record_to_str(c) {
    const { cases } = goldenCase<{ cases: RecordText[] }>('python-phanos/handlers.json', 'record_to_str').notes;
    c.notes.cases = cases.map(({ record }) => ({ record, text: formatRecord('name', record) }));
  },
  stream_handler(c) {
    const ops: string[][] = [];
    const { output } = memoryStream();
    output._write = (chunk: string, _encoding, written) => {
      ops.push(['write', chunk]);
      written();
    };
    new StreamHandler('s', { output }).handle([aRecord(), aRecord({ labels: { a: '1' } })], 'm');
    c.notes.ops = ops;
  },
  stream_closed(c) {
    const { output } = memoryStream();
    output.destroy();
    c.config({ capture: false, stream: false }).profiler.addHandler(new StreamHandler('s', { output }));
    c.fn('f', () => 1)();
  },
  logger_handler(c) {
    const logger = logSink();
    registerLogger('oracle.lh', logger);
    const { profiler, clock } = c.config({ capture: false, stream: false, responseSizeProfile: true });
    profiler.addHandler(new LoggerHandler('l', { logger }));
    profiler.addHandler(new LoggerHandler('l2', { logger, level: 'WARNING' }));
    profiler.addHandler(new NamedLoggerHandler('n', { loggerName: 'oracle.lh', level: 25 }));
    const child = c.fn('child100%s', () => clock.tick(1));
    c.fn('f', () => [child(), child()][0], pythonSize(16))();
    c.notes.messages = logger.logged.map(({ level, message }) => ({ level: PYTHON_LEVELS[level], logger: 'oracle.lh', message }));
  },
  logger_level(c) {
    const logger = { ...logSink(), isLevelEnabled: (level: string) => level !== 'debug' };
    c.config({ capture: false, stream: false }).profiler.addHandler(new LoggerHandler('l', { logger }));
    c.fn('f', () => 1)();
    c.notes.messages = logger.logged;
  },
  logger_default_dup(c) {
    const debug = vi.spyOn(console, 'debug').mockImplementation(() => undefined);
    c.config({ capture: false, stream: false });
    c.profiler.addHandler(new LoggerHandler('a'));
    c.profiler.addHandler(new LoggerHandler('b'));
    c.fn('f', () => 1)();
    c.notes.stdout = debug.mock.calls.map(([line]) => `${line}\n`).join('');
    debug.mockRestore();
  },
  handler_order(c) {
    const { profiler } = c.config({ capture: false, stream: false, responseSizeProfile: true });
    const lists: unknown[] = [];
    const calls: string[][] = [];
    for (const handlerName of 'xyz') {
      profiler.addHandler({
        handlerName,
        handle(records, metric) {
          if (!lists.includes(records)) lists.push(records);
          calls.push([handlerName, metric, `list${lists.indexOf(records)}`]);
        },
      });
    }
    c.fn('f', () => 1)();
    c.notes.calls = calls;
  },
  async_on_sync: (c) => c.config().profiler.addHandler(c.slowCapture('a', 0)),
});
