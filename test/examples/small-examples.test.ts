import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseText } from '../exposition/parse-text.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { root } from '../support/project.js';
import { outputOf } from '../support/run-program.js';
import { CompiledExamples, textOf } from './compiled-examples.js';

let examples: CompiledExamples;

beforeAll(async () => {
  examples = await CompiledExamples.make();
});

afterAll(() => examples.remove());

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
  const compiled = await readFile(join(examples.folder, 'quick-start.js'), 'utf8');
  expect(compiled).toContain('port: 9464');
  expect(compiled).toContain('listen(8080');
  await writeFile(
    join(examples.folder, 'quick-start-elsewhere.js'),
    compiled.replace('port: 9464', `port: ${metricsPort}`).replace('listen(8080', `listen(${port}`),
  );
  const { stderr } = await examples.whileRunning('quick-start-elsewhere.js', {}, async (output) => {
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
  const output = await outputOf(process.execPath, [join(examples.folder, 'custom-metric.js')]);
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
  const ended = await examples.whileRunning(`${framework}.js`, { PORT: '0' }, async (output) => {
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
