import { accessSync, constants, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { newFolder } from './project.js';

/** Tells where a program that a test needs was found, so that a log shows what was tested. */
export function announce(program: string, path: string, source: string): string {
  process.stdout.write(`${program}: ${path} (${source})\n`);
  return path;
}

/** Full path of a program on PATH, if it is there. */
export function onPath(program: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isProgram);
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Fills a folder of the cache. It appears at once and whole, and when several test files fetch the same at the same time, the first one's stays.
 */
export async function fillOnce(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = await newFolder(dirname(folder));
  try {
    await fill(temporary);
    await mkdir(dirname(folder), { recursive: true });
    await rename(temporary, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
