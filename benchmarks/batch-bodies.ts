import { addDurations, observeAll, phanosSeries } from './many-series.js';
import { ownTransport } from './own-transport.js';
import { countingProfiler } from './subjects.js';

/** Histogram series that are in each batch. */
export const BATCH_SERIES = 5000;

/**
 * Bodies as a producer writes them, of any worker and number.
 *
 * @param durations with native buckets, and as many observations in each series of a batch
 * @default one observation, classic buckets
 */
export async function batchBodies(durations?: number): Promise<(worker: number, seq: number) => Buffer> {
  let last = Buffer.alloc(0);
  const collector = ownTransport((body) => {
    last = Buffer.from(body);
    return { kind: 'stored', epoch: 'only' };
  });
  const profiler = countingProfiler({ timeProfile: false, responseSizeProfile: false, flushInterval: 60_000, collector });
  const { children } = await phanosSeries(profiler, undefined, { metrics: 1, routes: BATCH_SERIES / 100, ...(durations && { durations }) });
  await profiler.flush();
  if (durations === undefined) observeAll(children);
  else for (const [i, child] of children.entries()) addDurations(child, i, durations);
  await profiler.flush();
  const text = last.toString();
  const [, head = '', middle = '', rest = ''] = /^(.*?"worker":)"1"(.*?)"seq":\d+,"oldest":\d+(.*)$/s.exec(text) ?? [];
  const tail = Buffer.from(rest);
  return (worker, seq) => Buffer.concat([Buffer.from(`${head}"${worker}"${middle}"seq":${seq},"oldest":${seq}`), tail]);
}
