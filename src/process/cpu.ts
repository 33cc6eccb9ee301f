import type { Instruments } from './instruments.js';
import type { Source } from './source.js';

const MICROSECONDS = 1e6;

/** Processor time of the whole process since it began. */
export function cpuSource(make: Instruments): Source {
  const user = make.counter('process_cpu_user_seconds_total', 'User CPU time of the process, in seconds.');
  const system = make.counter('process_cpu_system_seconds_total', 'System CPU time of the process, in seconds.');
  const both = make.counter('process_cpu_seconds_total', 'User and system CPU time of the process, in seconds.');
  let last = { user: 0, system: 0 };
  return {
    metrics: [user, system, both],
    collect() {
      const now = process.cpuUsage();
      const [ofUser, ofSystem] = [(now.user - last.user) / MICROSECONDS, (now.system - last.system) / MICROSECONDS];
      last = now;
      user.inc(ofUser);
      system.inc(ofSystem);
      both.inc(ofUser + ofSystem);
    },
  };
}
