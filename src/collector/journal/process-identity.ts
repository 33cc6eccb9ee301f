import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { systemCode } from './journal-error.js';

/** What tells one process from all others, those that get its pid later included. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in clock ticks since the machine did; `0` where the system does not tell. */
  readonly started: string;
  /** Which start of which machine it runs in; elsewhere than on Linux only which machine. */
  readonly boot: string;
  /** The namespace in which `pid` is its number: containers have their own; `0` where there is no such thing. */
  readonly namespace: string;
}

export async function thisProcess(): Promise<ProcessIdentity> {
  const { pid } = process;
  try {
    const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).trim();
    const namespace = (await readlink('/proc/self/ns/pid')).replace(/\D/g, '');
    return { pid, started: await startOf(pid), boot: bootId.replaceAll('-', '').slice(0, 12), namespace };
  } catch {
    return { pid, started: '0', boot: createHash('sha256').update(hostname()).digest('hex').slice(0, 12), namespace: '0' };
  }
}

/** Whether a process runs, as far as this one can tell: another machine and another container are out of its sight. */
export async function isRunning(other: ProcessIdentity, self: ProcessIdentity): Promise<boolean | undefined> {
  if (other.boot !== self.boot || other.namespace !== self.namespace) return undefined;
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false;
  }
  if (other.started === '0') return undefined;
  try {
    return (await startOf(other.pid)) === other.started;
  } catch {
    // Processes of other users may be hidden.
    return undefined;
  }
}

/** Field 22 of the process's line; the second field, its name in parentheses, may contain anything. */
async function startOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, 'latin1');
  const started = line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
  if (started === undefined) throw new Error('the line of the process has no start time');
  return started;
}
