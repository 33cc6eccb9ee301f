import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';

/** Process metrics of whole processes, their workers and threads. */

let fixture: CompiledFixture;

beforeAll(async () => {
  fixture = await compileFixture('test/process/fixtures/processes.ts', { decorators: 'tc39' });
});

afterAll(() => fixture.remove());

vi.setConfig({ testTimeout: 60_000 });

/** What a program said, line by line. */
async function run<T>(program: string, env: Record<string, string> = {}): Promise<T[]> {
  const { code, stdout, stderr } = await fixture.run({ args: [program], env, within: 50_000 });
  expect([code, stderr]).toEqual([0, '']);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

/** Values of the samples of a name. */
const valuesOf = (samples: readonly string[], name: string): Record<string, number> =>
  Object.fromEntries(
    samples
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );

test('a process whose metrics are collected ends by itself', async () => {
  expect(await run('ends')).toEqual([true]);
});

test('PHANOS_DISABLED=1 collects nothing', async () => {
  expect(await run('disabled', { PHANOS_DISABLED: '1' })).toEqual([[[], 0]]);
});

test('in a cluster, what belongs to one process is told apart by worker and goes with it; CPU and collections add up and stay', async () => {
  const [both = [], one = []] = await run<string[]>('cluster');
  // The primary is worker 0, and collects nothing of its own.
  expect(Object.keys(valuesOf(both, 'process_resident_memory_bytes')).sort()).toEqual(['{worker="1"}', '{worker="2"}']);
  expect(Object.keys(valuesOf(one, 'process_resident_memory_bytes'))).toHaveLength(1);
  expect(Object.values(valuesOf(both, 'nodejs_version_info'))).toEqual([1]);
  const cpu = (samples: readonly string[]): number => valuesOf(samples, 'process_cpu_seconds_total')[''] as number;
  expect(cpu(both)).toBeGreaterThan(0);
  expect(cpu(one)).toBeGreaterThanOrEqual(cpu(both));
  const collections = (samples: readonly string[]): number =>
    valuesOf(samples, 'nodejs_gc_duration_seconds_count')['{kind="minor"}'] as number;
  expect(collections(one)).toBeGreaterThanOrEqual(collections(both));
});

test('a thread tells what is its own, and leaves the process to the main thread', async () => {
  const [samples = []] = await run<string[]>('thread');
  expect(Object.keys(valuesOf(samples, 'nodejs_heap_size_used_bytes'))).toHaveLength(1);
  expect(Object.keys(valuesOf(samples, 'nodejs_eventloop_utilization'))).toHaveLength(1);
  expect(samples.filter((line) => line.startsWith('process_'))).toEqual([]);
});
