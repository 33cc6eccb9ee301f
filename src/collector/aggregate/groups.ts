import { Group } from './group.js';

/**
 * The groups by job and instance, and the dead among them in the order of their death.
 *
 * Where job and instance are no labels there is one group a job, which never goes: nothing expires there.
 */
export class Groups {
  readonly #shown: boolean;
  readonly #groups = new Map<string, Group>();
  readonly #dead = new Set<Group>();
  #lastId = 0;

  /** @param shown whether job and instance are labels of the series */
  constructor(shown: boolean) {
    this.#shown = shown;
  }

  get size(): number {
    return this.#groups.size;
  }

  get all(): Iterable<Group> {
    return this.#groups.values();
  }

  /** The group of a producer that is one more member of it now, and lives. */
  join(job: string, instance: string): Group {
    const group = this.#find(job, instance) ?? this.#add(new Group(++this.#lastId, job, this.#shown ? instance : '', this.#shown));
    group.members++;
    this.lived(group);
    return group;
  }

  /** One more of its producers lives. */
  lived(group: Group): void {
    group.live++;
    group.diedAt = undefined;
    this.#dead.delete(group);
  }

  /** One of its producers is dead. */
  died(group: Group, now: number): void {
    group.live--;
    this.heardOf(group, now);
  }

  /** One of its producers has written, perhaps a dead one whose last batches come late: its series are kept from now on. */
  heardOf(group: Group, now: number): void {
    if (group.live > 0 || !this.#shown) return;
    group.diedAt = now;
    this.#dead.delete(group);
    this.#dead.add(group);
  }

  /** One of its producers, a dead one, is forgotten. */
  left(group: Group): void {
    group.members--;
    this.#release(group);
  }

  /** The group that has been dead for longest. */
  get oldestDead(): Group | undefined {
    return this.#dead.values().next().value;
  }

  /** The series of a dead group are gone. */
  expired(group: Group): void {
    this.#dead.delete(group);
    this.#release(group);
  }

  /** All groups at this moment, the dead ones in order. */
  copy(now: number): GroupCopy[] {
    const others = [...this.#groups.values()].filter((group) => !this.#dead.has(group));
    const copy = ({ id, job, instance, diedAt }: Group, isWatched: boolean): GroupCopy => {
      return [id, job, instance, diedAt === undefined ? null : now - diedAt, isWatched];
    };
    return [...others.map((group) => copy(group, false)), ...Array.from(this.#dead, (group) => copy(group, true))];
  }

  /** Brings a group back; its producers join it anew. */
  restore([id, job, instance, sinceDeath, isWatched]: GroupCopy, now: number): Group {
    this.#lastId = Math.max(this.#lastId, id);
    const group = this.#add(new Group(id, job, instance, this.#shown));
    if (sinceDeath !== null) group.diedAt = now - sinceDeath;
    if (isWatched) this.#dead.add(group);
    return group;
  }

  #find(job: string, instance: string): Group | undefined {
    return this.#groups.get(keyOf(job, this.#shown ? instance : ''));
  }

  #add(group: Group): Group {
    this.#groups.set(keyOf(group.job, group.instance), group);
    return group;
  }

  #release(group: Group): void {
    if (this.#shown && group.members === 0 && !this.#dead.has(group)) this.#groups.delete(keyOf(group.job, group.instance));
  }
}

/** A group at one moment as plain data. */
export type GroupCopy = readonly [id: number, job: string, instance: string, sinceDeath: number | null, isWatched: boolean];

function keyOf(job: string, instance: string): string {
  return JSON.stringify([job, instance]);
}
