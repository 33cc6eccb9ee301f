import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../test/support/project.js';
import { type Peer, promClient, successor } from '../peer.js';
import type { LibraryChoice } from './metrics-library.js';

/** A library in the comparison. */
export interface Contender {
  readonly name: string;
  readonly version: string;
  readonly choice: LibraryChoice;
  /** Program that runs it. */
  readonly node: string;
}

/** prom-client, its successor, and phanos. Rejects with a sentence if one of them can't be had. */
export async function contenders(): Promise<Contender[]> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const phanos: Contender = { name: 'phanos', version, choice: { adapter: 'phanos-library', module: 'phanos' }, node: process.execPath };
  return [...[promClient(), await successor()].map(contenderOf), phanos];
}

function contenderOf({ name, version, module, node }: Peer): Contender {
  return { name, version, choice: { adapter: 'prom-library', module }, node };
}
