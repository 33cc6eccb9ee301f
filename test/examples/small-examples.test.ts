import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseText } from '../exposition/parse-text.js';
import { eventually } from '../support/eventually.js';
import { assertBuilt, cacheFolder, newFolder, root } from '../support/project.js';
import { outputOf } from '../support/run-program.js';

let folder: string;

/** Compiles all examples against the built package, as a user's own code would be. */
beforeAll(async () => {
  assertBuilt();
  folder = await newFolder(join(cacheFolder, 'fixtures'));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await outputOf(process.execPath, [tsc, '--project', join(root, 'examples/tsconfig.json'), '--outDir', folder]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs an example that serves, asks it, and ends it with SIGTERM. Returns how it ended and what it wrote to the standard error output. */
async function whileRunning(
  file: string,
  env: Readonly<Record<string, string>>,
  ask: (output: () => string) => Promise<void>,
): Promise<{ end: number | string; stderr: string }> {
  const child = spawn(process.execPath, [join(folder, file)], { env: { ...process.env, NODE_OPTIONS: undefined, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const closed = once(child, 'close');
  try {
    await ask(() => {
      if (child.exitCode !== null) throw new Error(`${file} ended:\n${stdout}${stderr}`);
      return stdout;
    });
  } finally {
    child.kill('SIGTERM');
  }
  const [code, signal] = (await closed) as [number | null, string | null];
  return { end: code ?? signal ?? '', stderr };
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The fenced blocks of a language, in their order. */
function fenced(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].map(([, block = '']) => block);
}

test("the README's quick start is the example, and gives what the README says", { timeout: 30_000 }, async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const [code = ''] = fenced(readme, 'ts');
  const [samples = ''] = fenced(readme, 'text');
  expect(code).not.toBe('');
  expect(samples).not.toBe('');
  expect(await readFile(join(root, 'examples/quick-start.ts'), 'utf8')).toContain(`\n\n${code}`);

  // Its ports are fixed, as they are in the README; here they may be taken.
  const [metricsPort, port] = [await freePort(), await freePort()];
  const compiled = await readFile(join(folder, 'quick-start.js'), 'utf8');
  expect(compiled).toContain('port: 9464');
  expect(compiled).toContain('listen(8080');
  await writeFile(
    join(folder, 'quick-start-elsewhere.js'),
    compiled.replace('port: 9464', `port: ${metricsPort}`).replace('listen(8080', `listen(${port}`),
  );
  const { stderr } = await whileRunning('quick-start-elsewhere.js', {}, async (output) => {
    const answer = await eventually('it answers', async () => output() === '' && (await textOf(`http://127.0.0.1:${port}/`)));
    expect(answer).toBe('sold one book for 4');
    const lines = (await textOf(`http://127.0.0.1:${metricsPort}/metrics`)).split('\n');
    expect(lines).toEqual(expect.arrayContaining(samples.trimEnd().split('\n')));
  });
  expect(stderr).toBe('');
});

test('a custom metric with cleanup and storeOperation, fed by hooks', async () => {
  const record = (path: string, bytes: number, step: string): string =>
    `profiler: import_peak, method: ${path}, value: ${bytes}.0 B, labels: step=${step}, error_raised=False`;
  const output = await outputOf(process.execPath, [join(folder, 'custom-metric.js')]);
  expect(output.trimEnd().split('\n')).toEqual([
    'Import:run returned 8',
    record('Import:run', 21, 'run'),
    record('Import:run.parse', 5, 'parse'),
    record('Import:run.parse', 8, 'parse'),
    'Import:run returned 3',
    record('Import:run', 5, 'run'),
    record('Import:run.parse', 5, 'parse'),
    "Import:run threw no amount in 'nonsense'",
    record('Import:run', 15, 'run'),
    record('Import:run.parse', 6, 'parse'),
    record('Import:run.parse', 8, 'parse'),
    'import_peak_bytes{step="run"} 15',
    'import_peak_bytes{step="parse"} 8',
  ]);
});

test.each(['express', 'fastify'])('%s serves the metrics on its own port', { timeout: 30_000 }, async (framework) => {
  const ended = await whileRunning(`${framework}.js`, { PORT: '0' }, async (output) => {
    const [url] = await eventually('it listens', () => /http:\S+/.exec(output()));
    expect(await textOf(`${url}/greet/Ada`)).toBe('Hello, Ada!\n');
    expect(await textOf(`${url}/greet/Grace`)).toBe('Hello, Grace!\n');
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const samples = parseText(await response.text()).flatMap((family) => family.samples);
    const counts = samples.filter(({ name }) => name === 'phanos_time_profiler_seconds_count');
    expect(counts.map(({ labels, value }) => [labels.method, labels.function, labels.error_raised, value])).toEqual([
      // In the order in which they ended first.
      ['Greeter:greet.choose', 'Greeter.choose', 'false', 2],
      ['Greeter:greet', 'Greeter.greet', 'false', 2],
    ]);
    const [size] = samples.filter(({ name }) => name === 'phanos_response_size_bytes_sum');
    expect(size?.value).toBe('Hello, Ada!\nHello, Grace!\n'.length);
  });
  expect(ended).toEqual({ end: 0, stderr: '' });
});
