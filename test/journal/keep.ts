import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Journal } from '../../src/collector/journal/journal.js';
import type { JournalOptions } from '../../src/collector/journal/journal-options.js';
import { ListState } from './list-state.js';
import { logSink } from './log-sink.js';

/** A journal with its state and what it logged. */
export interface Opened {
  readonly journal: Journal;
  readonly state: ListState;
  readonly log: readonly string[];
}

export async function openJournal(directory: string, options: Partial<JournalOptions> & { state?: ListState } = {}): Promise<Opened> {
  const logger = logSink();
  const { state = new ListState(), ...rest } = options;
  return { journal: await Journal.open({ directory, state, logger, ...rest }), state, log: logger.lines };
}

/** Appends and applies what was acknowledged, as a collector does. */
export async function keep({ journal, state }: Pick<Opened, 'journal' | 'state'>, ...entries: string[]): Promise<void> {
  await Promise.all(
    entries.map(async (entry) => {
      await journal.append(Buffer.from(entry));
      state.entries.push(entry);
    }),
  );
}

export const numbered = (count: number, prefix = 'entry'): string[] => Array.from({ length: count }, (_, n) => `${prefix} ${n}`);

/** The folder as a crash leaves it, in another place, without the lock of this living process. */
export async function copyFolder(from: string, to: string): Promise<string> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to);
  for (const name of await filesOf(from)) await copyFile(join(from, name), join(to, name));
  return to;
}

/** Names in a journal's folder, locks aside. */
export async function filesOf(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => !name.startsWith('lock-')).sort();
}

/** Rewrites a file. */
export async function change(path: string, edit: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(path, edit(await readFile(path)));
}

/** Flips one bit. */
export const flip =
  (position: number) =>
  (bytes: Buffer): Buffer => {
    bytes[position]! ^= 0x10;
    return bytes;
  };
