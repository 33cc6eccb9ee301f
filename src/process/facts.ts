import type { Instruments } from './instruments.js';
import type { Source } from './source.js';

/** When the process began, in seconds since 1970. */
export function startSource(make: Instruments): Source {
  const start = make.gauge('process_start_time_seconds', 'When the process began, in seconds since 1970.');
  const began = (Date.now() - process.uptime() * 1000) / 1000;
  return { metrics: [start], collect: () => start.set(Math.round(began)) };
}

/** The version of Node.js. */
export function versionSource(make: Instruments): Source {
  const facts = make.info('nodejs_version_info', 'Version of Node.js.');
  const [major = '', minor = '', patch = ''] = process.versions.node.split('.');
  return { metrics: [facts], collect: () => facts.info({ version: process.version, major, minor, patch }) };
}
