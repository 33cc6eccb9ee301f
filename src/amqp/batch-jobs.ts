/** Jobs whose series this process sends over a broker: their records on the same broker would count everything twice, so collectors refuse those. */
const jobs = new Set<string>();

/** More jobs than a process has; what is beyond is not warned about. */
const MOST = 100;

export function noteBatches(job: string): void {
  if (jobs.size < MOST) jobs.add(job);
}

export function sendsBatches(job: string): boolean {
  return jobs.has(job);
}
