import type { Logger } from '../../diagnostics/logger.js';
import { journalFailed, reasonOf } from './journal-error.js';
import type { JournalFolder } from './journal-folder.js';
import type { JournaledState } from './journal-options.js';
import type { RecordLog } from './record-log.js';
import type { Recovered } from './recovery.js';
import { SnapshotCut } from './snapshot-cut.js';
import { writeSnapshot } from './snapshot-writer.js';

export interface SnapshotKeeperOptions {
  readonly folder: JournalFolder;
  readonly log: RecordLog;
  readonly state: JournaledState;
  readonly snapshotBytes: number;
  readonly logger: Logger;
  readonly recovered: Recovered;
}

/** More segments than this behind a snapshot ask for the next one: a service that dies young again and again leaves one each time. */
const MANY_SEGMENTS = 64;

/** Takes snapshots when they are due, keeps the last two that are good, and the segments back to the older one. */
export class SnapshotKeeper {
  readonly #options: SnapshotKeeperOptions;
  readonly #abort = new AbortController();
  /** Number of the newest snapshot that is good. */
  #newest: number | undefined;
  /** Whether what the folder holds of older times is damaged. */
  #isDamaged: boolean;
  /** Bytes of records behind the newest snapshot from before this start. */
  #inherited: number;
  /** Bytes acknowledged since this start up to the newest snapshot. */
  #covered = 0;
  /** Bytes behind the newest snapshot before which no attempt is made. */
  #notBefore = 0;
  #current: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #isOverdue: boolean;

  count = 0;
  failures = 0;
  lastBytes = 0;
  lastMilliseconds = 0;

  constructor(options: SnapshotKeeperOptions) {
    const { recovered } = options;
    this.#options = options;
    this.#newest = recovered.snapshot;
    this.#isDamaged = recovered.lost !== undefined;
    this.#inherited = recovered.bytes;
    this.#isOverdue = !this.#isDamaged && (recovered.badSnapshots.length > 0 || recovered.segments > MANY_SEGMENTS);
  }

  /** Bytes of records that a start would have to replay. */
  get bytesBehind(): number {
    return this.#inherited + this.#options.log.bytes - this.#covered;
  }

  /** Begins a snapshot if it is time. What becomes of it is counted and logged. */
  takeIfDue(): void {
    if (this.#current !== undefined || this.#next !== undefined) return;
    const due = Math.max(this.#options.snapshotBytes, this.lastBytes, this.#notBefore);
    if (this.bytesBehind < due && !this.#isOverdue) return;
    this.#isOverdue = false;
    this.take().catch((error: unknown) => {
      // A log that fails says so itself.
      if (this.#abort.signal.aborted || this.#options.log.failure !== undefined) return;
      this.#options.logger.warn({ err: error }, `${reasonOf(error)}; records are kept meanwhile, and it is tried again later`);
    });
  }

  /** A snapshot of the state as it is now or a little later: one under way is waited for, and does not count. */
  take(): Promise<void> {
    this.#next ??= this.#takeNext();
    return this.#next;
  }

  /** Snapshot of the state at this moment, behind which `segment` begins. The log must have taken nothing into it yet. */
  write(segment: number): Promise<void> {
    return this.#track(this.#write(segment, new SnapshotCut(this.#options.state), this.#options.log.bytes));
  }

  /** Ends when none is under way any more. */
  async settle(): Promise<void> {
    while (this.#next !== undefined || this.#current !== undefined) {
      await Promise.allSettled([this.#next, this.#current]);
    }
  }

  /** Gives up the one under way, and takes no more. */
  async close(): Promise<void> {
    this.#abort.abort(new Error('the journal is being closed'));
    await this.settle();
  }

  async #takeNext(): Promise<void> {
    // At least one pause: `#next` is set from here on.
    do await Promise.allSettled([this.#current]);
    while (this.#current !== undefined);
    this.#next = undefined;
    await this.#track(this.#turnOverAndWrite());
  }

  #track(writing: Promise<void>): Promise<void> {
    const tracked = writing.finally(() => {
      if (this.#current === tracked) this.#current = undefined;
    });
    this.#current = tracked;
    return tracked;
  }

  async #turnOverAndWrite(): Promise<void> {
    const { log, state } = this.#options;
    this.#abort.signal.throwIfAborted();
    let written: Promise<void> | undefined;
    await log.turnOver((segment) => {
      written = this.#write(segment, new SnapshotCut(state), log.bytes);
    });
    await written;
  }

  async #write(segment: number, cut: SnapshotCut, covered: number): Promise<void> {
    const { folder } = this.#options;
    const start = performance.now();
    try {
      this.lastBytes = await writeSnapshot(folder, segment, cut, this.#abort.signal);
    } catch (error) {
      this.failures++;
      this.#notBefore = this.bytesBehind + this.#options.snapshotBytes / 4;
      throw journalFailed(folder.path, 'could not write a snapshot', error);
    } finally {
      await cut.release();
    }
    this.count++;
    this.lastMilliseconds = performance.now() - start;
    this.#inherited = 0;
    this.#covered = covered;
    this.#notBefore = 0;
    const older = this.#newest;
    this.#newest = segment;
    if (this.#isDamaged) {
      await folder.setAside(segment);
      this.#isDamaged = false;
    } else if (older !== segment) {
      await folder.prune(segment, older);
    }
  }
}
