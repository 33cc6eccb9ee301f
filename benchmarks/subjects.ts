import { compileFunction } from 'node:vm';
import { type ConfigOptions, Profiler } from 'phanos';

/** What is profiled: functions that do next to nothing, so that the rest of a call is what is seen. */

export function work(n: number): number {
  return (n & 1023) + 1;
}

/** Waits for a turn of the microtasks, as for something that is in a cache. */
export async function workAsync(n: number): Promise<number> {
  await settled;
  return (n & 1023) + 1;
}

const settled = Promise.resolve();

/** 64 functions that V8 knows as different ones, as the methods of a program are: calls of them can't all be inlined. */
export function distinctFunctions(): ((n: number) => number)[] {
  return Array.from({ length: 64 }, (_, i) => compileFunction(`return (n & 1023) + ${i + 1};`, ['n']) as (n: number) => number);
}

/** A profiler that counts series for the collector in this process. */
export function countingProfiler(options: ConfigOptions): Profiler {
  return new Profiler().config({ collector: 'local', ...options });
}

/** Throws unless `/metrics` shows this number of timed calls. */
export async function expectCalls(profiler: Profiler, calls: number): Promise<void> {
  expectEqual('timed calls', sampleSum(await profiler.metrics(), 'phanos_time_profiler_seconds_count'), calls);
}

/** The sum of all samples of one name. */
export function sampleSum(text: string, name: string): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    if (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) sum += Number(line.slice(line.lastIndexOf(' ')));
  }
  return sum;
}

export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what}: expected ${String(expected)}, got ${String(actual)}`);
}
