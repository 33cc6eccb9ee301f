import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseText } from '../exposition/parse-text.js';
import { RunningCluster } from '../ship/running-cluster.js';
import { CollectProcess } from '../support/collect-process.js';
import { eventually } from '../support/eventually.js';
import { newFolder, root } from '../support/project.js';
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

/** Samples of a counter of the program's own, as `value by label`. */
function samplesOf(text: string, name: string): Record<string, number> {
  const samples = parseText(text).flatMap((family) => family.samples);
  return Object.fromEntries(samples.filter((sample) => sample.name === name).map(({ labels, value }) => [labels.by ?? '', value]));
}

describe('with phanos collect', () => {
  let folder: string;
  let socket: string;
  let service: CollectProcess;

  beforeEach(async () => {
    folder = await newFolder();
    socket = join(folder, 'phanos.sock');
    service = await CollectProcess.start({ args: ['--socket', socket] });
  });

  afterEach(async () => {
    await service.stop();
    await rm(folder, { recursive: true });
  });

  test('child processes: each counts into the same numbers', { timeout: 60_000 }, async () => {
    const env = { PHANOS_COLLECTOR: `unix:${socket}` };
    const output = await outputOf(process.execPath, [join(examples.folder, 'child-processes.js')], { env });
    const text = await service.get('/metrics');
    expect(samplesOf(text, 'parcels_sent_total')).toEqual({ ship: 10, rail: 10, road: 10 });
    expect(callsOf(text, 'parcels.send')).toBe(30);
    const printed = output.trimEnd().split('\n');
    expect(printed).toHaveLength(4);
    expect(text.split('\n')).toEqual(expect.arrayContaining(printed));
    expect(await service.get('/-/metrics')).toContain('phanos_collector_producer_deaths_total{store="main",cause="goodbye"} 4\n');
  });

  test.each(['cluster', 'fork'])('PM2 in %s mode: the ecosystem file, and four of its processes', { timeout: 60_000 }, async (mode) => {
    const { apps } = createRequire(import.meta.url)(join(root, 'examples/pm2/ecosystem.config.cjs')) as { apps: PmApp[] };
    const [collector, greeter] = apps as [PmApp, PmApp];
    expect(collector.args).toBe('collect --socket /tmp/phanos.sock --listen 127.0.0.1:9464');
    expect(collector.script.replace('node_modules/phanos/', '')).toBe(
      (JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { bin: { phanos: string } }).bin.phanos,
    );
    const env = { ...greeter.env, PHANOS_COLLECTOR: greeter.env?.PHANOS_COLLECTOR?.replace('/tmp/phanos.sock', socket) ?? '' };

    // Its master forks cluster workers without phanos, or starts programs with an IPC channel, and gives each its number.
    const script = join(examples.folder, 'pm2/server.js');
    const master = new RunningCluster(join(root, 'test/examples/fixtures/pm2-master.mjs'), [mode, script, String(greeter.instances)], env);
    try {
      const sites = await eventually(
        'all of them listen',
        () => {
          const found = master.lines.map(({ site }) => site as string);
          return found.length === greeter.instances ? found : undefined;
        },
        20_000,
      );
      for (const site of sites) for (let i = 0; i < 5; i++) expect(await textOf(`${site}/Ada`)).toBe('Hello, Ada!\n');
      await eventually('all calls are there', async () => callsOf(await service.get('/metrics'), 'Greeter.greet') === 5 * sites.length);
    } finally {
      await master.stop();
    }
    expect(master.stderr).toBe('');
    expect(callsOf(await service.get('/metrics'), 'Greeter.greet')).toBe(20);
    // PM2 stops with SIGINT, on which they said goodbye.
    expect(await service.get('/-/metrics')).toContain('phanos_collector_producer_deaths_total{store="main",cause="goodbye"} 4\n');
  });
});

/** What of an ecosystem file matters here. */
interface PmApp {
  readonly script: string;
  readonly args?: string;
  readonly instances: number;
  readonly env?: Readonly<Record<string, string>>;
}
