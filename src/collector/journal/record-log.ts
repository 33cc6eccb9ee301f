import { setImmediate as nextTurn } from 'node:timers/promises';
import { ChunkPool } from './chunk-pool.js';
import { Group } from './group.js';
import { journalFailed, systemCode } from './journal-error.js';
import type { JournalFolder } from './journal-folder.js';
import { newMark, SEGMENT_HEADER_BYTES } from './segment.js';
import type { SegmentChain } from './segment-chain.js';
import type { SegmentWriter } from './segment-writer.js';

/**
 * What a log that failed needs to go on: `probe`, room for what it could not write; `renew`, a new segment behind a fresh snapshot, for nobody
 * knows any more what of the old one is on the disk; `nothing` can help, for the folder belongs to somebody else by now.
 */
export type Cure = 'nothing' | 'probe' | 'renew';

export interface RecordLogOptions {
  readonly folder: JournalFolder;
  /** Whether a record is acknowledged only when it is synced. */
  readonly synced: boolean;
  readonly segments: SegmentChain;
  /** Told after each acknowledged group. */
  readonly onCommit: () => void;
  /** Told once per failure, when everything that waited is refused. */
  readonly onFailure: (failure: LogFailure) => void;
}

export interface LogFailure {
  readonly reason: Error;
  readonly cure: Cure;
}

interface Turnover {
  readonly cut: (segment: number) => void;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** The most that a probe writes, in bytes. */
const PROBE = 1 << 20;
/** Error codes of a disk or quota that is full. */
const NO_ROOM: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT']);

/**
 * The records' way to the disk: one group is written and synced at a time, what comes meanwhile forms the next. All writing goes through one
 * loop, so groups, and the changes from one segment to the next between them, are strictly one after the other.
 *
 * It begins as one that failed: `renew` and `resume` make it take records.
 */
export class RecordLog {
  readonly #options: RecordLogOptions;
  readonly #segments: SegmentChain;
  readonly #pool = new ChunkPool();
  #group: Group;
  #running: Promise<void> | undefined;
  #turnover: Turnover | undefined;
  #failure: LogFailure | undefined = { reason: new Error('the journal has not begun yet'), cure: 'renew' };
  #failedBytes = 0;
  #pendingBytes = 0;
  #bytes = 0;
  #records = 0;
  #groups = 0;

  constructor(options: RecordLogOptions) {
    this.#options = options;
    this.#segments = options.segments;
    this.#group = this.#newGroup(0, 0);
  }

  /** Bytes of records that are neither acknowledged nor refused yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Bytes acknowledged so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Records acknowledged so far. */
  get records(): number {
    return this.#records;
  }

  /** Groups in which they were. */
  get groups(): number {
    return this.#groups;
  }

  /** Why it takes no records, and what would help; undefined while it works. */
  get failure(): LogFailure | undefined {
    return this.#failure;
  }

  /** Resolves once the record is as safe as promised. */
  append(payload: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.reason);
    const before = this.#group.bytes;
    const done = this.#group.add(payload);
    this.#pendingBytes += this.#group.bytes - before;
    this.#running ??= this.#run();
    return done;
  }

