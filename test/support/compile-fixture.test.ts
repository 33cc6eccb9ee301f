import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { version } from '../../src/version.js';
import { compileFixture, type DecoratorMode } from './compile-fixture.js';

const file = 'test/support/fixtures/decorated.ts';

test.each<[DecoratorMode, string]>([
  ['tc39', `tc39 method\nno metadata ${version}\n`],
  ['legacy', `legacy method\nno metadata ${version}\n`],
  ['legacy-metadata', `legacy method\nNumber ${version}\n`],
])('one file, compiled with %s decorators, runs with plain Node.js', async (decorators, stdout) => {
  const fixture = await compileFixture(file, { decorators });
  try {
    expect(await fixture.run()).toEqual({ code: 0, stdout, stderr: '' });
  } finally {
    await fixture.remove();
  }
  expect(existsSync(fixture.entry)).toBe(false);
});

test('compiles to CommonJS as well', async () => {
  const fixture = await compileFixture(file, { decorators: 'legacy', format: 'cjs' });
  try {
    expect(readFileSync(fixture.entry, 'utf8')).toContain('require("../../../src/version.js")');
    expect(await fixture.run()).toEqual({ code: 0, stdout: `legacy method\nno metadata ${version}\n`, stderr: '' });
  } finally {
    await fixture.remove();
  }
});

test('a fixture that does not compile is an error with what the compiler says', async () => {
  await expect(compileFixture('test/support/fixtures/gone.ts', { decorators: 'tc39' })).rejects.toThrow(
    /gone\.ts does not compile with tc39 decorators:\n.*TS6053/,
  );
});
