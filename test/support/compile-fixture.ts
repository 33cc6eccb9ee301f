import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, newFolder, root } from './project.js';
import { type Finished, type RunOptions, runProgram } from './run-program.js';

/** TC39 decorators, `experimentalDecorators`, or the latter with `emitDecoratorMetadata`. */
export type DecoratorMode = 'legacy' | 'legacy-metadata' | 'tc39';

export interface CompileOptions {
  readonly decorators: DecoratorMode;
  /** Form of the output; ES modules by default. */
  readonly format?: 'cjs' | 'esm';
}

export interface CompiledFixture {
  /** The fixture as JavaScript. */
  readonly entry: string;
  /** Runs it with plain Node.js: the one that runs the tests, unless `node` names another (see `nodeProgram`). */
  run(options?: RunOptions & { readonly node?: string; readonly args?: readonly string[] }): Promise<Finished>;
  /** Deletes the output. */
  remove(): Promise<void>;
}

const modes = {
  tc39: {},
  legacy: { experimentalDecorators: true },
  'legacy-metadata': { experimentalDecorators: true, emitDecoratorMetadata: true },
};

const formats = {
  esm: { type: 'module', options: {} },
  cjs: { type: 'commonjs', options: { module: 'commonjs', moduleResolution: 'bundler' } },
};

/**
 * Compiles one file by `tsc` with everything that it imports, phanos' own sources too, into a new folder below `.cache`. The file imports
 * phanos by a relative path (`../../src/index.js`) and may import packages of the project, such as reflect-metadata.
 *
 * @param file path from the project's root
 */
export async function compileFixture(file: string, { decorators, format = 'esm' }: CompileOptions): Promise<CompiledFixture> {
  const folder = await newFolder(join(cacheFolder, 'fixtures'));
  const { type, options } = formats[format];
  const config = {
    extends: join(root, 'tsconfig.json'),
    // A user's legacy project has neither flag, and with metadata they refuse type imports in signatures.
    compilerOptions: {
      noEmit: false,
      rootDir: root,
      outDir: folder,
      isolatedModules: false,
      verbatimModuleSyntax: false,
      ...modes[decorators],
      ...options,
    },
    files: [join(root, file)],
    include: [],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type }));
  const remove = () => rm(folder, { recursive: true, force: true });

  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const compiled = await runProgram(process.execPath, [tsc, '--project', folder, '--pretty', 'false'], { cwd: root });
  if (compiled.code !== 0) {
    await remove();
    throw new Error(`${file} does not compile with ${decorators} decorators:\n${compiled.stdout}${compiled.stderr}`);
  }
  const entry = join(folder, file.replace(/\.ts$/, '.js'));
  return {
    entry,
    run: ({ node = process.execPath, args = [], ...rest } = {}) => runProgram(node, [entry, ...args], rest),
    remove,
  };
}
