import { type Clock, monotonicClock } from '../diagnostics/clock.js';
import type { ScrapeOutcome } from './response-body.js';

/** What became of a batch. Heartbeats are batches that only tell that their producer lives. */
export type BatchResult = 'applied' | 'duplicate' | 'heartbeat' | 'later' | 'refused';

/** Upper bounds of scrape durations, in milliseconds. */
export const SCRAPE_BOUNDS: readonly number[] = [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/** What happened in a collector, apart from its rows, which the aggregate counts, and its producers. */
export class SelfMetrics {
  batches: Record<BatchResult, number> = { applied: 0, duplicate: 0, heartbeat: 0, later: 0, refused: 0 };
  /** Recorded operations that the applied batches contained. */
  operations = 0;
  /** Renders whose hook threw, rejected or was not done in time; scrapes that come at about the same time share one. */
  hookFailures = 0;
  readonly scrapes: Record<ScrapeOutcome, number> = { complete: 0, failed: 0, gone: 0, slow: 0 };
  /** Scrapes by duration: one count a bound and one beyond the last. */
  readonly durationCounts: number[] = [...SCRAPE_BOUNDS, Number.POSITIVE_INFINITY].map(() => 0);
  /** Milliseconds. */
  durationSum = 0;
  readonly #clock: Clock;

  constructor(clock: Clock = monotonicClock) {
    this.#clock = clock;
  }

  /** Starts the clock of a scrape; the returned function stops it. */
  startScrape(): (outcome: ScrapeOutcome) => void {
    const start = this.#clock();
    return (outcome) => {
      const duration = this.#clock() - start;
      const bucket = SCRAPE_BOUNDS.findIndex((bound) => duration <= bound);
      this.durationCounts[bucket === -1 ? SCRAPE_BOUNDS.length : bucket]! += 1;
      this.durationSum += duration;
      this.scrapes[outcome] += 1;
    };
  }
}
