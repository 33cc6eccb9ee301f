import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './project.js';
import { announce, fillOnce, isProgram, onPath } from './provide.js';
import { outputOf, runProgram } from './run-program.js';

/** The OpenMetrics parser of Python's prometheus_client: a reader that we did not write, and stricter than Prometheus. */

export interface OpenMetricsSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar: {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    readonly timestamp: number | null;
  } | null;
}

export interface OpenMetricsFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly help: string;
  readonly samples: readonly OpenMetricsSample[];
}

const SCRIPT = fileURLToPath(new URL('parse-open-metrics.py', import.meta.url));

/** Families of each text. One start of Python reads them all. Rejects with what is wrong with the first text that it refuses, and that text. */
export async function parseOpenMetrics(texts: readonly string[]): Promise<OpenMetricsFamily[][]> {
  const { program, path } = await python();
  const options = { input: JSON.stringify(texts), env: { PYTHONPATH: path, PYTHONIOENCODING: 'utf-8' } };
  const answers = JSON.parse(await outputOf(program, [SCRIPT], options)) as { families?: OpenMetricsFamily[]; error?: string }[];
  return answers.map(({ families, error }, i) => {
    if (families === undefined) throw new Error(`prometheus_client refuses this: ${error}\n${texts[i]}`);
    return families.map((family) => ({ ...family, samples: family.samples.map(withNumbers) }));
  });
}

/** JSON has no word for what is not finite. */
function withNumbers(sample: OpenMetricsSample): OpenMetricsSample {
  return { ...sample, value: Number(String(sample.value).replace('inf', 'Infinity')) };
}

interface Python {
  readonly program: string;
  /** For PYTHONPATH. */
  readonly path: string | undefined;
}

let found: Promise<Python> | undefined;

/**
 * A Python that has prometheus_client. Looked for in this order:
 *
 * 1. the variable `PHANOS_TEST_PYTHON`, which names a program;
 * 2. `/usr/bin/python3` and `python3` on PATH, if they have it, or with what an earlier run left in `.cache/prometheus-client`;
 * 3. on Debian and as root, Debian's package, unpacked into `.cache/prometheus-client`; nothing is installed.
 */
function python(): Promise<Python> {
  found ??= findPython();
  return found;
}

async function findPython(): Promise<Python> {
  const given = process.env.PHANOS_TEST_PYTHON;
  if (given !== undefined && given !== '') {
    if (!(await hasClient(given))) throw new Error(`PHANOS_TEST_PYTHON is ${given}, which has no prometheus_client`);
    return chosen(given, undefined, 'PHANOS_TEST_PYTHON');
  }
  const programs = ['/usr/bin/python3', onPath('python3')].filter((program) => program !== undefined).filter(isProgram);
  for (const program of programs) if (await hasClient(program)) return chosen(program, undefined, 'installed');
  const folder = join(cacheFolder, 'prometheus-client');
  const path = join(folder, 'usr/lib/python3/dist-packages');
  let cause: unknown;
  if (!existsSync(path) && existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    try {
      await fillOnce(folder, unpackDebianPackage);
    } catch (error) {
      cause = error;
    }
  }
  for (const program of programs) if (await hasClient(program, path)) return chosen(program, path, "Debian's package");
  throw new Error('The tests need Python with prometheus_client: install it, or set PHANOS_TEST_PYTHON to a Python that has it.', {
    cause,
  });
}

function chosen(program: string, path: string | undefined, source: string): Python {
  announce('prometheus_client', program, source);
  return { program, path };
}

async function hasClient(program: string, path?: string): Promise<boolean> {
  const args = ['-c', 'import prometheus_client.openmetrics.parser'];
  return (await runProgram(program, args, { env: { PYTHONPATH: path } })).code === 0;
}

async function unpackDebianPackage(folder: string): Promise<void> {
  const options = { cwd: folder, env: { DEBIAN_FRONTEND: 'noninteractive' }, within: 300_000 };
  await outputOf('apt-get', ['update', '-qq'], options);
  await outputOf('apt-get', ['download', '-qq', 'python3-prometheus-client'], options);
  const archive = readdirSync(folder).find((file) => file.endsWith('.deb'));
  if (archive === undefined) throw new Error('apt-get left no archive');
  await outputOf('dpkg-deb', ['--extract', archive, folder], options);
}
