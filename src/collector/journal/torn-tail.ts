import type { JournalFile } from './journal-fs.js';
import { claimedLength, decodeRecord, distanceOf, RECORD_HEADER_BYTES, UNKNOWN_DISTANCE } from './segment.js';

/** The least that disks write or don't. */
const SECTOR = 512;
/** Zero bytes at the end of a sector that show that it was not written. Text and compressed payloads have no such run, and damage hardly makes one. */
const HOLE = 32;
/** The longest tail that is looked at; a longer one is no tail. */
const LONGEST = 1 << 30;

/**
 * Tells a torn tail from damage: what follows the bad record at `position` of the last segment? A crash can tear only what was not durable
 * yet, which is the last group. So a readable record after the bad one means damage, with one exception: a power failure may lose any of the
 * sectors of that last group, not just the last ones, and they read as zeros. If the readable record belongs to the same group, and such a hole lies
 * before it, then it is a torn tail all the same.
 *
 * A bad record with nothing readable behind it is a torn tail; if its bytes were damaged later, nobody can know.
 *
 * @returns where a record lies that proves damage, or undefined
 */
export async function provenDamage(file: JournalFile, mark: number, position: number, size: number): Promise<number | undefined> {
  if (size - position > LONGEST) return position;
  const bytes = await readAll(file, position, size - position);
  const sought = Buffer.alloc(4);
  sought.writeUInt32LE(mark);
  let torn: boolean | undefined;
  for (let at = bytes.indexOf(sought, 1); at >= 0; at = bytes.indexOf(sought, at + 1)) {
    const space = bytes.length - at - RECORD_HEADER_BYTES;
    if (space < 0 || claimedLength(bytes, at) > space || decodeRecord(bytes, at, mark, position + at) === undefined) continue;
    torn ??= hasHole(bytes.subarray(0, at), position);
    const distance = distanceOf(bytes, at);
    const bornLater = distance !== UNKNOWN_DISTANCE && distance < at;
    if (bornLater || !torn) return position + at;
  }
  return undefined;
}

/** Whether a sector of these bytes, which lie at `position` of the file, was not written, or not to its end; of the first one what is left of it. */
function hasHole(bytes: Buffer, position: number): boolean {
  let end = SECTOR - (position % SECTOR);
  for (let start = 0; end <= bytes.length; start = end, end += SECTOR) {
    if (bytes.subarray(Math.max(start, end - HOLE), end).every((byte) => byte === 0)) return true;
  }
  return false;
}

async function readAll(file: JournalFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
