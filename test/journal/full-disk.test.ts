import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileFixture } from '../support/compile-fixture.js';
import { newFolder } from '../support/project.js';
import { runProgram } from '../support/run-program.js';

/** A file system of 4 MiB that only the program under test sees, and that is gone when it ends; without root it needs user namespaces. */
async function onSmallDisk(program: string, mountPoint: string): Promise<string> {
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const script = 'mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" "$3" "$1"';
  const { code, stdout, stderr } = await runProgram('unshare', [
    ...asRoot,
    '--mount',
    'sh',
    '-c',
    script,
    'sh',
    mountPoint,
    process.execPath,
    program,
  ]);
  if (code !== 0)
    throw new Error(`the program could not run on a tmpfs of its own (Linux, unshare, and root or user namespaces are needed):\n${stderr}`);
  return stdout;
}

test('on a disk that gets full nothing is acknowledged and nothing is lost; with room again it goes on by itself', {
  timeout: 60_000,
}, async () => {
  const folder = await newFolder();
  const fixture = await compileFixture('test/journal/fixtures/full-disk.ts', { decorators: 'tc39' });
  try {
    await mkdir(join(folder, 'disk'));
    const report = JSON.parse(await onSmallDisk(fixture.entry, join(folder, 'disk'))) as {
      steps: unknown[];
      refusals: string[];
      refused: number;
    };
    console.log(`full disk: ${report.refused} records refused, none lost`);
    expect(report).toMatchObject({
      steps: [
        ['free', true, true],
        ['full', false, false],
        ['full still', false, false],
        ['free', true, true],
        ['full', false, false],
        ['full still', false, false],
        ['started full', false, false, true],
        ['free', true, true],
      ],
      isWhole: true,
    });
    expect(report.refusals.length).toBeGreaterThan(0);
    for (const refusal of report.refusals) expect(refusal).toMatch(/^PhanosError: the journal in .* \(ENOSPC: .*\); free some space/);
  } finally {
    await fixture.remove();
    await rm(folder, { recursive: true });
  }
});
