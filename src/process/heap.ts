import type { Instruments } from './instruments.js';
import type { Source } from './source.js';

/** The heap of this thread, and its parts. */
export function heapSource(make: Instruments): Source {
  const total = make.gauge('nodejs_heap_size_total_bytes', 'Size of the heap, in bytes.');
  const used = make.gauge('nodejs_heap_size_used_bytes', 'Used part of the heap, in bytes.');
  const external = make.gauge('nodejs_external_memory_bytes', 'Memory of objects outside of the heap, in bytes.');
  const spaces = {
    total: make.gauge('nodejs_heap_space_size_total_bytes', 'Size of a heap space, in bytes.', ['space']),
    used: make.gauge('nodejs_heap_space_size_used_bytes', 'Used part of a heap space, in bytes.', ['space']),
    available: make.gauge('nodejs_heap_space_size_available_bytes', 'Free part of a heap space, in bytes.', ['space']),
  };
  const { getHeapSpaceStatistics } = process.getBuiltinModule('node:v8');
  return {
    metrics: [total, used, external, ...Object.values(spaces)],
    collect() {
      const memory = process.memoryUsage();
      total.set(memory.heapTotal);
      used.set(memory.heapUsed);
      external.set(memory.external);
      for (const part of getHeapSpaceStatistics()) {
        const space = part.space_name.replace(/_space$/, '');
        spaces.total.set(part.space_size, { space });
        spaces.used.set(part.space_used_size, { space });
        spaces.available.set(part.space_available_size, { space });
      }
    },
  };
}
