import type { JournalFile } from './journal-fs.js';

/** Writes everything or throws: a regular file takes less than it is given only when the disk, a quota or a limit is at its end. */
export async function writeWhole(file: JournalFile, buffers: readonly Uint8Array[], position: number): Promise<number> {
  const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  const { bytesWritten } = await file.writev(buffers, position);
  if (bytesWritten === length) return length;
  // The rest tells why: `ENOSPC` says more than a number.
  const rest = Buffer.concat(buffers).subarray(bytesWritten);
  const second = await file.writev([rest], position + bytesWritten);
  if (second.bytesWritten === rest.length) return length;
  throw new Error(`short write: the file took ${bytesWritten + second.bytesWritten} of ${length} bytes`);
}
