import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The project's root, with a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Compiles with the project's own TypeScript, named by its path: three of them are installed, and each brings a `tsc`.
 *
 * @returns whether it found nothing to say; it writes its output in either case
 */
export function compile(project) {
  return run(process.execPath, ['node_modules/typescript/bin/tsc', '--project', project]) === 0;
}

/** Runs a command in the root with this terminal's input and output, and returns its exit code. */
export function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  return status ?? 1;
}
