import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { version as own } from '../../src/version.js';
import { assertBuilt, newFolder, root } from '../support/project.js';
import { outputOf } from '../support/run-program.js';

/** The package as npm would publish it. */
export class Packed {
  readonly #folder: string;
  /** Path of the archive. */
  readonly archive: string;
  /** What is in it, as paths from the package's root. */
  readonly files: readonly string[];

  private constructor(folder: string, archive: string, files: readonly string[]) {
    this.#folder = folder;
    this.archive = archive;
    this.files = files;
  }

  static async make(): Promise<Packed> {
    assertBuilt();
    const folder = await newFolder();
    const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const [packed] = JSON.parse(await outputOf('npm', args, { cwd: root })) as { filename: string; files: { path: string }[] }[];
    if (!packed) throw new Error('npm pack wrote nothing');
    const files = packed.files.map(({ path }) => path);
    return new Packed(folder, join(folder, packed.filename), files);
  }

  /** A new project that depends on the package, with its own sources, installed by npm. */
  async project(sources: Readonly<Record<string, string>>): Promise<string> {
    const folder = await newFolder(this.#folder);
    await write(folder, { 'package.json': '{ "private": true }' });
    await outputOf('npm', ['install', '--offline', '--no-audit', '--no-fund', '--no-package-lock', this.archive], { cwd: folder });
    // After npm, which takes away what it did not install itself.
    await write(folder, sources);
    return folder;
  }

  /** Puts another version of the package below a dependency of the project, as npm does when two versions are wanted. */
  async addSecondCopy(project: string, owner: string, version: string): Promise<string> {
    const folder = join(project, 'node_modules', owner, 'node_modules/phanos');
    await mkdir(folder, { recursive: true });
    await outputOf('tar', ['-xzf', this.archive, '-C', folder, '--strip-components=1']);
    for (const file of ['package.json', 'dist/esm/version.js', 'dist/cjs/version.js']) {
      const path = join(folder, file);
      const text = await readFile(path, 'utf8');
      if (!text.includes(own)) throw new Error(`${file} does not name the version ${own}`);
      await writeFile(path, text.replace(own, version));
    }
    return folder;
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}

async function write(folder: string, sources: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(sources)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
