import { crc32 } from 'node:zlib';
import { FORMAT_VERSION } from './segment.js';

/**
 * The form of a snapshot: a header, the state in slices, an end. All numbers are little-endian.
 *
 *     header   magic 8 · version u32 · number u32 · CRC-32 of these 16 bytes
 *     slice    length u32 · bytes
 *     end      0xffffffff · length of all before the end u64 · CRC-32 of everything before it
 *
 * `number` is the segment with which replay continues: the state holds what all segments before it hold.
 */

export const SNAPSHOT_HEADER_BYTES = 20;
export const SNAPSHOT_END_BYTES = 16;
/** Stands where the length of a next slice would. */
export const END_MARK = 0xffff_ffff;

const MAGIC = Buffer.from('PHANOSS\n', 'latin1');

export function encodeSnapshotHeader(number: number): Buffer {
  const bytes = Buffer.alloc(SNAPSHOT_HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(FORMAT_VERSION, 8);
  bytes.writeUInt32LE(number, 12);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 16)), 16);
  return bytes;
}

/** The version and number, or in words why these bytes are no header. */
export function decodeSnapshotHeader(bytes: Buffer): { readonly version: number; readonly number: number } | string {
  if (bytes.length < SNAPSHOT_HEADER_BYTES) return `its header has ${bytes.length} of ${SNAPSHOT_HEADER_BYTES} bytes`;
  if (!MAGIC.equals(bytes.subarray(0, 8))) return 'it does not begin as a snapshot';
  if (crc32(bytes.subarray(0, 16)) !== bytes.readUInt32LE(16)) return 'the checksum of its header is wrong';
  return { version: bytes.readUInt32LE(8), number: bytes.readUInt32LE(12) };
}

/** @param sum CRC-32 of all `length` bytes before the end */
export function encodeSnapshotEnd(length: number, sum: number): Buffer {
  const bytes = Buffer.alloc(SNAPSHOT_END_BYTES);
  bytes.writeUInt32LE(END_MARK, 0);
  bytes.writeBigUInt64LE(BigInt(length), 4);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 12), sum), 12);
  return bytes;
}

/** In words what is wrong with the end of a snapshot, or undefined if it closes `length` bytes with that CRC-32. */
export function faultOfSnapshotEnd(bytes: Buffer, length: number, sum: number): string | undefined {
  if (bytes.length < SNAPSHOT_END_BYTES || bytes.readUInt32LE(0) !== END_MARK) return 'it has no end';
  if (Number(bytes.readBigUInt64LE(4)) !== length)
    return `its end belongs to one of ${bytes.readBigUInt64LE(4)} bytes, and it has ${length}`;
  return crc32(bytes.subarray(0, 12), sum) === bytes.readUInt32LE(12) ? undefined : 'its checksum is wrong';
}
