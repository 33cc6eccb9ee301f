import { misuse, outOfRange } from '../../diagnostics/misuse.js';
import { describe } from '../../diagnostics/options.js';
import { PhanosError } from '../../diagnostics/phanos-error.js';
import { FolderLock } from './folder-lock.js';
import { journalFailed, reasonOf } from './journal-error.js';
import { JournalFolder, makeFolder } from './journal-folder.js';
import { type JournalOptions, type NormalJournalOptions, normalizeJournalOptions } from './journal-options.js';
import { RecordLog } from './record-log.js';
import { type Recovered, type Recovery, recover } from './recovery.js';
import { Repair } from './repair.js';
import { SegmentChain } from './segment-chain.js';
import { SnapshotKeeper } from './snapshot-keeper.js';

/** Whether records are taken, and if not, why. */
export type JournalState = { readonly ready: true } | { readonly ready: false; readonly reason: string };

/** Figures of a journal since it was opened. */
export interface JournalFigures {
  /** Records acknowledged. */
  readonly records: number;
  /** Their bytes, record headers included. */
  readonly bytes: number;
  /** Groups in which they were written. */
  readonly groups: number;
  /** Bytes that wait for the disk. */
  readonly pendingBytes: number;
  /** Appends refused because too much waited. */
  readonly busy: number;
  /** Times that the journal stopped taking records. */
  readonly failures: number;
  readonly snapshots: number;
  readonly snapshotFailures: number;
  /** Bytes of the last snapshot. */
  readonly snapshotBytes: number;
  /** How long it took, in milliseconds. */
  readonly snapshotMilliseconds: number;
  /** Bytes of records behind the newest snapshot, which a start would replay. */
  readonly bytesBehind: number;
}

/** Longest payload in bytes. A batch has 1 MiB at most; this is for whatever else there may be. */
const MAX_PAYLOAD = 64 << 20;

/**
 * Keeps payloads safe in a folder: what was acknowledged is there again after any crash, once and in order, and nothing that was not appended.
 *
 * While the disk refuses, nothing is acknowledged: `append` rejects, `state` tells why, and the journal tries to go on by itself. A rejected payload
 * does not come back once the journal is ready again; if the process dies before that, it may be found at the next start. For the same reason nothing
 * is to be acknowledged while it is not ready, not even what a start has found: until then that may be in memory only.
 */
export class Journal {
  /** What was found when the journal was opened. */
  readonly recovered: Recovered;
  readonly #options: NormalJournalOptions;
  readonly #folder: JournalFolder;
  readonly #lock: FolderLock;
  readonly #log: RecordLog;
  readonly #snapshots: SnapshotKeeper;
  readonly #repair: Repair;
  #failures = 0;
  #busy = 0;
  #closing: Promise<void> | undefined;