  /**
   * Ends the segment behind what was appended so far and begins the next one. `cut` is called in the very turn in which the next one takes over:
   * everything before is acknowledged, and whoever waited for that has run; nothing behind it is. It must not throw, and one such change must have
   * ended before the next is asked for.
   */
  turnOver(cut: (segment: number) => void): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.reason);
    return new Promise((resolve, reject) => {
      this.#turnover = { cut, resolve, reject };
      this.#running ??= this.#run();
    });
  }

  /** Replaces the reason why it takes no records by a newer one. */
  explain(reason: Error): void {
    if (this.#failure !== undefined && this.#failure.cure !== 'nothing') this.#failure = { ...this.#failure, reason };
  }

  /** Finds out whether what could not be written can be by now, and rejects if it can't. The cure may have become `renew` then. */
  async probe(): Promise<void> {
    const segment = this.#segments.current;
    if (segment === undefined) throw new Error('the log has no segment');
    let refusal: Error | undefined;
    try {
      await segment.probe(Math.min(this.#failedBytes, PROBE));
    } catch (error) {
      refusal = error instanceof Error ? error : new Error(String(error));
      // Room may come back; what else ails this file may not ail another.
      if (!NO_ROOM.has(systemCode(error))) this.#needsRenewal();
    }
    try {
      await segment.cutBack();
    } catch (error) {
      this.#needsRenewal();
      throw error;
    }
    if (refusal !== undefined) throw refusal;
  }

  /** Goes on in a new segment, and returns its number. */
  renew(): Promise<number> {
    return this.#segments.renew();
  }

  /** Takes records again, after `probe` or `renew`, unless the folder was lost meanwhile. */
  resume(): void {
    const segment = this.#segments.current;
    if (segment === undefined) throw new Error('the log has no segment');
    if (this.#failure?.cure === 'nothing') throw this.#failure.reason;
    this.#group = this.#newGroup(segment.header.mark, segment.end);
    this.#failure = undefined;
  }

  /** Refuses for good whatever is not acknowledged yet, and touches nothing any more. */
  async abandon(cause: Error): Promise<void> {
    await this.#fail('nothing', cause, []);
  }

  /** Ends when everything that was appended is settled. */
  async close(): Promise<void> {
    await this.#running;
    // Where nothing was promised, a last sync is a favour.
    if (!this.#options.synced && this.#failure === undefined) await this.#segments.current?.sync().catch(() => {});
    await this.#segments.close();
  }

  async #run(): Promise<void> {
    // What is appended in one go becomes one group.
    await Promise.resolve();
    while (this.#failure === undefined) {
      if (this.#turnover !== undefined) await this.#changeSegment(this.#turnover);
      else if (this.#group.count > 0) await this.#commit(this.#takeGroup());
      else break;
    }
    this.#running = undefined;
  }

  async #commit(group: Group): Promise<void> {
    const segment = this.#segments.current!;
    let cure: Cure = 'probe';
    try {
      await segment.write(group);
      cure = 'renew';
      if (this.#options.synced) await segment.sync();
      cure = 'nothing';
      await this.#options.folder.confirm();
    } catch (error) {
      await this.#fail(cure, error, [group]);
      return;
    }
    segment.advance(group.bytes);
    this.#pendingBytes -= group.bytes;
    this.#bytes += group.bytes;
    this.#records += group.count;
    this.#groups++;
    group.resolve();
    this.#options.onCommit();
  }

  async #changeSegment({ cut, resolve }: Turnover): Promise<void> {
    const segment = this.#segments.current!;
    const mark = newMark();
    const last = this.#group;
    // From here on records are put together for the next segment.
    this.#group = this.#newGroup(mark, SEGMENT_HEADER_BYTES);
    if (last.count > 0) await this.#commit(last);
    if (this.#failure !== undefined) return;
    let next: SegmentWriter;
    try {
      // The next one declares all of this one durable.
      if (!this.#options.synced) await segment.sync();
      next = await this.#segments.createNext(mark);
    } catch (error) {
      await this.#fail('renew', error, []);
      return;
    }
    // Whoever waited for the last group runs now, before the cut.
    await nextTurn();
    this.#segments.adopt(next);
    if (this.#failure !== undefined) return;
    this.#turnover = undefined;
    cut(next.header.number);
    resolve();
  }

  async #fail(cure: Cure, cause: unknown, refused: readonly Group[]): Promise<void> {
    const known = this.#failure;
    const groups = [...refused, this.#group];
    const reason = journalFailed(this.#options.folder.path, 'takes no records', cause);
    this.#failure = known?.cure === 'nothing' ? known : { reason, cure };
    this.#group = this.#newGroup(0, 0);
    this.#failedBytes = groups.reduce((sum, group) => sum + group.bytes, 0);
    if (this.#failure.cure !== 'nothing') {
      try {
        await this.#segments.current?.cutBack();
      } catch {
        // What can't be taken back is sealed out by the header of the next segment.
        this.#needsRenewal();
      }
    }
    this.#pendingBytes = 0;
    for (const group of groups) group.reject(reason);
    this.#turnover?.reject(reason);
    this.#turnover = undefined;
    if (known === undefined) this.#options.onFailure(this.#failure);
  }

  #needsRenewal(): void {
    if (this.#failure?.cure === 'probe') this.#failure = { ...this.#failure, cure: 'renew' };
  }

  #takeGroup(): Group {
    const group = this.#group;
    this.#group = this.#newGroup(group.mark, group.start + group.bytes);
    return group;
  }

  #newGroup(mark: number, start: number): Group {
    return new Group(mark, start, this.#options.synced, this.#pool);
  }
}
