import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { JournalFolder } from './journal-folder.js';
import type { JournalFile } from './journal-fs.js';
import { encodeSnapshotEnd, encodeSnapshotHeader } from './snapshot.js';
import { writeWhole } from './write-whole.js';

/** Milliseconds of small slices after which everybody else has a turn. */
const TURN = 5;
/** Bytes that are gathered before they are written. */
const GATHERED = 256 << 10;
/** Bytes after which a snapshot is synced in between: one large sync at the end would hold up those of the records. */
const SYNCED = 16 << 20;
/** Longest slice, in bytes. */
const MAX_SLICE = 64 << 20;

/** Writes a snapshot under its name, whole and durable, and returns its bytes. A signal that is aborted makes it give up. */
export async function writeSnapshot(
  folder: JournalFolder,
  number: number,
  slices: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<number> {
  let bytes = 0;
  const file = await folder.create('snapshot', number, async (empty) => {
    bytes = await writeSlices(empty, number, slices, signal);
  });
  await file.close();
  return bytes;
}

async function writeSlices(file: JournalFile, number: number, slices: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number> {
  const header = encodeSnapshotHeader(number);
  let sum = crc32(header);
  let gathered: Uint8Array[] = [header];
  let gatheredBytes = header.length;
  let position = 0;
  let synced = 0;
  let turn = performance.now();
  for await (const slice of slices) {
    signal.throwIfAborted();
    if (slice.length > MAX_SLICE) throw new RangeError(`a slice of a snapshot has ${slice.length} bytes, more than ${MAX_SLICE}`);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(slice.length);
    sum = crc32(slice, crc32(length, sum));
    gathered.push(length, slice);
    gatheredBytes += length.length + slice.length;
    if (gatheredBytes >= GATHERED) {
      position += await writeWhole(file, gathered, position);
      gathered = [];
      gatheredBytes = 0;
      if (position - synced >= SYNCED) {
        await file.datasync();
        synced = position;
      }
      turn = performance.now();
    } else if (performance.now() - turn >= TURN) {
      await nextTurn();
      turn = performance.now();
    }
  }
  signal.throwIfAborted();
  gathered.push(encodeSnapshotEnd(position + gatheredBytes, sum));
  return position + (await writeWhole(file, gathered, position));
}
