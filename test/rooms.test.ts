import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { newFolder, root } from './support/project.js';
import { lineLimit, type RoomTable, roomFaults } from './support/rooms.js';

const table: RoomTable = {
  low: { imports: [] },
  high: { imports: ['low'] },
  'index.ts': { imports: ['high'], lazy: ['low'] },
};

let folder: string | undefined;

afterEach(async () => {
  if (folder) await rm(folder, { recursive: true });
  folder = undefined;
});

async function faultsOf(files: Record<string, string>, rooms = table): Promise<string[]> {
  folder = await newFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return roomFaults(folder, rooms);
}

test('src is a house in order', () => {
  expect(roomFaults(join(root, 'src'))).toEqual([]);
});

test('arrows downwards are allowed, within a room, and lazily or in types where the table says so', async () => {
  const faults = await faultsOf({
    'low/a.ts': "import { b } from './b.js';\nimport { x } from 'node:fs';\nexport const a = b + x;",
    'low/b.ts': 'export const b = 1;',
    'high/c.ts': "import type { D } from '../low/d.js';\nexport { a } from '../low/a.js';",
    'low/d.ts': 'export type D = 1;',
    'index.ts': "import './high/c.js';\nimport type { D } from './low/d.js';\nexport const a = () => import('./low/a.js');",
  });
  expect(faults).toEqual([]);
});

test('an upward arrow is a fault, whether a value, a type, a re-export, a type expression, or loaded lazily', async () => {
  const faults = await faultsOf({
    'high/c.ts': 'export const c = 1;\nexport type C = 1;',
    'low/value.ts': "import { c } from '../high/c.js';",
    'low/type.ts': "import type { C } from '../high/c.js';",
    'low/export.ts': "\nexport { c } from '../high/c.js';",
    'low/expression.ts': "export type D = import('../high/c.js').C;",
    'low/lazy.ts': "export const c = () => import('../high/c.js');",
  });
  expect(faults).toEqual([
    'low/export.ts:2 imports high/c.ts: the arrow low -> high is not allowed, low may import nothing',
    'low/expression.ts:1 imports types of high/c.ts: the arrow low -> high is not allowed, low may import nothing',
    'low/lazy.ts:1 loads lazily high/c.ts: the arrow low -> high is not allowed, low may import nothing',
    'low/type.ts:1 imports types of high/c.ts: the arrow low -> high is not allowed, low may import nothing',
    'low/value.ts:1 imports high/c.ts: the arrow low -> high is not allowed, low may import nothing',
  ]);
});

test('a room that may only be reached lazily must not be loaded', async () => {
  const faults = await faultsOf({ 'low/a.ts': 'export type A = 1;', 'index.ts': "import { type A } from './low/a.js';" });
  expect(faults).toEqual(['index.ts:1 loads low/a.ts: index.ts may reach low by import() and in types only']);
});

test('a cycle between files is a fault, types included, lazy imports not', async () => {
  const faults = await faultsOf({
    'low/a.ts': "import { b } from './b.js';",
    'low/b.ts': "import type { C } from './c.js';",
    'low/c.ts': "import { a } from './a.js';",
    'low/d.ts': "export const e = () => import('./e.js');",
    'low/e.ts': "import { d } from './d.js';",
    'low/self.ts': "import { self } from './self.js';",
  });
  expect(faults).toEqual([
    'low/a.ts -> low/b.ts -> low/c.ts -> low/a.ts is a cycle of imports',
    'low/self.ts -> low/self.ts is a cycle of imports',
  ]);
});

test('barrels, long files, files outside of the rooms, and imports of nothing are faults', async () => {
  const faults = await faultsOf({
    'low/index.ts': 'export const a = 1;',
    'low/long.ts': '\n'.repeat(lineLimit).concat('export const b = 1;\n'),
    'attic/box.ts': "import { c } from './gone.js';",
  });
  expect(faults).toEqual([
    'attic/box.ts is in no room: the table of rooms has no attic',
    'low/index.ts is a barrel: import the files of low by their names',
    `low/long.ts has ${lineLimit + 1} lines, more than ${lineLimit}: find the second noun in it`,
    'attic/box.ts:1 imports ./gone.js, which is no file of src',
  ]);
});

test('a table with an arrow upwards is a fault itself', async () => {
  expect(await faultsOf({}, { low: { imports: ['high'] }, high: { imports: ['low'] } })).toEqual([
    'the table lets low import high, which is not below it',
  ]);
});
