import { resolve } from 'node:path';
import { consoleLogger, type Logger } from '../../diagnostics/logger.js';
import { misuse } from '../../diagnostics/misuse.js';
import { checkKnownKeys, describe, expectBoolean, expectMethods, expectName, expectWhole } from '../../diagnostics/options.js';
import { type JournalFs, nodeFs } from './journal-fs.js';

/** What a state is written as: each slice at most 10 ms of work, not changed once it is given out, and read back as the same slices. */
export type Slices = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What a journal keeps safe: somebody's state, which is a function of the payloads in their order. */
export interface JournaledState {
  /**
   * Takes over the content of a snapshot, before the first `replay`. Called at most once, and not at all if there is no snapshot. The slices are those
   * that `beginSnapshot` gave.
   */
  restore(slices: AsyncIterable<Buffer>): Promise<void>;
  /** Applies a payload that was found durable, in the order in which they were appended. Its memory stays untouched. */
  replay(payload: Buffer): Promise<void> | void;
  /**
   * Takes a consistent cut of the state, and gives it out slice by slice while the state goes on changing. The cut is taken at once: before this
   * returns, or, in a generator, before its first `yield`. At that moment every payload that was acknowledged has been applied, and none that was
   * not, provided that it is applied by the continuation of `append` itself (`await journal.append(payload); apply(payload)`), with no timer or
   * input between. The iterator's `return` is called in the end, whatever became of the snapshot.
   */
  beginSnapshot(): Slices;
}

/** `group`: acknowledged once on the disk. `none`: once the operating system has it, so a power failure may lose the last seconds. */
export type Durability = 'group' | 'none';

export interface JournalOptions {
  /** Folder that belongs to this journal alone; made if it is missing. */
  readonly directory: string;
  readonly state: JournaledState;
  /** @default 'group' */
  readonly durability?: Durability | undefined;
  /**
   * Bytes of records behind the last snapshot that call for the next; if the last snapshot was larger, as many as it had, so that
   * snapshots never write more than the records do.
   * @default 67_108_864 (64 MiB)
   */
  readonly snapshotBytes?: number | undefined;
  /**
   * Bytes of records that may wait for the disk. Beyond it `append` rejects with JOURNAL_BUSY.
   * @default 67_108_864 (64 MiB)
   */
  readonly pendingBytes?: number | undefined;
  /**
   * Start even if what is stored is damaged, with the state as far as it can be read. The damaged files stay in the folder as `….lost`.
   * @default false
   */
  readonly allowStateLoss?: boolean | undefined;
  /**
   * Milliseconds after which a journal that failed tries for the first time to go on; each next pause is twice as long, up to a hundred times the first.
   * @default 100
   */
  readonly retryAfter?: number | undefined;
  /** Is told when the journal fails, recovers or finds something damaged. @default the console */
  readonly logger?: Logger | undefined;
  /** @default the real file system */
  readonly fs?: JournalFs | undefined;
}

export type NormalJournalOptions = { readonly [Name in keyof JournalOptions]-?: Exclude<JournalOptions[Name], undefined> };

const WHERE = 'Journal';
const MEBIBYTE = 1 << 20;
const KNOWN = ['directory', 'state', 'durability', 'snapshotBytes', 'pendingBytes', 'allowStateLoss', 'retryAfter', 'logger', 'fs'];

/** Fills in the defaults. Throws a TypeError or RangeError that names the option. */
export function normalizeJournalOptions(options: JournalOptions): NormalJournalOptions {
  checkKnownKeys(WHERE, options, KNOWN);
  const { durability = 'group', allowStateLoss = false, logger = consoleLogger(), fs = nodeFs } = options;
  if (durability !== 'group' && durability !== 'none') {
    throw misuse('OPTION_INVALID', `${WHERE}: durability must be 'group' or 'none', got ${describe(durability)}`);
  }
  return {
    directory: resolve(expectName(WHERE, 'directory', options.directory)),
    state: expectMethods<JournaledState>(WHERE, 'state', options.state, ['restore', 'replay', 'beginSnapshot']),
    durability,
    snapshotBytes: expectWhole(WHERE, 'snapshotBytes', options.snapshotBytes ?? 64 * MEBIBYTE, 1),
    pendingBytes: expectWhole(WHERE, 'pendingBytes', options.pendingBytes ?? 64 * MEBIBYTE, 1),
    allowStateLoss: expectBoolean(WHERE, 'allowStateLoss', allowStateLoss),
    retryAfter: expectWhole(WHERE, 'retryAfter', options.retryAfter ?? 100, 1),
    logger: expectMethods<Logger>(WHERE, 'logger', logger, ['debug', 'info', 'warn', 'error']),
    fs,
  };
}
