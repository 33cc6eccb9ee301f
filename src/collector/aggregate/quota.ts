import type { CollectorLimits } from '../limits.js';
import type { SeriesLimit } from './refusal.js';

/** Counts the series of each job, and all of them, against their limits. */
export class Quota {
  readonly #limits: CollectorLimits;
  readonly #jobs = new Map<string, number>();
  #total = 0;
  #exemplars = 0;

  constructor(limits: CollectorLimits) {
    this.#limits = limits;
  }

  get total(): number {
    return this.#total;
  }

  /** Which limit one more series of the job would be beyond. */
  limitOf(job: string): SeriesLimit | undefined {
    if (this.#total >= this.#limits.series) return 'total_series_limit';
    return (this.#jobs.get(job) ?? 0) >= this.#limits.seriesPerJob ? 'job_series_limit' : undefined;
  }

  take(job: string): void {
    this.#total++;
    this.#jobs.set(job, (this.#jobs.get(job) ?? 0) + 1);
  }

  /** False if there are as many exemplars as there may be. */
  takeExemplar(): boolean {
    if (this.#exemplars >= this.#limits.exemplars) return false;
    this.#exemplars++;
    return true;
  }

  giveExemplarsBack(count: number): void {
    this.#exemplars -= count;
  }

  giveBack(job: string): void {
    this.#total--;
    const left = (this.#jobs.get(job) ?? 0) - 1;
    if (left > 0) this.#jobs.set(job, left);
    else this.#jobs.delete(job);
  }
}
