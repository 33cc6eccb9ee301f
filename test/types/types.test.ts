import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/project.js';
import { type CompilerVersion, compilers, typeCheck } from '../support/type-check.js';

// The files in cases/ say themselves what must compile and, by `@ts-expect-error`, what must not. Each is checked in both decorator
// modes, but for those named `*.tc39.ts` and `*.legacy.ts`.
const files = readdirSync(join(root, 'test/types/cases')).map((name) => `test/types/cases/${name}`);
const versions = Object.keys(compilers) as CompilerVersion[];

test.each(versions)('TypeScript %s agrees with every case, with TC39 decorators', { timeout: 60_000 }, async (version) => {
  const cases = files.filter((file) => !file.endsWith('.legacy.ts'));
  expect(cases).not.toEqual([]);
  expect(await typeCheck(version, cases)).toEqual([]);
});

test.each(versions)('TypeScript %s agrees with every case, with experimentalDecorators', { timeout: 60_000 }, async (version) => {
  const cases = files.filter((file) => !file.endsWith('.tc39.ts'));
  expect(cases).not.toEqual([]);
  expect(await typeCheck(version, cases, { experimentalDecorators: true, skipLibCheck: true })).toEqual([]);
});
