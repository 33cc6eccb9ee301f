import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PhanosError } from '../../diagnostics/phanos-error.js';
import { systemCode } from './journal-error.js';
import type { JournalFile, JournalFs } from './journal-fs.js';
import { isRunning, type ProcessIdentity, thisProcess } from './process-identity.js';

/**
 * Keeps a folder to one process. Node has no file locks, so each process puts a file of its own there, whose name says who it is:
 *
 *     lock-<pid>-<start of the process>-<boot of the machine>-<pid namespace>-<random>
 *
 * Then it looks whether anybody else's is there. Whoever sees another that may live takes its own away again. Of two that come at once at least
 * one sees the other, so two can never both stay; that both leave is mended by trying again after random pauses. Nobody ever removes a lock but its
 * owner or someone who knows that the owner is dead, so there is no race about dead locks, and a lock is complete as soon as it exists.
 *
 * A pid that was given anew does not deceive: the start time and boot in the name are another's then. Processes that can't be looked at, in
 * another container or on another machine with the same volume, are judged by their lock's age: owners touch it every 5 s, and after 20 s without it
 * is dead. An owner that was frozen for so long looks before it acknowledges anything (`confirm`), finds its lock gone and stops.
 */
export class FolderLock {
  readonly #fs: JournalFs;
  readonly #path: string;
  readonly #file: JournalFile;
  readonly #timing: Timing;
  readonly #timer: NodeJS.Timeout;
  #touched = performance.now();
  #beat = 0;
  #lost: Error | undefined;

  private constructor(fs: JournalFs, path: string, file: JournalFile, timing: Timing, onLost: (error: Error) => void) {
    this.#fs = fs;
    this.#path = path;
    this.#file = file;
    this.#timing = timing;
    this.#timer = setInterval(() => {
      this.touch().catch((error: Error) => {
        clearInterval(this.#timer);
        onLost(error);
      });
    }, timing.touchEvery).unref();
  }

  /** Rejects with DATA_DIR_LOCKED if another process, or another part of this one, holds the folder. */
  static async acquire(fs: JournalFs, folder: string, { onLost, timing = TIMING, identity }: LockOptions): Promise<FolderLock> {
    const self = identity ?? (await thisProcess());
    for (let attempt = 1; ; attempt++) {
      const name = nameOf(self);
      const path = join(folder, name);
      const lock = new FolderLock(fs, path, await fs.open(path, 'wx'), timing, onLost);
      try {
        const holder = await lock.#otherHolder(folder, name, self);
        if (holder === undefined) return lock;
        await lock.release();
        if (attempt === ATTEMPTS) throw locked(folder, holder, self);
      } catch (error) {
        await lock.release();
        throw error;
      }
      await pause(Math.random() * timing.tie);
    }
  }

  /** Renews the lock; rejects if it is gone. */
  async touch(): Promise<void> {
    // A changed length is what every system notes the time of, by the clock of the file system, and a full disk does not refuse it.
    this.#beat = 1 - this.#beat;
    await this.#file.truncate(this.#beat).catch(() => {});
    try {
      await this.#fs.stat(this.#path);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') return;
      this.#lost = new Error(`its lock ${this.#path} is gone: another process took the folder over, or it was removed`);
      throw this.#lost;
    }
    this.#touched = performance.now();
  }

  /** Makes sure, when this process has slept for long, that nobody took the lock for a dead one's. Rejects if so. */
  async confirm(): Promise<void> {
    if (this.#lost !== undefined) throw this.#lost;
    if (performance.now() - this.#touched > this.#timing.deadAfter / 2) await this.touch();
  }

  /** Gives the folder free. May be called again. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#file.close().catch(() => {});
    await this.#fs.unlink(this.#path).catch(() => {});
  }

  /** Looks at all other locks, removes those of the dead, and returns the first of which the owner may live. */
  async #otherHolder(folder: string, own: string, self: ProcessIdentity): Promise<ProcessIdentity | undefined> {
    for (const name of await this.#fs.readdir(folder)) {
      const holder = name === own ? undefined : identityIn(name);
      if (holder === undefined) continue;
      const path = join(folder, name);
      const running = (await isRunning(holder, self)) ?? (await this.#isTouched(path));
      if (running) return holder;
      await this.#fs.unlink(path).catch(() => {});
    }
    return undefined;
  }

  /** Watches a lock until it is touched, which its owner does, or too old or gone. Ages are differences between times of one file system. */
  async #isTouched(path: string): Promise<boolean> {
    const { deadAfter, touchEvery } = this.#timing;
    let first: number | undefined;
    for (;;) {
      const theirs = await this.#fs.stat(path).catch(() => undefined);
      if (theirs === undefined) return false;
      first ??= theirs.mtimeMs;
      if (theirs.mtimeMs !== first) return true;
      await this.touch();
      if ((await this.#file.stat()).mtimeMs - theirs.mtimeMs >= deadAfter) return false;
      await pause(touchEvery / 10);
    }
  }
}

export interface LockOptions {
  /** Told when the lock was taken away, so that its owner stops. */
  readonly onLost: (error: Error) => void;
  readonly timing?: Timing;
  /** Who this process is. @default what the system says */
  readonly identity?: ProcessIdentity;
}

/** All in milliseconds. */
export interface Timing {
  readonly touchEvery: number;
  /** Time without a touch after which the owner of a lock, if nobody can look at it, counts as dead. */
  readonly deadAfter: number;
  /** Longest pause before the next attempt when two met. */
  readonly tie: number;
}

const TIMING: Timing = { touchEvery: 5_000, deadAfter: 20_000, tie: 100 };
const ATTEMPTS = 5;
const NAME = /^lock-(\d+)-(\d+)-([0-9a-f]+)-(\d+)-[0-9a-f]+$/;

function nameOf({ pid, started, boot, namespace }: ProcessIdentity): string {
  return `lock-${pid}-${started}-${boot}-${namespace}-${randomBytes(4).toString('hex')}`;
}

function identityIn(name: string): ProcessIdentity | undefined {
  const [, pid, started, boot, namespace] = NAME.exec(name) ?? [];
  if (pid === undefined || started === undefined || boot === undefined || namespace === undefined) return undefined;
  return { pid: Number(pid), started, boot, namespace };
}

function locked(folder: string, holder: ProcessIdentity, self: ProcessIdentity): PhanosError {
  const place = holder.boot !== self.boot ? ' on another machine' : holder.namespace !== self.namespace ? ' in another container' : '';
  const who =
    holder.pid === self.pid && place === '' ? `this very process (pid ${holder.pid})` : `the process with pid ${holder.pid}${place}`;
  return new PhanosError('DATA_DIR_LOCKED', `${folder} is in use by ${who}; stop that one first, or use another folder`);
}
