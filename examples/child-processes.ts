import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Counter, profile, profiler } from 'phanos';

/**
 * Processes that share nothing but a collector, which runs by itself:
 *
 * ```sh
 * npx phanos collect --socket /tmp/phanos.sock
 * PHANOS_COLLECTOR=unix:/tmp/phanos.sock node child-processes.js
 * ```
 */

profiler.config({ job: 'parcels' });
await profiler.ready(); // says why, if the collector isn't there

const sent = new Counter({ name: 'parcels_sent', help: 'Parcels sent.', labelNames: ['by'] });
const send = profile('parcels:send', (weight: number): number => weight * 2);

const by = process.argv[2];
if (by === undefined) {
  const children = ['ship', 'rail', 'road'].map((way) => fork(new URL(import.meta.url), [way]));
  await Promise.all(children.map((child) => once(child, 'exit')));
  // What all of them have measured, from the collector.
  console.log((await profiler.metrics()).match(/^(parcels_sent_total|phanos_time_profiler_seconds_count).*$/gm)?.join('\n'));
  await profiler.close();
} else {
  for (let weight = 1; weight <= 10; weight++) {
    send(weight);
    sent.inc({ by });
  }
  await profiler.close();
  process.disconnect();
}
