import { rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder, newFolder, root } from './project.js';
import { type CompilerVersion, compilers, typeCheck } from './type-check.js';

const versions = Object.keys(compilers) as CompilerVersion[];

test.each(versions)('TypeScript %s reports an error that is not expected, and an expected one that is missing', async (version) => {
  const folder = await newFolder(join(cacheFolder, 'type-check'));
  const file = relative(root, join(folder, 'bad.ts'));
  const text = "import { PhanosError } from 'phanos';\n// @ts-expect-error\nexport const a = PhanosError;\nexport const b: string = 1;\n";
  await writeFile(join(root, file), text);
  try {
    expect(await typeCheck(version, [file], { skipLibCheck: true })).toEqual([
      { file, line: 2, code: 'TS2578', message: "Unused '@ts-expect-error' directive." },
      { file, line: 4, code: 'TS2322', message: "Type 'number' is not assignable to type 'string'." },
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
