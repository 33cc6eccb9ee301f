import { dirname, join, resolve } from 'node:path';
import { systemCode } from './journal-error.js';
import type { JournalFile, JournalFs } from './journal-fs.js';

/** What a journal's folder holds, by number, each list ascending. Files of other names are nobody's business here. */
export interface Inventory {
  readonly segments: readonly number[];
  readonly snapshots: readonly number[];
}

type Kind = 'segment' | 'snapshot';

/** Makes the folder of a journal, if need be, and its name durable. */
export async function makeFolder(fs: JournalFs, path: string): Promise<void> {
  await fs.mkdir(path);
  // Where the parent can't be read, the folder is older than this process.
  await fs.syncFolder(dirname(resolve(path))).catch(() => {});
}

const NAME = /^(\d{10})\.(segment|snapshot)$/;
const TEMPORARY = /^\d{10}\.(?:segment|snapshot)\.temporary$/;

/**
 * The folder of a journal: `0000000007.segment`, and `0000000007.snapshot`, which holds the state at the point where segment 7 begins. Both appear
 * under their names only once they are written and durable.
 */
export class JournalFolder {
  readonly fs: JournalFs;
  readonly path: string;
  /** Rejects if the folder belongs to somebody else by now. */
  readonly confirm: () => Promise<void>;

  constructor(fs: JournalFs, path: string, confirm: () => Promise<void>) {
    this.fs = fs;
    this.path = path;
    this.confirm = confirm;
  }

  pathOf(kind: Kind, number: number): string {
    return join(this.path, `${String(number).padStart(10, '0')}.${kind}`);
  }

  async inventory(): Promise<Inventory> {
    const found = { segment: [] as number[], snapshot: [] as number[] };
    for (const name of await this.fs.readdir(this.path)) {
      const match = NAME.exec(name);
      if (match) found[match[2] as Kind].push(Number(match[1]));
    }
    const ascending = (a: number, b: number): number => a - b;
    return { segments: found.segment.sort(ascending), snapshots: found.snapshot.sort(ascending) };
  }

  /** Removes what a process that died has left unfinished. */
  async removeUnfinished(): Promise<void> {
    for (const name of await this.fs.readdir(this.path)) {
      if (TEMPORARY.test(name)) await this.fs.unlink(join(this.path, name));
    }
  }

  /**
   * Makes a file that appears under its name complete and durable, or not at all. The file is handed over open.
   *
   * @param write fills the new, empty file
   */
  async create(kind: Kind, number: number, write: (file: JournalFile) => Promise<void>): Promise<JournalFile> {
    const path = this.pathOf(kind, number);
    const temporary = `${path}.temporary`;
    const file = await this.fs.open(temporary, 'w');
    try {
      await write(file);
      await file.datasync();
      await this.confirm();
      await this.fs.rename(temporary, path);
      await this.fs.syncFolder(this.path);
      return file;
    } catch (error) {
      // On a full disk the remains are in the way; whatever can't be removed now is at the next start.
      await file.close().catch(() => {});
      await this.fs.unlink(temporary).catch(() => {});
      throw error;
    }
  }

  /**
   * Removes the snapshots before `newest` but for the older one that is kept beside it, and the segments that neither needs. What resists is tried
   * again the next time; until then everything that was written after it stays as well, so that there never is a gap.
   */
  async prune(newest: number, older: number | undefined): Promise<void> {
    const { snapshots, segments } = await this.inventory();
    const superfluous = [
      ...snapshots.filter((number) => number < newest && number !== older).map((number) => this.pathOf('snapshot', number)),
      ...segments.filter((number) => older !== undefined && number < older).map((number) => this.pathOf('segment', number)),
    ];
    await this.confirm();
    try {
      for (const path of superfluous) await this.fs.unlink(path);
    } catch {
      // The space is missed, nothing else.
    }
  }

  /** Takes every segment and snapshot below a number out of use, but leaves it in the folder, as `….lost`, for whoever wants to look. */
  async setAside(below: number): Promise<void> {
    const { segments, snapshots } = await this.inventory();
    const paths = [
      ...snapshots.filter((number) => number < below).map((number) => this.pathOf('snapshot', number)),
      ...segments.filter((number) => number < below).map((number) => this.pathOf('segment', number)),
    ];
    for (const path of paths) await this.fs.rename(path, `${path}.lost`);
    await this.fs.syncFolder(this.path);
  }

  /** Opens for reading; undefined if there is no such file. */
  async open(kind: Kind, number: number): Promise<JournalFile | undefined> {
    try {
      return await this.fs.open(this.pathOf(kind, number), 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }
}
