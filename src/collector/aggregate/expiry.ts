import type { Family } from './family.js';
import type { FateOf, Group } from './group.js';
import type { Groups } from './groups.js';

/** Milliseconds that the series of a group stay after its last producer died. */
export const SERIES_LIFETIME = 3_600_000;
/** Milliseconds between the beginnings of two walks over all series, for one finds everything that is due. */
const WALK_INTERVAL = 60_000;
/** Series looked at in one step, some 0.2 ms. */
const STEP = 5000;

/** Removes the series of groups that have been dead for an hour, a few at a time. */
export class Expiry {
  readonly #groups: Groups;
  readonly #families: () => Iterable<Family>;
  readonly #discard: (family: Family) => void;
  #walk: Generator<void, void, undefined> | undefined;
  #begun = Number.NEGATIVE_INFINITY;

  /** @param discard takes away a family that has neither series nor living producers */
  constructor(groups: Groups, families: () => Iterable<Family>, discard: (family: Family) => void) {
    this.#groups = groups;
    this.#families = families;
    this.#discard = discard;
  }

  /** Milliseconds since the last walk began, which may still go on: then it has to begin anew. */
  sinceWalk(now: number): number {
    return this.#walk === undefined ? now - this.#begun : Number.POSITIVE_INFINITY;
  }

  restore(now: number, sinceWalk: number): void {
    this.#begun = now - sinceWalk;
  }

  /** Goes on with the walk, or begins one if something is due. */
  step(now: number): void {
    if (this.#walk === undefined) {
      const diedAt = this.#groups.oldestDead?.diedAt;
      if (diedAt === undefined || now - diedAt < SERIES_LIFETIME || now - this.#begun < WALK_INTERVAL) return;
      this.#begun = now;
      this.#walk = this.#walkAll(now);
    }
    for (let i = 0; i < STEP; i++) {
      if (this.#walk.next().done !== true) continue;
      this.#walk = undefined;
      return;
    }
  }

  *#walkAll(now: number): Generator<void, void, undefined> {
    const isOver = ({ diedAt }: Group): boolean => diedAt !== undefined && now - diedAt >= SERIES_LIFETIME;
    const heirs = heirsAmong([...this.#groups.all].filter((group) => !isOver(group)));
    const fateOf: FateOf = (group, hidden) => (isOver(group) ? (heirs(group, hidden) ?? 'over') : undefined);
    for (const family of this.#families()) {
      yield* family.expire(fateOf);
      if (family.size === 0 && family.announcers === 0) this.#discard(family);
      yield;
    }
    for (let group = this.#groups.oldestDead; group !== undefined && isOver(group); group = this.#groups.oldestDead)
      this.#groups.expired(group);
  }
}

/** Finds one of these groups that differs from a group in hidden labels of the identity alone. */
function heirsAmong(groups: readonly Group[]): (group: Group, hidden: number) => Group | undefined {
  const [byJob, byInstance] = [new Map<string, Group>(), new Map<string, Group>()];
  for (const group of groups) {
    byJob.set(group.job, group);
    byInstance.set(group.instance, group);
  }
  return ({ job, instance }, hidden) => [undefined, byInstance.get(instance), byJob.get(job), groups[0]][hidden];
}
