/**
 * For the primary of a cluster, also one that only forks: `import 'phanos/primary'`. In a worker it does nothing, so one file may serve for both.
 *
 * The primary then collects for all its workers, and serves when one of them asks for it.
 */

import cluster from 'node:cluster';
import { profiler } from './index.js';

/** Where workers go by themselves, unless their own set-up says otherwise, nobody needs the primary. */
const { PHANOS_COLLECTOR = 'auto' } = process.env;

if (cluster.isPrimary && (PHANOS_COLLECTOR === 'auto' || PHANOS_COLLECTOR === '')) {
  // Not before the program's own set-up, if it has one. Loading the collector can only fail with a bundle that lacks it, and then every use of it tells.
  setImmediate(() => void profiler.ready().catch(() => undefined));
}
