import type { Route } from './service/routes.js';
import { countAnswer, emptyTally, type Tally } from './tally.js';

/**
 * Milliseconds between two hand-overs of a worker to its collector. What it counts in between dies with it, if it is killed; that is why this is less
 * than the usual second.
 */
export const FLUSH_INTERVAL = 250;

/** Milliseconds that a hand-over may take on a machine that is busy. */
const ARRIVAL = 500;

/** Milliseconds before its death in which a worker may have counted what it could not hand over any more. */
export const LAST_MOMENTS = FLUSH_INTERVAL + ARRIVAL;

/** Milliseconds for which answers are remembered: the news of a death may be late. */
const MEMORY = 10_000;
/** Answers of a process between two looks for those that are too old. */
const LOOK = 1000;

/** An answer that has come. */
export interface Answered {
  readonly route: Route;
  readonly status: number;
  /** Of the body. */
  readonly bytes: number;
}

/** Answers whose calls may be counted nowhere, because the process that gave them was killed before it handed its counts over. */
export class AtRisk {
  /** Those answers, by route. */
  readonly tally: Tally = emptyTally();
  readonly #recent = new Map<number, (Answered & { readonly at: number })[]>();
  readonly #dead = new Set<number>();

  /** Tells of an answer that process `pid` has given, at a time of `Date.now`. */
  answered(pid: number, answer: Answered, at = Date.now()): void {
    if (this.#dead.has(pid)) {
      // It was still under way when its sender died.
      this.#add(answer);
      return;
    }
    const recent = this.#recent.get(pid) ?? [];
    this.#recent.set(pid, recent);
    recent.push({ ...answer, at });
    if (recent.length % LOOK === 0)
      recent.splice(
        0,
        recent.findIndex((each) => each.at > at - MEMORY),
      );
  }

  /** Tells that the process was killed, at a time of `Date.now`. */
  died(pid: number, at: number): void {
    this.#dead.add(pid);
    for (const answer of this.#recent.get(pid) ?? []) if (answer.at > at - LAST_MOMENTS) this.#add(answer);
    this.#recent.delete(pid);
  }

  #add({ route, status, bytes }: Answered): void {
    const counts = this.tally[route];
    counts.sent++;
    countAnswer(counts, status, bytes);
  }
}
