import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The form of a segment: a header, then record after record. All numbers are little-endian.
 *
 *     header   magic 8 · version u32 · number u32 · mark u32 · previousEnd u64 · CRC-32 of these 28 bytes
 *     record   mark u32 · length u32 · distance u32 · CRC-32 · payload
 *
 * `mark` is random and the segment's own, so that after damage the next record is found by searching four bytes. `distance` is how many bytes
 * before the record its group begins: everything before that point was durable when the record was written (`UNKNOWN_DISTANCE` if nobody
 * synced). A record's CRC covers mark, length, distance, its position in the segment, and the payload; the position is not stored. So nothing
 * passes for a record that was not written as this record of this segment: no block that the disk put elsewhere, no journal inside a payload.
 *
 * `previousEnd` seals the segment before: that one ends there, whatever else is in its file. See recovery.ts.
 */

export const SEGMENT_HEADER_BYTES = 32;
export const RECORD_HEADER_BYTES = 16;
export const UNKNOWN_DISTANCE = 0xffff_ffff;
/** Version of the form of segments and snapshots. */
export const FORMAT_VERSION = 1;

const MAGIC = Buffer.from('PHANOSJ\n', 'latin1');
/** The bytes that come before a payload in its CRC. */
const summed = Buffer.alloc(20);

export interface SegmentHeader {
  /** Segments are numbered from 1 without a gap. */
  readonly number: number;
  readonly mark: number;
  /** Byte at which the segment before ends; 0 in the first. */
  readonly previousEnd: number;
}

/** A mark for a new segment, without a zero byte, which is what unwritten bytes look like. */
export function newMark(): number {
  return Buffer.from(Array.from({ length: 4 }, () => randomInt(1, 256))).readUInt32LE(0);
}

export function encodeSegmentHeader({ number, mark, previousEnd }: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(FORMAT_VERSION, 8);
  bytes.writeUInt32LE(number, 12);
  bytes.writeUInt32LE(mark, 16);
  bytes.writeBigUInt64LE(BigInt(previousEnd), 20);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28);
  return bytes;
}

/** The header, or in words why these bytes are none. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | string {
  if (bytes.length < SEGMENT_HEADER_BYTES) return `the header has ${bytes.length} of ${SEGMENT_HEADER_BYTES} bytes`;
  if (!MAGIC.equals(bytes.subarray(0, 8))) return 'it does not begin as a segment of a journal';
  if (crc32(bytes.subarray(0, 28)) !== bytes.readUInt32LE(28)) return 'the checksum of its header is wrong';
  const version = bytes.readUInt32LE(8);
  if (version !== FORMAT_VERSION) return `it is of format ${version}, and this version of phanos reads format ${FORMAT_VERSION}`;
  return { number: bytes.readUInt32LE(12), mark: bytes.readUInt32LE(16), previousEnd: Number(bytes.readBigUInt64LE(20)) };
}

/** Writes a record into `target` at `at`; `position` is where it will lie in the segment. */
export function encodeRecord(target: Buffer, at: number, mark: number, position: number, distance: number, payload: Uint8Array): void {
  const sum = checksum(mark, payload, distance, position);
  summed.copy(target, at, 0, 12);
  target.writeUInt32LE(sum, at + 12);
  target.set(payload, at + RECORD_HEADER_BYTES);
}

/** Payload length that a record header claims; it proves nothing yet. */
export function claimedLength(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4);
}

export function distanceOf(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 8);
}

/** Payload of the record that lies whole in `bytes` at `at`, and in the segment at `position`; undefined if it is none. */
export function decodeRecord(bytes: Buffer, at: number, mark: number, position: number): Buffer | undefined {
  if (bytes.readUInt32LE(at) !== mark) return undefined;
  const start = at + RECORD_HEADER_BYTES;
  const payload = bytes.subarray(start, start + claimedLength(bytes, at));
  return checksum(mark, payload, distanceOf(bytes, at), position) === bytes.readUInt32LE(at + 12) ? payload : undefined;
}

function checksum(mark: number, payload: Uint8Array, distance: number, position: number): number {
  summed.writeUInt32LE(mark, 0);
  summed.writeUInt32LE(payload.length, 4);
  summed.writeUInt32LE(distance, 8);
  summed.writeUInt32LE(position % 2 ** 32, 12);
  summed.writeUInt32LE(Math.floor(position / 2 ** 32), 16);
  return crc32(payload, crc32(summed));
}
