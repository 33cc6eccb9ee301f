import type { Instruments } from './instruments.js';
import { openFiles, readProc } from './proc.js';
import type { Source } from './source.js';

/** Open file descriptors and how many there may be; nothing where the system does not tell. */
export function filesSource(make: Instruments): Source | undefined {
  if (openFiles() === undefined) return undefined;
  const open = make.gauge('process_open_fds', 'Open file descriptors.');
  const most = make.gauge('process_max_fds', 'File descriptors that may be open.');
  return {
    metrics: [open, most],
    collect() {
      open.set(openFiles() ?? Number.NaN);
      const limit = /^Max open files\s+(\d+|unlimited)/m.exec(readProc('limits') ?? '')?.[1];
      if (limit !== undefined) most.set(limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit));
    },
  };
}
