import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { nodeProgram } from '../test/support/node-versions.js';
import { cacheFolder } from '../test/support/project.js';
import { fillOnce } from '../test/support/provide.js';
import { outputOf } from '../test/support/run-program.js';

/** A library that phanos is compared with, and the Node.js that it needs. */
export interface Peer {
  /** As on npm. */
  readonly name: string;
  readonly version: string;
  /** What to `require`. */
  readonly module: string;
  /** Program that runs it. */
  readonly node: string;
}

/** prom-client, which the project has for its tests and benchmarks. */
export function promClient(): Peer {
  const module = createRequire(import.meta.url).resolve('prom-client');
  return { name: 'prom-client', version: versionAt(join(module, '..')), module, node: process.execPath };
}

const SUCCESSOR = '@prometheus-io/client';
const SUCCESSOR_VERSION = '0.16.1';

/**
 * The successor of prom-client. It needs Node.js 22 and npm warns about it on older ones, so it is no dependency of the project: it is fetched when it
 * is first asked for, into `.cache/peers`. Rejects with a sentence if it can't be had.
 */
export async function successor(): Promise<Peer> {
  const node = await nodeProgram(24);
  const folder = join(cacheFolder, 'peers', `client-${SUCCESSOR_VERSION}`);
  const module = join(folder, 'node_modules', SUCCESSOR);
  try {
    if (!isThere(module))
      await fillOnce(folder, async (temporary) => {
        const options = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
        await outputOf('npm', ['install', '--prefix', temporary, ...options, `${SUCCESSOR}@${SUCCESSOR_VERSION}`], { within: 300_000 });
      });
    return { name: SUCCESSOR, version: versionAt(module), module, node };
  } catch (cause) {
    throw new Error(`npm gave no ${SUCCESSOR}@${SUCCESSOR_VERSION}, which is compared with; is there a network?`, { cause });
  }
}

function isThere(module: string): boolean {
  try {
    return versionAt(module) !== '';
  } catch {
    return false;
  }
}

function versionAt(module: string): string {
  return (JSON.parse(readFileSync(join(module, 'package.json'), 'utf8')) as { version: string }).version;
}
