import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as client from '../src/client.js';
import * as index from '../src/index.js';
import { version } from '../src/version.js';
import { root } from './support/project.js';

test('the door hands out everything that the client offers', () => {
  expect({ ...index }).toEqual({ ...client });
});

test('the door hands out every class as a type, too', () => {
  const source = readFileSync(join(root, 'src/index.ts'), 'utf8');
  const classes = Object.entries(client).filter(([, value]) => typeof value === 'function' && value.toString().startsWith('class'));
  expect(classes).not.toEqual([]);
  expect(classes.map(([name]) => name).filter((name) => !new RegExp(`^export type ${name}\\b`, 'm').test(source))).toEqual([]);
});

test('the first copy is published, with its version and path', () => {
  const published = (globalThis as Record<symbol, unknown>)[Symbol.for('phanos.1')];
  expect(published).toMatchObject({ version, path: join(root, 'src/one-instance.ts'), exports: { PhanosError: index.PhanosError } });
});

test('the version is that of package.json', () => {
  expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).toMatchObject({ version });
});
