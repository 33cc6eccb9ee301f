import { rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { assertBuilt, cacheFolder, newFolder, root } from './project.js';
import { runProgram } from './run-program.js';

/** The compilers that phanos' declarations are checked with. */
export const compilers = {
  '5.9': 'node_modules/typescript-5.9/bin/tsc',
  6: 'node_modules/@typescript/typescript6/bin/tsc6',
  7: 'node_modules/typescript/bin/tsc',
} as const;

export type CompilerVersion = keyof typeof compilers;

/** What a compiler has to say, for example about a `@ts-expect-error` without an error. */
export interface TypeDiagnostic {
  /** Path from the project's root. */
  readonly file: string;
  readonly line: number;
  /** For example `TS2578`. */
  readonly code: string;
  readonly message: string;
}

/**
 * Checks files that `import 'phanos'` against the declarations of the built package, strictly, as a user's project would.
 *
 * @param files paths or patterns (`test/types/cases/*.ts`) from the project's root
 * @param options compiler options on top, such as `{ experimentalDecorators: true }`
 */
export async function typeCheck(
  version: keyof typeof compilers,
  files: readonly string[],
  options: object = {},
): Promise<TypeDiagnostic[]> {
  assertBuilt();
  const folder = await newFolder(join(cacheFolder, 'type-check'));
  const config = {
    compilerOptions: {
      target: 'es2023',
      lib: ['es2023'],
      module: 'nodenext',
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      // Our declarations are what is to be checked.
      skipLibCheck: false,
      noEmit: true,
      types: ['node'],
      paths: { phanos: [join(root, 'dist/esm/index.d.ts')] },
      ...options,
    },
    include: files.map((file) => join(root, file)),
  };
  try {
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const args = [join(root, compilers[version]), '--project', folder, '--pretty', 'false'];
    const { code, stdout, stderr } = await runProgram(process.execPath, args, { cwd: root });
    const diagnostics = [...stdout.matchAll(/^(?:(.+)\((\d+),\d+\): )?error (TS\d+): (.*(?:\n +.*)*)/gm)].map(
      ([, file = '', line = '0', id = '', message = '']) => ({
        file: file && relative(root, resolve(root, file)),
        line: Number(line),
        code: id,
        message,
      }),
    );
    if ((code === 0) !== (diagnostics.length === 0)) throw new Error(`TypeScript ${version} ended with ${code}:\n${stdout}${stderr}`);
    return diagnostics;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
