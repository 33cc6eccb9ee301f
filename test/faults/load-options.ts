import type { CollectorAddress } from '../../src/ship/collector-option.js';

/** What a load program is told when it starts. */
export interface LoadOptions {
  /** A primary that counts too, one that only forks, or a process of its own. */
  readonly role: 'forkOnly' | 'leaf' | 'primary';
  /** Cluster workers. */
  readonly workers?: number;
  /** Threads of each worker, or of the process of its own. */
  readonly threads?: number;
  /** For one file a process or thread, of the times of its calls. */
  readonly folder: string;
  /** Milliseconds. */
  readonly flushInterval?: number;
  /** Of the first process; its workers find theirs by themselves. */
  readonly collector?: CollectorAddress;
  /** Name of the service. @default 'load' */
  readonly job?: string;
  /** @default the host's name */
  readonly instance?: string;
  /** A broker that gets records, Python's wire; then no series go anywhere. */
  readonly records?: string;
  readonly closeOn?: readonly NodeJS.Signals[];
  /** Of each process and thread. */
  readonly callsPerSecond?: number;
  /** Whether the primary serves. */
  readonly serve?: boolean;
  /** Whether workers that end are replaced. */
  readonly respawn?: boolean;
}
