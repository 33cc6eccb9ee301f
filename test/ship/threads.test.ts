import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import { nodeMajors, nodeProgram } from '../support/node-versions.js';
import { sampleOf } from './running-cluster.js';

let fixture: CompiledFixture;
let earlyThread: CompiledFixture;

beforeAll(async () => {
  fixture = await compileFixture('test/ship/fixtures/threads.ts', { decorators: 'tc39' });
  earlyThread = await compileFixture('test/ship/fixtures/early-thread.ts', { decorators: 'tc39' });
});
afterAll(() => Promise.all([fixture.remove(), earlyThread.remove()]));

test('a thread counts that was started before its main thread said where series go; all threads together keep to the limit of the main thread', async () => {
  const { code, stdout } = await earlyThread.run({ within: 30_000 });
  expect(code).toBe(0);
  const lines = stdout.split('\n').filter((line) => line.startsWith('seen_total{'));
  expect(lines.filter((line) => /\{by="\d+-\d"\} 1$/.test(line))).toHaveLength(10);
  expect(lines.filter((line) => line.includes('phanos_overflow'))).toEqual(['seen_total{phanos_overflow="true"} 2']);
}, 60_000);

test.each(nodeMajors)(
  'on Node.js %i threads count in the main thread, and their ends disturb no scrape',
  { timeout: 60_000 },
  async (major) => {
    const { code, stdout, stderr } = await fixture.run({ node: await nodeProgram(major), within: 40_000 });
    expect([code, stderr]).toEqual([0, '']);
    const { handed, took, text, diagnostics } = JSON.parse(stdout) as {
      handed: number;
      took: number;
      text: string;
      diagnostics: unknown[];
    };
    const calls = 'phanos_time_profiler_seconds_count{method="load:work",function="load.work",error_raised="false"}';
    expect([sampleOf(text, calls), sampleOf(text, 'done_total')]).toEqual([handed, handed]);
    // Only the thread that lives still counts, beside the main thread that never set it.
    expect(sampleOf(text, 'depth')).toBe(1);
    expect(took).toBeLessThan(1000);
    expect(diagnostics).toEqual([]);
  },
);
