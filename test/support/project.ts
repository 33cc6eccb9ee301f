import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The project's root folder. What benchmarks take of this folder is compiled to another place below it, so the way up is not always the same. */
export const root = folderWithPackage(import.meta.dirname);

/** What tests fetch and compile; git doesn't see it. Whatever is in it resolves the project's own node_modules. */
export const cacheFolder = join(root, '.cache');

/** A new empty folder, outside of the project unless a parent is given. Whoever asks for it removes it. */
export async function newFolder(parent = realpathSync(tmpdir())): Promise<string> {
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, 'phanos-'));
}

/** Throws unless dist/ is newer than every file of src/: a test of the package must not judge yesterday's build. */
export function assertBuilt(): void {
  const built = newest(join(root, 'dist'), () => true);
  const written = newest(join(root, 'src'), (name) => name.endsWith('.ts'));
  if (built.time < written.time) {
    throw new Error(`dist/ is older than ${written.path}: run \`npm run build\` first (\`npm test\` does)`);
  }
}

function newest(folder: string, matches: (name: string) => boolean): { path: string; time: number } {
  let found = { path: folder, time: 0 };
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return found;
  }
  for (const name of names) {
    const path = join(folder, name);
    const stats = statSync(path);
    if (stats.isFile() && matches(name) && stats.mtimeMs > found.time) found = { path, time: stats.mtimeMs };
  }
  return found;
}

function folderWithPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : folderWithPackage(dirname(folder));
}
