import { ByteWindow } from './byte-window.js';
import { journalCorrupt } from './journal-error.js';
import type { JournalFile } from './journal-fs.js';
import {
  claimedLength,
  decodeRecord,
  decodeSegmentHeader,
  distanceOf,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  UNKNOWN_DISTANCE,
} from './segment.js';
import { provenDamage } from './torn-tail.js';

/** A segment to read, its header read and good. */
export interface OpenSegment {
  readonly path: string;
  readonly file: JournalFile;
  readonly header: SegmentHeader;
  /** Bytes of the file. */
  readonly size: number;
}

/** Reads the header. Throws JOURNAL_CORRUPT unless it is that of segment `number`: a segment gets its name only when its header is durable. */
export async function openSegment(path: string, file: JournalFile, number: number): Promise<OpenSegment> {
  const { size } = await file.stat();
  const window = new ByteWindow(file, size);
  await window.load(0, Math.min(size, SEGMENT_HEADER_BYTES));
  const header = decodeSegmentHeader(window.bytes.subarray(0, SEGMENT_HEADER_BYTES));
  if (typeof header === 'string') throw journalCorrupt(path, 0, header);
  if (header.number !== number) throw journalCorrupt(path, 12, `it is segment ${header.number}`);
  return { path, file, header, size };
}

/**
 * Reads the records of a segment in their order.
 *
 * @param sealed where the next segment says that this one ends: it ends exactly there, and what follows was never acknowledged. Without it the segment
 * is the last, and may have a torn tail.
 * @returns where the good records end, and where the last group of them begins, which may not be durable yet
 * @throws JOURNAL_CORRUPT
 */
export async function readRecords(
  { path, file, header, size }: OpenSegment,
  sealed: number | undefined,
  receive: (payload: Buffer) => Promise<void> | void,
): Promise<{ readonly end: number; readonly lastGroup: number }> {
  const end = sealed ?? size;
  if (end > size) throw journalCorrupt(path, size, `it ends here, but ${end} bytes of it were durable`);
  const window = new ByteWindow(file, end);
  let position = SEGMENT_HEADER_BYTES;
  let lastGroup = position;
  while (position < end) {
    const payload = await recordAt(window, header.mark, position, end);
    if (payload === undefined) {
      if (sealed !== undefined) throw journalCorrupt(path, position, `a record is unreadable, and ${end} bytes of the file were durable`);
      const proof = await provenDamage(file, header.mark, position, size);
      if (proof !== undefined) throw journalCorrupt(path, position, `a record is unreadable, while a later one at byte ${proof} is not`);
      break;
    }
    const distance = distanceOf(window.bytes, window.at(position));
    const done = receive(payload);
    if (done !== undefined) await done;
    const next = position + RECORD_HEADER_BYTES + payload.length;
    lastGroup = distance === UNKNOWN_DISTANCE ? next : position - distance;
    position = next;
  }
  return { end: position, lastGroup };
}

/** Payload of the record at a position, or undefined if there is no good one before `end`. */
async function recordAt(window: ByteWindow, mark: number, position: number, end: number): Promise<Buffer | undefined> {
  if (!window.holds(position, RECORD_HEADER_BYTES) && !(await window.load(position, RECORD_HEADER_BYTES))) return undefined;
  const length = RECORD_HEADER_BYTES + claimedLength(window.bytes, window.at(position));
  // Compared first, so that a damaged length asks for no memory.
  if (position + length > end) return undefined;
  if (!window.holds(position, length) && !(await window.load(position, length))) return undefined;
  return decodeRecord(window.bytes, window.at(position), mark, position);
}
