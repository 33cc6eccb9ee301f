import { mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';

/** What the journal asks of a file system, no more, so that tests can hand in one whose disk is full or loses power. */
export interface JournalFs {
  /** `r`: read. `r+`: read and write what is there. `w`: write, emptied or made anew. `wx`: as `w`, refused with EEXIST if it is there. */
  open(path: string, flags: 'r' | 'r+' | 'w' | 'wx'): Promise<JournalFile>;
  /** Names of all entries of a folder. */
  readdir(path: string): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Makes the folder and those above it, unless they are there. */
  mkdir(path: string): Promise<void>;
  stat(path: string): Promise<FileFacts>;
  /** Makes durable which names the folder has. */
  syncFolder(path: string): Promise<void>;
}

export interface FileFacts {
  /** Bytes. */
  readonly size: number;
  /** Last change in milliseconds, by the file system's own clock. */
  readonly mtimeMs: number;
}

/** An open file. Node's FileHandle is one. */
export interface JournalFile {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  writev(buffers: readonly Uint8Array[], position: number): Promise<{ readonly bytesWritten: number }>;
  truncate(length: number): Promise<void>;
  /** Makes the content durable, and of the rest what is needed to read it back. */
  datasync(): Promise<void>;
  stat(): Promise<FileFacts>;
  close(): Promise<void>;
}

/** The real file system. */
export const nodeFs: JournalFs = {
  open,
  readdir: (path) => readdir(path),
  rename,
  unlink,
  stat: (path) => stat(path),
  async mkdir(path) {
    await mkdir(path, { recursive: true });
  },
  async syncFolder(path) {
    // Windows has no such call and needs none: NTFS journals its names.
    if (process.platform === 'win32') return;
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};
