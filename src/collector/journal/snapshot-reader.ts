import { crc32 } from 'node:zlib';
import { ByteWindow } from './byte-window.js';
import { journalCorrupt } from './journal-error.js';
import type { JournalFile } from './journal-fs.js';
import { FORMAT_VERSION } from './segment.js';
import { decodeSnapshotHeader, END_MARK, faultOfSnapshotEnd, SNAPSHOT_END_BYTES, SNAPSHOT_HEADER_BYTES } from './snapshot.js';

/** Bytes that are summed at once. */
const STEP = 1 << 20;

/**
 * Reads a snapshot from end to end before anybody builds on it.
 *
 * @returns in words what is wrong with it, or undefined
 * @throws JOURNAL_CORRUPT if it is whole but of another format: falling back to an older one would lose data silently
 */
export async function faultOfSnapshot(path: string, file: JournalFile, number: number): Promise<string | undefined> {
  const { size } = await file.stat();
  const window = new ByteWindow(file, size);
  await window.load(0, Math.min(size, SNAPSHOT_HEADER_BYTES));
  const header = decodeSnapshotHeader(window.bytes.subarray(0, SNAPSHOT_HEADER_BYTES));
  if (typeof header === 'string') return header;
  if (header.version !== FORMAT_VERSION) {
    throw journalCorrupt(path, 8, `it is of format ${header.version}, and this version of phanos reads format ${FORMAT_VERSION}`);
  }
  if (header.number !== number) return `it is snapshot ${header.number}`;
  const length = size - SNAPSHOT_END_BYTES;
  if (length < SNAPSHOT_HEADER_BYTES) return 'it has no end';
  let sum = 0;
  for (let position = 0; position < length; ) {
    const step = Math.min(STEP, length - position);
    if (!(await window.load(position, step))) return 'it became shorter while it was read';
    sum = crc32(window.bytes.subarray(0, step), sum);
    position += step;
  }
  if (!(await window.load(length, SNAPSHOT_END_BYTES))) return 'it became shorter while it was read';
  return faultOfSnapshotEnd(window.bytes, length, sum);
}

/** The slices of a snapshot that was found good, as they were written. */
export async function* readSlices(file: JournalFile): AsyncGenerator<Buffer, void, undefined> {
  const { size } = await file.stat();
  const window = new ByteWindow(file, size);
  for (let position = SNAPSHOT_HEADER_BYTES; ; ) {
    await bring(window, position, 4);
    const length = window.bytes.readUInt32LE(window.at(position));
    if (length === END_MARK) return;
    position += 4;
    await bring(window, position, length);
    const at = window.at(position);
    yield window.bytes.subarray(at, at + length);
    position += length;
  }
}

async function bring(window: ByteWindow, position: number, length: number): Promise<void> {
  if (window.holds(position, length) || (await window.load(position, length))) return;
  throw new Error('a snapshot that was found good could not be read a second time');
}
