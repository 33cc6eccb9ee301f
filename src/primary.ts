/**
 * For the primary of a cluster, also one that only forks: `import 'phanos/primary'`.
 *
 * The primary then collects for all its workers, and serves when one of them asks for it.
 */

import 'node:cluster';
import { profiler } from './index.js';

// Loading the collector can only fail with a bundle that lacks it, and then every use of it tells so.
profiler.ready().catch(() => undefined);
