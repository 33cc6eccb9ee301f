import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { identify } from '../../src/ship/identity.js';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import type { Finished } from '../support/run-program.js';

/** How programs with phanos in them end; each runs in a process of its own. */

let fixture: CompiledFixture;

beforeAll(async () => {
  fixture = await compileFixture('test/profiler/fixtures/ending.ts', { decorators: 'tc39' });
});

afterAll(() => fixture.remove());

const run = (program: string, env: Record<string, string> = {}): Promise<Finished> => fixture.run({ args: [program], env, within: 25_000 });

vi.setConfig({ testTimeout: 30_000 });

describe('a program that has nothing more to do', () => {
  test('ends by itself, with its own code, when what it recorded is handed over', async () => {
    expect(await run('runsDry')).toEqual({ code: 3, stdout: 'sold 1\n', stderr: '' });
  });

  test('flushes again what was measured since, and does not live on for it', async () => {
    expect(await run('measuresAtTheEnd')).toEqual({ code: 0, stdout: 'early 1\nlate 1\nlater 1\n', stderr: '' });
  });

  test('ends although it measures whenever it has nothing more to do', async () => {
    const { code, stdout, stderr } = await run('measuresForEver');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^(sold 1\n){2,20}$/);
  });

  test('ends although its gauges are set by each flush', async () => {
    expect(await run('gaugesAtTheEnd')).toEqual({ code: 0, stdout: 'asked 2\n', stderr: '' });
  });

  test('ends although it serves and a gauge never answers', async () => {
    const { code, stdout, stderr } = await run('serves');
    expect([code, stdout]).toEqual([0, '200\n']);
    expect(stderr).toMatch(/^phanos: collect of gauge 'stuck' has not answered since it was last asked; .*\n$/);
  });

  test('stays if its server is to keep it alive', async () => {
    expect(await run('servesAndStays')).toEqual({ code: 0, stdout: 'still there\n', stderr: '' });
  });
});

describe('a signal of closeOn', () => {
  test('flushes and closes, and then ends the process as it would have', async () => {
    expect(await run('signal')).toEqual({ code: 'SIGTERM', stdout: 'sold 1\nclosed\n', stderr: '' });
  });

  test('leaves the end to others who listen', async () => {
    expect(await run('signalForOthersToo')).toEqual({ code: 0, stdout: 'asked\nsold 1\nclosed\nothers end\n', stderr: '' });
  });

  test('is nothing to phanos after close', async () => {
    expect(await run('signalAfterClose')).toEqual({ code: 'SIGTERM', stdout: 'closed\n0 listeners\n', stderr: '' });
  });

  test('is that of the last config', async () => {
    expect(await run('signalsConfiguredTwice')).toEqual({ code: 0, stdout: '0 1 listeners\n', stderr: '' });
  });
});

describe('PHANOS_DISABLED', () => {
  test('=1 turns all off: functions just run, nothing is counted, recorded or called', async () => {
    expect(await run('everything', { PHANOS_DISABLED: '1' })).toEqual({
      code: 0,
      stdout: 'returned 1 \nthrew Error: failed\nawaited later\nvalues 0 0\nscraped ""\nclosed\n',
      stderr: '',
    });
  });

  test('of any other value turns nothing off', async () => {
    const { code, stdout, stderr } = await run('everything', { PHANOS_DISABLED: '0' });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('hook\nreturned 1 shop:call\n');
    expect(stdout).toContain('values 1 1\n');
    expect(stdout).toContain('phanos_time_profiler_seconds_count');
  });
});

test('PHANOS_INSTANCE names the instance, unless config does', () => {
  const before = process.env.PHANOS_INSTANCE;
  process.env.PHANOS_INSTANCE = 'pod-7';
  try {
    expect(identify({ job: 'shop', instance: undefined, worker: undefined })).toMatchObject({
      job: 'shop',
      instance: 'pod-7',
      worker: '0',
    });
    expect(identify({ job: 'shop', instance: 'host-1', worker: '3' })).toMatchObject({ instance: 'host-1', worker: '3' });
  } finally {
    if (before === undefined) delete process.env.PHANOS_INSTANCE;
    else process.env.PHANOS_INSTANCE = before;
  }
});
