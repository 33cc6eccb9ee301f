import type { Instruments } from './instruments.js';
import { readProc } from './proc.js';
import type { Source } from './source.js';

/** Memory of the whole process, as the system sees it. */
export function memorySource(make: Instruments): Source {
  const resident = make.gauge('process_resident_memory_bytes', 'Resident memory of the process, in bytes.');
  const collect = (): void => resident.set(process.memoryUsage.rss());
  if (readProc('status') === undefined) return { metrics: [resident], collect };
  const fields = [
    ['VmSize', make.gauge('process_virtual_memory_bytes', 'Virtual memory of the process, in bytes.')],
    ['VmData', make.gauge('process_heap_bytes', 'Data segment of the process, in bytes.')],
  ] as const;
  return {
    metrics: [resident, ...fields.map(([, gauge]) => gauge)],
    collect() {
      collect();
      const status = readProc('status') ?? '';
      for (const [field, gauge] of fields) {
        const kilobytes = new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1];
        if (kilobytes !== undefined) gauge.set(Number(kilobytes) * 1024);
      }
    },
  };
}
