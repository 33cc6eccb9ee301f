import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './project.js';
import { announce, fillOnce, isProgram, onPath } from './provide.js';
import { outputOf } from './run-program.js';

type PrometheusProgram = 'prometheus' | 'promtool';

const found = new Map<PrometheusProgram, Promise<string>>();

/**
 * Path of `prometheus` or `promtool`. Looked for in this order:
 *
 * 1. the variables `PHANOS_TEST_PROMETHEUS` and `PHANOS_TEST_PROMTOOL`, which name programs;
 * 2. what is there already: a program on PATH, or what an earlier run left in `.cache/prometheus`;
 * 3. on Debian and as root, Debian's package, unpacked into `.cache/prometheus`; nothing is installed and no service starts.
 *
 * It prints which one it took. If there is none, it throws a sentence that says what to do: no test is skipped for want of one.
 * Fetching may take minutes: give the test or hook that asks first a timeout of 330 000 ms.
 */
export function prometheusProgram(name: PrometheusProgram): Promise<string> {
  const known = found.get(name);
  if (known) return known;
  const finding = findProgram(name);
  found.set(name, finding);
  return finding;
}

async function findProgram(name: PrometheusProgram): Promise<string> {
  const variable = `PHANOS_TEST_${name.toUpperCase()}`;
  const given = process.env[variable];
  if (given) {
    if (!isProgram(given)) throw new Error(`${variable} is ${given}, which is not a program`);
    return announce(name, given, variable);
  }
  const installed = onPath(name);
  if (installed) return announce(name, installed, 'on PATH');
  const folder = join(cacheFolder, 'prometheus');
  const path = join(folder, 'usr/bin', name);
  if (isProgram(path)) return announce(name, path, 'unpacked by an earlier run');

  let cause: unknown;
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    try {
      await fillOnce(folder, unpackDebianPackage);
      return announce(name, path, "Debian's package");
    } catch (error) {
      cause = error;
    }
  }
  throw new Error(`The tests need ${name}: install Prometheus, or set ${variable} to the path of the program.`, { cause });
}

async function unpackDebianPackage(folder: string): Promise<void> {
  const options = { cwd: folder, env: { DEBIAN_FRONTEND: 'noninteractive' }, within: 300_000 };
  await outputOf('apt-get', ['update', '-qq'], options);
  await outputOf('apt-get', ['download', '-qq', 'prometheus'], options);
  const archive = readdirSync(folder).find((file) => file.endsWith('.deb'));
  if (!archive) throw new Error('apt-get left no archive');
  await outputOf('dpkg-deb', ['--extract', archive, folder], options);
}
