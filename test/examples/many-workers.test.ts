import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseText } from '../exposition/parse-text.js';
import { eventually } from '../support/eventually.js';
import { outputOf } from '../support/run-program.js';
import { CompiledExamples, textOf } from './compiled-examples.js';

let examples: CompiledExamples;

beforeAll(async () => {
  examples = await CompiledExamples.make();
});

afterAll(() => examples.remove());

/** Calls of a function in a scrape, whatever the road that led to it. */
function callsOf(text: string, name: string): number {
  return parseText(text)
    .flatMap((family) => family.samples)
    .filter((sample) => sample.name === 'phanos_time_profiler_seconds_count' && sample.labels.function === name)
    .reduce((sum, { value }) => sum + value, 0);
}

test('a cluster: one address for all workers, and a worker that was killed takes nothing with it', { timeout: 60_000 }, async () => {
  const ended = await examples.whileRunning('cluster.js', { PORT: '0', METRICS_PORT: '0', WORKERS: '2' }, async (output) => {
    const started = (): string[][] =>
      output()
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' '));
    await eventually('both workers listen', () => started().length === 2);
    const [[victim, site, metrics] = [], [, , other] = []] = started() as [string[]?, string[]?];
    expect(other).toBe(metrics);
    for (let i = 0; i < 20; i++) expect(await textOf(`${site}/Ada`)).toBe('Hello, Ada!\n');
    expect(callsOf(await textOf(metrics as string), 'Greeter.greet')).toBe(20);
    process.kill(Number(victim), 'SIGKILL');
    await eventually('another one took its place', () => started().length === 3);
    for (let i = 0; i < 10; i++) await textOf(`${site}/Grace`);
    expect(callsOf(await textOf(metrics as string), 'Greeter.greet')).toBe(30);
  });
  expect(ended).toEqual({ end: 0, stderr: '' });
});

test('threads: the main thread has the calls of all of them', { timeout: 60_000 }, async () => {
  const output = await outputOf(process.execPath, [join(examples.folder, 'threads.js')]);
  const labels = (path: string, name: string): string => `method="primes:${path}",function="primes.${name}",error_raised="false"`;
  expect(output.trimEnd().split('\n').sort()).toEqual([
    '430 primes below 3000',
    `phanos_time_profiler_seconds_count{${labels('count', 'count')}} 3`,
    `phanos_time_profiler_seconds_count{${labels('count.isPrime', 'isPrime')}} 3000`,
  ]);
});
