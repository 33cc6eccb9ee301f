import { rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder, newFolder, root } from '../support/project.js';
import { type CompilerVersion, compilers, typeCheck } from '../support/type-check.js';

// Written when the test runs, because the project itself is compiled with TC39 decorators, to which some of this is right.
const text = `\
import { profile } from 'phanos';
export class Shop {
  @profile method(): number { return 1; }
  @profile arrow = (): number => 1;
  @profile static arrow = (): number => 1;
  @profile({ name: 'named' }) named = (): number => 1;
  @profile size = 5;
  run(@profile _value: number): void {}
}
@profile
export class Whole {}
@profile({ name: 'Whole' })
export class WholeWithOptions {}
`;

/** The decorators of fields, of a parameter and of classes. */
const wrongLines = [4, 5, 6, 7, 8, 10, 12];

test.each(Object.keys(compilers) as CompilerVersion[])(
  'TypeScript %s with experimentalDecorators: what legacy decorators cannot profile does not compile',
  { timeout: 60_000 },
  async (version) => {
    const folder = await newFolder(join(cacheFolder, 'type-check'));
    const file = relative(root, join(folder, 'legacy.ts'));
    await writeFile(join(root, file), text);
    try {
      const errors = await typeCheck(version, [file], { experimentalDecorators: true, skipLibCheck: true });
      // Two errors each: the decorator can't be called so, and returns something else than this kind must.
      expect(errors.map(({ line }) => line)).toEqual(wrongLines.flatMap((line) => [line, line]));
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
