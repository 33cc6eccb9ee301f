/** Heartbeats that a producer may miss before it is taken for dead. */
export const PATIENCE = 3;
/** Milliseconds to which heartbeats are rounded up, and the longest, so that there are few of them. */
const GRAIN = 100;
const LONGEST = 3_600_000;

/** Milliseconds without a look at the watch after which its owner, not the watched, was away: suspended, or busy for too long. */
const ABSENCE = 5000;
/** Milliseconds that the watched have then to report. */
const RESPITE = 2000;

/** Notices who is silent for too long, without looking at the others. */
export class SilenceWatch<T> {
  /** By heartbeat, with the time when each was last heard of, the longest silent first. */
  readonly #watched = new Map<number, Map<T, number>>();
  #lastLook: number | undefined;
  #notBefore = Number.NEGATIVE_INFINITY;
  #isExcused = false;

  /** @param heartbeat milliseconds within which it announced to report again; 0 for one that is never taken for dead */
  heard(item: T, heartbeat: number, now: number): void {
    const grain = grainOf(heartbeat);
    let silent = this.#watched.get(grain);
    if (silent === undefined) {
      silent = new Map();
      this.#watched.set(grain, silent);
    }
    silent.delete(item);
    silent.set(item, now);
  }

  drop(item: T, heartbeat: number): void {
    const grain = grainOf(heartbeat);
    const silent = this.#watched.get(grain);
    silent?.delete(item);
    if (silent?.size === 0) this.#watched.delete(grain);
  }

  /** Those that are silent for too long by now; they are watched no more. */
  overdue(now: number): T[] {
    if (!this.#isReliable(now)) return [];
    const overdue: T[] = [];
    for (const [heartbeat, silent] of this.#watched) {
      if (heartbeat === 0) continue;
      for (const [item, heard] of silent) {
        if (now - heard < heartbeat * PATIENCE) break;
        overdue.push(item);
        silent.delete(item);
      }
      if (silent.size === 0) this.#watched.delete(heartbeat);
    }
    return overdue;
  }

  /** False just after this process itself was away: what was sent to it meanwhile may still wait. */
  #isReliable(now: number): boolean {
    const wasAway = now - (this.#lastLook ?? now) > ABSENCE;
    this.#lastLook = now;
    // Looks that are always far apart are as good as others.
    if (wasAway && !this.#isExcused) {
      this.#isExcused = true;
      this.#notBefore = now + RESPITE;
    }
    if (now < this.#notBefore) return false;
    if (!wasAway) this.#isExcused = false;
    return true;
  }
}

function grainOf(heartbeat: number): number {
  return Math.min(Math.ceil(heartbeat / GRAIN) * GRAIN, LONGEST);
}
