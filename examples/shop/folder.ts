import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new empty folder among the system's temporary ones, which is deleted when the process exits, however it does. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'phanos-shop-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
