import { Counter, profiler, Summary } from 'phanos';
import type { MetricsLibrary } from './metrics-library.js';

export function open(): MetricsLibrary {
  profiler.config({ job: 'comparison' });
  const jobs = new Counter({ name: 'jobs', help: 'Jobs done.' });
  const took = new Summary({ name: 'took', help: 'Time they took.', quantiles: [0.5, 0.99] });
  const serve = async (): Promise<string> => `${(await profiler.serve({ port: 0, keepAlive: true })).url}/metrics`;
  return {
    count: (n) => jobs.inc(n),
    observe: (seconds) => took.observe(seconds),
    end: () => profiler.close(),
    serveCluster: serve,
    serveThreads: serve,
  };
}
