import { basename } from 'node:path';
import type { JournalFile, JournalFs } from '../../src/collector/journal/journal-fs.js';

/** A file: what programs see of it, and what would be left of it without power. */
interface Inode {
  seen: Buffer;
  stored: Buffer;
  /** Sectors written and not synced. A failed sync forgets them, as Linux does: the next one reports success and stores nothing. */
  readonly dirty: Set<number>;
  mtimeMs: number;
}

export type FaultyCall = 'datasync' | 'open' | 'read' | 'rename' | 'syncFolder' | 'truncate' | 'unlink' | 'writev';

interface Fault {
  readonly call: FaultyCall;
  readonly code: string;
  /** Calls that fail from now on. */
  times: number;
  /** Bytes that a failing write takes before. */
  readonly partly: number;
  /** Files that it concerns. */
  readonly of: RegExp;
}

const SECTOR = 512;

/**
 * A disk in memory with one folder. Its power can fail: of what was not synced any sectors are there afterwards and any are not, sizes
 * are old or new or between, and of the changes of names since the last sync of the folder a beginning. Its programs can be killed: calls under way are
 * done in part, and never return. Each call takes some turns of the event loop.
 */
export class MemoryDisk {
  readonly #random: () => number;
  #names = new Map<string, Inode>();
  #storedNames = new Map<string, Inode>();
  /** Changes of names that are not synced. */
  #changes: ((names: Map<string, Inode>) => void)[] = [];
  #faults: Fault[] = [];
  /** Counts crashes: calls of a program that died do nothing. */
  #life = 0;
  /** Writes under way, which a crash does in part. */
  readonly #writes = new Set<(part: number) => void>();

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Names of all files. */
  get names(): string[] {
    return [...this.#names.keys()].map((path) => basename(path)).sort();
  }

  /** Makes the next calls of one kind fail. */
  fail(call: FaultyCall, { code = 'EIO', times = 1, partly = 0, of = /(?:)/ }: Partial<Omit<Fault, 'call'>> = {}): void {
    this.#faults.push({ call, code, times, partly, of });
  }

  /** All calls succeed from now on. */
  heal(): void {
    this.#faults = [];
  }

  /** Ends all programs, and for `power` the memory with them. */
  crash(kind: 'kill' | 'power'): void {
    this.#life++;
    for (const write of this.#writes) write(this.#random());
    this.#writes.clear();
    if (kind === 'power') {
      const survivors = Math.floor(this.#random() * (this.#changes.length + 1));
      for (const change of this.#changes.slice(0, survivors)) change(this.#storedNames);
      this.#changes = [];
      this.#names = new Map(this.#storedNames);
      for (const inode of new Set(this.#names.values())) {
        this.#storeSome(inode);
        inode.seen = Buffer.from(inode.stored);
        inode.dirty.clear();
      }
    }
    // Who held the folder is dead; this process, whose pid the locks name, is not.
    for (const names of [this.#names, this.#storedNames]) {
      for (const name of names.keys()) if (basename(name).startsWith('lock-')) names.delete(name);
    }
  }

  /** The disk as a program sees it. After a crash its calls do nothing and never return. */
  connect(): JournalFs {
    const life = this.#life;
    return {
      open: (path, flags) => this.#call(life, 'open', path, () => this.#open(life, path, flags)),
      readdir: () => this.#call(life, undefined, '', () => this.names),
      rename: (from, to) =>
        this.#call(life, 'rename', from, () => {
          const inode = this.#find('rename', from);
          this.#change((names) => {
            names.delete(from);
            names.set(to, inode);
          });
        }),
      unlink: (path) =>
        this.#call(life, 'unlink', path, () => {
          this.#find('unlink', path);
          this.#change((names) => names.delete(path));
        }),
      mkdir: () => Promise.resolve(),
      stat: (path) =>
        this.#call(life, undefined, path, () => {
          const { seen, mtimeMs } = this.#find('stat', path);
          return { size: seen.length, mtimeMs };
        }),
      syncFolder: (path) =>
        this.#call(life, 'syncFolder', path, () => {
          this.#storedNames = new Map(this.#names);
          this.#changes = [];
        }),
    };
  }

  #open(life: number, path: string, flags: string): JournalFile {
    let inode = this.#names.get(path);
    if (inode === undefined) {
      if (flags.startsWith('r')) throw systemError('ENOENT', 'open', path);
      const made: Inode = { seen: Buffer.alloc(0), stored: Buffer.alloc(0), dirty: new Set(), mtimeMs: Date.now() };
      this.#change((names) => names.set(path, made));
      inode = made;
    } else if (flags === 'wx') {
      throw systemError('EEXIST', 'open', path);
    } else if (flags === 'w') {
      resize(inode, 0);
    }
    return this.#file(life, path, inode);
  }

  #file(life: number, path: string, inode: Inode): JournalFile {
    return {
      read: (buffer, offset, length, position) =>
        this.#call(life, 'read', path, () => ({
          bytesRead: inode.seen.copy(buffer, offset, position, Math.min(position + length, inode.seen.length)),
        })),
      writev: async (buffers, position) => {
        await this.#turns(life);
        const bytes = Buffer.concat(buffers);
        const fault = this.#take('writev', path);
        const length = fault === undefined ? bytes.length : Math.min(fault.partly, bytes.length);
        const inPart = (part: number): void => write(inode, bytes.subarray(0, Math.floor(part * (length + 1))), position);
        this.#writes.add(inPart);
        await this.#turns(life);
        this.#writes.delete(inPart);
        write(inode, bytes.subarray(0, length), position);
        await this.#turns(life);
        if (fault !== undefined && length === 0) throw systemError(fault.code, 'write', path);
        return { bytesWritten: length };
      },
      truncate: (length) => this.#call(life, 'truncate', path, () => resize(inode, length)),
      datasync: async () => {
        await this.#turns(life);
        const fault = this.#take('datasync', path);
        if (fault !== undefined) this.#storeSome(inode);
        else store(inode, [...inode.dirty], inode.seen.length);
        inode.dirty.clear();
        await this.#turns(life);
        if (fault !== undefined) throw systemError(fault.code, 'fdatasync', path);
      },
      stat: () => this.#call(life, undefined, path, () => ({ size: inode.seen.length, mtimeMs: inode.mtimeMs })),
      close: () => this.#call(life, undefined, path, () => {}),
    };
  }

  async #call<T>(life: number, call: FaultyCall | undefined, path: string, action: () => T): Promise<T> {
    await this.#turns(life);
    const fault = call && this.#take(call, path);
    if (fault !== undefined) throw systemError(fault.code, fault.call, path);
    const result = action();
    await this.#turns(life);
    return result;
  }

  /** Some turns of the event loop, after which the program may be dead; then it is never heard of again. */
  async #turns(life: number): Promise<void> {
    for (let turns = Math.floor(this.#random() * 3); turns >= 0; turns--) await new Promise(setImmediate);
    if (life !== this.#life) await new Promise(() => {});
  }

  #take(call: FaultyCall, path: string): Fault | undefined {
    const fault = this.#faults.find((one) => one.call === call && one.times > 0 && one.of.test(path));
    if (fault !== undefined) fault.times--;
    return fault;
  }

  #change(change: (names: Map<string, Inode>) => void): void {
    change(this.#names);
    this.#changes.push(change);
  }

  #find(call: string, path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw systemError('ENOENT', call, path);
    return inode;
  }

  /** What a disk makes of unsynced sectors on its own account. */
  #storeSome(inode: Inode): void {
    const sizes = [inode.stored.length, inode.seen.length];
    const size = Math.round(Math.min(...sizes) + this.#random() * Math.abs(inode.seen.length - inode.stored.length));
    const all = this.#random() < 0.3;
    const some = [...inode.dirty].filter(() => all || this.#random() < 0.5);
    store(inode, some, this.#random() < 0.5 ? size : sizes[Math.floor(this.#random() * 2)]!);
  }
}

function write(inode: Inode, bytes: Buffer, position: number): void {
  if (position + bytes.length > inode.seen.length) resize(inode, position + bytes.length);
  bytes.copy(inode.seen, position);
  touchSectors(inode, position, position + bytes.length);
}

function resize(inode: Inode, length: number): void {
  const { seen } = inode;
  inode.seen = Buffer.alloc(length);
  seen.copy(inode.seen);
  inode.mtimeMs = Date.now();
  for (const sector of inode.dirty) if (sector * SECTOR >= length) inode.dirty.delete(sector);
  touchSectors(inode, Math.min(seen.length, length), Math.max(seen.length, length));
}

function touchSectors(inode: Inode, from: number, to: number): void {
  for (let sector = Math.floor(from / SECTOR); sector * SECTOR < to && sector * SECTOR < inode.seen.length; sector++)
    inode.dirty.add(sector);
}

function store(inode: Inode, sectors: readonly number[], size: number): void {
  const stored = Buffer.alloc(size);
  inode.stored.copy(stored);
  for (const sector of sectors)
    inode.seen.copy(stored, sector * SECTOR, sector * SECTOR, Math.min((sector + 1) * SECTOR, size, inode.seen.length));
  inode.stored = stored;
}

function systemError(code: string, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: injected, ${call} '${path}'`), { code, syscall: call, path });
}
