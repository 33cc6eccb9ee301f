import { setImmediate as nextTurn } from 'node:timers/promises';
import { PhanosError } from '../../diagnostics/phanos-error.js';
import { segmentMissing, stateLost, systemCode } from './journal-error.js';
import type { Inventory, JournalFolder } from './journal-folder.js';
import type { JournaledState } from './journal-options.js';
import { type OpenSegment, openSegment, readRecords } from './segment-reader.js';
import { settleSegment } from './settle-segment.js';
import { faultOfSnapshot, readSlices } from './snapshot-reader.js';

/**
 * What a start finds. The newest good snapshot is restored, the segments behind it are replayed in order. All of them but the last are sealed by the
 * header of their successor, which says where they end:
 *
 * - A segment that is shorter than sealed, or unreadable before that point, is corrupt: all of it was durable once. What lies beyond is ignored; it
 *   is the remains of a torn tail, or of records that were refused when the journal failed and could not be taken back.
 * - The last segment ends with its last good record. A torn tail is cut off; damage in the middle is corruption (see torn-tail.ts).
 * - A number that is missing among them is corruption.
 *
 * So a torn tail in a segment that is not the last is accepted only if a successor was made by somebody who knew of it.
 */

/** What a journal found when it was opened. */
export interface Recovered {
  /** Number of the snapshot that was restored; undefined if all there is came from records. */
  readonly snapshot: number | undefined;
  /** Snapshots, newest first, that were damaged and passed over: path and fault. */
  readonly badSnapshots: readonly string[];
  /** Segments that were read. */
  readonly segments: number;
  /** Payloads that were replayed. */
  readonly records: number;
  /** Bytes of these records. */
  readonly bytes: number;
  /** Bytes of the torn tail that was cut off; 0 if there was none. */
  readonly tornBytes: number;
  /** What was lost, if that was allowed; undefined if nothing was. */
  readonly lost: PhanosError | undefined;
}

/** Where the segments end that are there. */
export interface Tail {
  /** Number of the last segment; 0 if there is none. */
  readonly number: number;
  /** Where it ends. */
  readonly end: number;
  /** Where the one before ends. Unknown in a damaged journal. */
  readonly previousEnd: number | undefined;
}

export interface Recovery {
  readonly recovered: Recovered;
  readonly tail: Tail;
  /**
   * Cuts off a torn tail and makes durable what was read. It must have succeeded before a next segment may say that the last one is good up to its end;
   * it can be tried again.
   */
  readonly settle: () => Promise<void>;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Reads a journal into its state. Throws JOURNAL_CORRUPT or JOURNAL_STATE_LOST unless losses are allowed, and whatever reading throws. */
export async function recover(folder: JournalFolder, state: JournaledState, allowStateLoss: boolean): Promise<Recovery> {
  const inventory = await folder.inventory();
  const recovered: Mutable<Recovered> & { badSnapshots: string[] } = {
    snapshot: undefined,
    badSnapshots: [],
    segments: 0,
    records: 0,
    bytes: 0,
    tornBytes: 0,
    lost: undefined,
  };
  if (inventory.segments.length === 0 && inventory.snapshots.length === 0) {
    return { recovered, tail: { number: 0, end: 0, previousEnd: 0 }, settle: async () => {} };
  }
  try {
    const first = await restore(folder, state, inventory, recovered);
    return { recovered, ...(await replay(folder, state, inventory, first, recovered)) };
  } catch (error) {
    const isLoss = error instanceof PhanosError && (error.code === 'JOURNAL_CORRUPT' || error.code === 'JOURNAL_STATE_LOST');
    if (!allowStateLoss || !isLoss) throw error;
    recovered.lost = error;
    return { recovered, tail: await tailOfDamaged(folder, inventory), settle: async () => {} };
  }
}

/** Restores the newest good snapshot and returns the segment with which to go on. */
async function restore(
  folder: JournalFolder,
  state: JournaledState,
  { snapshots, segments }: Inventory,
  recovered: { snapshot: number | undefined; badSnapshots: string[] },
): Promise<number> {
  let unreadable: Error | undefined;
  for (const number of snapshots.toReversed()) {
    const path = folder.pathOf('snapshot', number);
    const file = await folder.open('snapshot', number);
    if (file === undefined) continue;
    try {
      const fault = await faultOfSnapshot(path, file, number).catch((error: unknown) => {
        if (!(error instanceof Error) || systemCode(error) !== 'EIO') throw error;
        unreadable = error;
        return 'the disk fails to read it';
      });
      if (fault === undefined) {
        await state.restore(readSlices(file));
        recovered.snapshot = number;
        return number;
      }
      recovered.badSnapshots.push(`${path} is damaged: ${fault}`);
    } finally {
      await file.close();
    }
  }
  // Before the first segment there was nothing, so it needs no snapshot; if there was one since, segments may have been removed.
  const isWhole = segments.length === segments.at(-1);
  if (segments[0] === 1 && (isWhole || snapshots.length === 0)) return 1;
  // What can't be read today may be tomorrow, or by somebody with better tools: that is no loss yet.
  if (unreadable !== undefined) throw unreadable;
  throw stateLost(folder.path, recovered.badSnapshots);
}

async function replay(
  folder: JournalFolder,
  state: JournaledState,
  { segments }: Inventory,
  first: number,
  recovered: Mutable<Recovered>,
): Promise<Omit<Recovery, 'recovered'>> {
  const receive = receiver(state, recovered);
  const last = Math.max(first, segments.at(-1) ?? 0);
  let segment = await open(folder, first);
  try {
    for (let number = first; ; number++) {
      const next: OpenSegment | undefined = number < last ? await open(folder, number + 1) : undefined;
      try {
        const { end, lastGroup } = await readRecords(segment, next?.header.previousEnd, receive);
        recovered.segments++;
        if (next === undefined) {
          recovered.tornBytes = segment.size - end;
          return {
            tail: { number, end, previousEnd: segment.header.previousEnd },
            settle: () => settleSegment(folder, number, lastGroup, end),
          };
        }
      } finally {
        if (next !== undefined) {
          await segment.file.close();
          segment = next;
        }
      }
    }
  } finally {
    await segment.file.close();
  }
}

/** Counts and replays payloads, and lets the event loop turn every now and then. */
function receiver(state: JournaledState, recovered: { records: number; bytes: number }): (payload: Buffer) => Promise<void> | void {
  let turn = performance.now();
  const pause = async (): Promise<void> => {
    await nextTurn();
    turn = performance.now();
  };
  return (payload) => {
    recovered.records++;
    recovered.bytes += payload.length;
    const done = state.replay(payload);
    if (performance.now() - turn < 10) return done;
    return done === undefined ? pause() : done.then(pause);
  };
}

async function open(folder: JournalFolder, number: number): Promise<OpenSegment> {
  const path = folder.pathOf('segment', number);
  const file = await folder.open('segment', number);
  if (file === undefined) throw segmentMissing(path);
  try {
    return await openSegment(path, file, number);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Seals the last segment at its whole length, so that its damage is found again if this start does not come to its end. */
async function tailOfDamaged(folder: JournalFolder, { segments, snapshots }: Inventory): Promise<Tail> {
  const last = segments.at(-1) ?? 0;
  const number = Math.max(last, snapshots.at(-1) ?? 0);
  const end = number === last ? (await folder.fs.stat(folder.pathOf('segment', last))).size : 0;
  return { number, end, previousEnd: undefined };
}