  private constructor(options: NormalJournalOptions, folder: JournalFolder, lock: FolderLock, recovery: Recovery) {
    const { state, snapshotBytes, retryAfter, logger } = options;
    const { recovered, tail, settle } = recovery;
    this.#options = options;
    this.#folder = folder;
    this.#lock = lock;
    this.recovered = recovered;
    this.#log = new RecordLog({
      folder,
      segments: new SegmentChain(folder, tail, settle),
      synced: options.durability === 'group',
      onCommit: () => this.#snapshots.takeIfDue(),
      onFailure: ({ reason }) => this.#failed(reason),
    });
    this.#snapshots = new SnapshotKeeper({ folder, log: this.#log, state, snapshotBytes, logger, recovered });
    this.#repair = new Repair({ log: this.#log, snapshots: this.#snapshots, retryAfter, logger });
  }

  /**
   * Locks the folder, brings the state back, and makes the journal ready. On a disk that can be read but not written it opens all the same, not ready.
   *
   * Rejects with DATA_DIR_LOCKED if another process has the folder; with JOURNAL_CORRUPT or JOURNAL_STATE_LOST if what is stored is damaged, unless
   * `allowStateLoss`; with JOURNAL_FAILED if it can't be read; and with whatever `restore` and `replay` throw.
   */
  static async open(options: JournalOptions): Promise<Journal> {
    const normal = normalizeJournalOptions(options);
    const { fs, directory } = normal;
    let stop = (_error: Error): void => {};
    const lock = await access(directory, async () => {
      await makeFolder(fs, directory);
      return FolderLock.acquire(fs, directory, { onLost: (error) => stop(error) });
    });
    try {
      const folder = new JournalFolder(fs, directory, () => lock.confirm());
      const recovery = await access(directory, async () => {
        await folder.removeUnfinished();
        return recover(folder, normal.state, normal.allowStateLoss);
      });
      const journal = new Journal(normal, folder, lock, recovery);
      stop = (error) => void journal.#log.abandon(error);
      await journal.#begin(recovery.recovered);
      return journal;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Whether records are taken. */
  get state(): JournalState {
    if (this.#closing !== undefined) return { ready: false, reason: `the journal in ${this.#folder.path} is closed` };
    const { failure } = this.#log;
    return failure === undefined ? { ready: true } : { ready: false, reason: failure.reason.message };
  }

  get figures(): JournalFigures {
    const { pendingBytes, bytes, records, groups } = this.#log;
    const { count, failures, lastBytes, lastMilliseconds, bytesBehind } = this.#snapshots;
    return {
      records,
      bytes,
      groups,
      pendingBytes,
      busy: this.#busy,
      failures: this.#failures,
      snapshots: count,
      snapshotFailures: failures,
      snapshotBytes: lastBytes,
      snapshotMilliseconds: lastMilliseconds,
      bytesBehind,
    };
  }

  /**
   * Keeps a payload. Resolves once it is durable (`durability: 'none'`: once the operating system has it). The payload is copied at once. Records are
   * kept, and their promises settled, in the order of the calls.
   *
   * Rejects with JOURNAL_FAILED while the disk refuses, with JOURNAL_BUSY while too much waits for it, with CLOSED after `close`.
   */
  append(payload: Uint8Array): Promise<void> {
    if (!(payload instanceof Uint8Array)) {
      return Promise.reject(misuse('OPTION_INVALID', `append: the payload must be a Buffer or Uint8Array, got ${describe(payload)}`));
    }
    if (payload.length > MAX_PAYLOAD) {
      const message = `append: a payload has at most ${MAX_PAYLOAD} bytes, got ${payload.length}`;
      return Promise.reject(outOfRange('OPTION_INVALID', message));
    }
    if (this.#closing !== undefined) return Promise.reject(this.#closed());
    const { pendingBytes } = this.#log;
    if (pendingBytes > 0 && pendingBytes + payload.length > this.#options.pendingBytes) {
      this.#busy++;
      return Promise.reject(
        new PhanosError(
          'JOURNAL_BUSY',
          `${pendingBytes} bytes already wait for the disk of ${this.#folder.path}; try again when some are written`,
        ),
      );
    }
    return this.#log.append(payload);
  }

  /** Takes a snapshot now and resolves once it is durable, so that a start replays little. Rejects with JOURNAL_FAILED or CLOSED. */
  snapshot(): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(this.#closed());
    return this.#snapshots.take();
  }

  /** Settles what was appended, gives up a snapshot under way, and frees the folder. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const snapshots = this.#snapshots.close();
    await this.#repair.stop();
    await snapshots;
    await this.#log.close();
    await this.#lock.release();
  }

  async #begin(recovered: Recovered): Promise<void> {
    const { logger, directory } = this.#options;
    for (const fault of recovered.badSnapshots) logger.error({ directory }, `${fault}; what is older took its place`);
    if (recovered.tornBytes > 0) {
      logger.warn(
        { directory, bytes: recovered.tornBytes },
        'the journal had a torn tail, the unfinished write of a crash, which was cut off',
      );
    }
    if (recovered.lost !== undefined) logger.error({ directory, err: recovered.lost }, 'state was lost, as it was allowed');
    try {
      const segment = await this.#log.renew();
      if (recovered.lost !== undefined) await this.#snapshots.write(segment);
      this.#log.resume();
    } catch (error) {
      const reason = error instanceof PhanosError ? error : journalFailed(directory, 'takes no records', error);
      this.#log.explain(reason);
      this.#failed(reason);
      return;
    }
    this.#snapshots.takeIfDue();
  }

  #failed(reason: Error): void {
    this.#failures++;
    this.#options.logger.error({ err: reason }, `${reasonOf(reason)}; nothing is acknowledged meanwhile`);
    this.#repair.begin();
  }

  #closed(): PhanosError {
    return new PhanosError('CLOSED', `the journal in ${this.#folder.path} is closed; open it anew`);
  }
}

/** Names the folder in what the file system throws; our own errors and the state's pass. */
async function access<T>(directory: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const isSystem = error instanceof Error && 'syscall' in error;
    throw isSystem ? journalFailed(directory, 'could not be opened', error) : error;
  }
}
