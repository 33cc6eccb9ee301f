import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { root } from '../support/project.js';
import { outputOf } from '../support/run-program.js';
import { Packed } from './packed.js';

/** The README's quick start, done to the letter by somebody who has nothing but the published package. */

let packed: Packed;
let folder: string;
let steps: { readonly program: string; readonly compile: readonly string[]; readonly shown: readonly string[] };

beforeAll(async () => {
  packed = await Packed.make();
  const chapter = /^## Quick start$(.*?)^## /ms.exec(await readFile(join(root, 'README.md'), 'utf8'))?.[1] ?? '';
  const [, main, compile, shown] = [...chapter.matchAll(/^```\w+\n(.*?)^```/gms)].map(([, text = '']) => text);
  const command = /^npx tsc (.*) && node main\.js$/m.exec(compile ?? '')?.[1];
  if (main === undefined || command === undefined || shown === undefined) throw new Error('the quick start has other steps now');
  folder = await packed.project({});
  await outputOf('npm', ['pkg', 'set', 'type=module'], { cwd: folder });
  await mkdir(join(folder, 'node_modules/@types'), { recursive: true });
  await symlink(join(root, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'));
  steps = { program: main, compile: command.split(' '), shown: shown.trim().split('\n') };
});

afterAll(() => packed.remove());

test.each([
  ['standard decorators, TypeScript 7', 'typescript', []],
  ['standard decorators, TypeScript 5.9', 'typescript-5.9', []],
  ['legacy decorators, TypeScript 7', 'typescript', ['--experimentalDecorators']],
  ['legacy decorators, TypeScript 5.9', 'typescript-5.9', ['--experimentalDecorators']],
])('works as it is told: %s', { timeout: 120_000 }, async (_which, typescript, more) => {
  const [metrics, shop] = [await freePort(), await freePort()];
  const program = steps.program.replaceAll('9464', String(metrics)).replaceAll('8080', String(shop));
  await writeFile(join(folder, 'main.ts'), program);
  await rm(join(folder, 'main.js'), { force: true });
  await outputOf(process.execPath, [join(root, 'node_modules', typescript, 'bin/tsc'), ...steps.compile, ...more], { cwd: folder });
  const server = spawn(process.execPath, ['main.js'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  try {
    const text = async (port: number, path: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    expect(await eventually('the shop sells', () => text(shop, '/'), 30_000)).toBe('sold one book for 4');
    const shown = (await text(metrics, '/metrics')).split('\n');
    expect(shown).toEqual(expect.arrayContaining([...steps.shown]));
  } finally {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  }
});
