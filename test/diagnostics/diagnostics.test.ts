import { afterEach, describe, expect, it, vi } from 'vitest';
import { Diagnostics } from '../../src/diagnostics/diagnostics.js';
import { logSink } from './log-sink.js';

const MINUTE = 60_000;

function diagnosticsAt(start = 0) {
  const time = { now: start };
  const logger = logSink();
  return { time, logger, diagnostics: new Diagnostics({ logger, clock: () => time.now }) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('count', () => {
  it('adds up by reason and culprit', () => {
    const { diagnostics } = diagnosticsAt();
    diagnostics.count('labels_invalid', 'sold');
    diagnostics.count('labels_invalid', 'sold', 4);
    diagnostics.count('labels_invalid', 'bought');
    diagnostics.count('hook_error');
    expect(diagnostics.snapshot()).toEqual([
      { reason: 'labels_invalid', culprit: 'sold', count: 5 },
      { reason: 'labels_invalid', culprit: 'bought', count: 1 },
      { reason: 'hook_error', culprit: '', count: 1 },
    ]);
  });

  it('has nothing to tell while all is well, and hands out copies', () => {
    const { diagnostics } = diagnosticsAt();
    expect(diagnostics.snapshot()).toEqual([]);
    diagnostics.count('a');
    const before = diagnostics.snapshot();
    diagnostics.count('a');
    expect(before).toEqual([{ reason: 'a', culprit: '', count: 1 }]);
  });

  it('tells 1000 culprits apart and adds up the rest by reason, losing none', () => {
    const { diagnostics } = diagnosticsAt();
    for (let n = 0; n < 5000; n++) diagnostics.count(n % 2 === 0 ? 'even' : 'odd', `name ${n}`);
    diagnostics.count('new_reason', 'name');
    diagnostics.count('new_reason');
    diagnostics.count('even', 'name 0');
    const counts = diagnostics.snapshot();
    expect(counts).toHaveLength(1004);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(5003);
    expect(counts.filter(({ culprit }) => !culprit.startsWith('name '))).toEqual([
      { reason: 'even', culprit: '(others)', count: 2000 },
      { reason: 'odd', culprit: '(others)', count: 2000 },
      { reason: 'new_reason', culprit: '(others)', count: 1 },
      { reason: 'new_reason', culprit: '', count: 1 },
    ]);
    expect(counts[0]).toEqual({ reason: 'even', culprit: 'name 0', count: 2 });
  });
});

describe('report', () => {
  it('logs a cause at once, then at most once a minute with the number of those between', () => {
    const { diagnostics, logger, time } = diagnosticsAt(123);
    diagnostics.report('warn', 'c', { metric: 'm' }, 'trouble');
    diagnostics.report('warn', 'c', { metric: 'm' }, 'trouble');
    time.now += MINUTE - 1;
    diagnostics.report('warn', 'c', { metric: 'm' }, 'trouble');
    expect(logger.logged).toEqual([{ level: 'warn', fields: { metric: 'm' }, message: 'trouble' }]);
    time.now += 1;
    diagnostics.report('error', 'c', { metric: 'n' }, 'more trouble');
    expect(logger.logged.slice(1)).toEqual([
      { level: 'error', fields: { metric: 'n', suppressed: 2 }, message: 'more trouble (2 more like this since the last report)' },
    ]);
    time.now += MINUTE;
    diagnostics.report('info', 'c', {}, 'again');
    expect(logger.logged.slice(2)).toEqual([{ level: 'info', fields: {}, message: 'again' }]);
  });

  it('limits each cause for itself', () => {
    const { diagnostics, logger } = diagnosticsAt();
    for (const cause of ['a', 'b', 'a', 'b']) diagnostics.report('warn', cause, {}, cause);
    expect(logger.logged.map(({ message }) => message)).toEqual(['a', 'b']);
  });

  it('treats all causes beyond 1000 a minute as one, and has room again after it', () => {
    const { diagnostics, logger, time } = diagnosticsAt();
    for (let n = 0; n < 3000; n++) diagnostics.report('warn', `cause ${n}`, {}, `cause ${n}`);
    expect(logger.logged.map(({ message }) => message)).toEqual(Array.from({ length: 1001 }, (_, n) => `cause ${n}`));
    time.now += MINUTE;
    diagnostics.report('warn', 'cause 0', {}, 'known');
    diagnostics.report('warn', 'cause 5000', {}, 'new');
    diagnostics.report('warn', 'cause 5000', {}, 'new');
    expect(logger.logged.slice(1001).map(({ message }) => message)).toEqual(['known', 'new']);
  });

  it('ignores what the logger throws', () => {
    const { diagnostics } = diagnosticsAt();
    let calls = 0;
    diagnostics.logger = {
      ...logSink(),
      warn: () => {
        calls++;
        throw new Error('disk full');
      },
    };
    diagnostics.report('warn', 'c', {}, 'trouble');
    expect(calls).toBe(1);
  });

  it('is not caught in a loop by a logger that reports again', () => {
    const { diagnostics } = diagnosticsAt();
    let calls = 0;
    diagnostics.logger = {
      ...logSink(),
      warn: () => {
        calls++;
        diagnostics.report('warn', 'c', {}, 'trouble');
      },
    };
    diagnostics.report('warn', 'c', {}, 'trouble');
    expect(calls).toBe(1);
  });
});

describe('logger', () => {
  it('can be replaced at any time, and is the console when none is set', () => {
    const printed = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { diagnostics, logger } = diagnosticsAt();
    diagnostics.report('warn', 'a', {}, 'first');
    diagnostics.logger = undefined;
    diagnostics.report('warn', 'b', { metric: 'm' }, 'second');
    const other = logSink();
    diagnostics.logger = other;
    diagnostics.report('warn', 'c', {}, 'third');
    expect(logger.logged.map(({ message }) => message)).toEqual(['first']);
    expect(printed.mock.calls).toEqual([['phanos: second {"metric":"m"}']]);
    expect(other.logged.map(({ message }) => message)).toEqual(['third']);
  });

  it('is timed by the runtime’s clock unless told otherwise', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(1000);
    const logger = logSink();
    const diagnostics = new Diagnostics({ logger });
    diagnostics.report('warn', 'c', {}, 'first');
    now.mockReturnValue(1000 + MINUTE);
    diagnostics.report('warn', 'c', {}, 'second');
    expect(logger.logged.map(({ message }) => message)).toEqual(['first', 'second']);
  });
});
