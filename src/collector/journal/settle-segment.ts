import { ByteWindow } from './byte-window.js';
import type { JournalFolder } from './journal-folder.js';
import { writeWhole } from './write-whole.js';

/**
 * Makes the last segment, as it was read up to `end`, what the next ones can be built upon: the torn tail is cut off, and the rest made durable. After
 * the death of just the process its last group may be in memory only. That group is written once more, because a system whose sync failed takes
 * for durable what it could not write.
 */
export async function settleSegment(folder: JournalFolder, number: number, lastGroup: number, end: number): Promise<void> {
  const path = folder.pathOf('segment', number);
  const file = await folder.fs.open(path, 'r+');
  try {
    if (end > lastGroup) {
      const window = new ByteWindow(file, end);
      if (!(await window.load(lastGroup, end - lastGroup))) throw new Error(`${path} became shorter while it was read`);
      await writeWhole(file, [window.bytes.subarray(0, end - lastGroup)], lastGroup);
    }
    await file.truncate(end);
    await file.datasync();
  } finally {
    await file.close();
  }
}
