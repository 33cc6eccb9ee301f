import type { FamilyHost } from './family.js';
import { type FateOf, type Group, HIDDEN_IN_OVERFLOW } from './group.js';
import type { SeriesLimit } from './refusal.js';

/** What every series of a family has, whatever its kind. */
export interface KeptSeries {
  readonly labels: string;
  /** With whose producers it lives. */
  group: Group;
}

/** The series of one family by what tells them apart, within the limits. */
export class SeriesMap<S extends KeptSeries> {
  readonly #host: FamilyHost;
  #series = new Map<string, S>();
  #overflows = 0;

  constructor(host: FamilyHost) {
    this.#host = host;
  }

  get size(): number {
    return this.#series.size;
  }

  get(key: string): S | undefined {
    return this.#series.get(key);
  }

  values(): IterableIterator<S> {
    return this.#series.values();
  }

  entries(): IterableIterator<[string, S]> {
    return this.#series.entries();
  }

  /** Which limit a new series of the group would be beyond. Where label sets fold into there is always room. */
  limitOf(key: string, group: Group): SeriesLimit | undefined {
    if (key === group.overflow) return undefined;
    if (this.#series.size - this.#overflows >= this.#host.limits.seriesPerFamily) return 'series_limit';
    return this.#host.quota.limitOf(group.job);
  }

  /** @param key as it was looked up; if it is the text of the labels, that very text is kept instead */
  add(key: string, series: S): void {
    this.#series.set(key === series.labels ? series.labels : key, series);
    if (key === series.group.overflow) this.#overflows++;
    else this.#host.quota.take(series.group.job);
  }

  delete(key: string, series: S): void {
    if (!this.#series.delete(key)) return;
    if (key === series.group.overflow) this.#overflows--;
    else this.#host.quota.giveBack(series.group.job);
  }

  /** Puts another series into the place of each. Whoever is reading goes on with the series as they were. */
  replace(successorOf: (series: S) => S): void {
    const series = new Map<string, S>();
    for (const [key, old] of this.#series) series.set(key, successorOf(old));
    this.#series = series;
  }

  /** Gives every series back. */
  clear(): void {
    for (const [key, series] of this.#series) this.delete(key, series);
  }

  /**
   * Removes the series that are over by way of `drop` and gives others to the groups with which they live on, with a chance to pause after each one.
   * @param hidden labels of the identity that any of them may do without; see {@link FateOf}
   * @param beforeChange called before a series changes its group
   */
  *expire(
    fateOf: FateOf,
    hidden: number,
    drop: (key: string, series: S) => void,
    beforeChange: () => void,
  ): Generator<void, void, undefined> {
    let passed: Map<string, S> | undefined;
    while (passed !== this.#series) {
      passed = this.#series;
      for (const [key, series] of passed) {
        const fate = fateOf(series.group, key === series.group.overflow ? hidden | HIDDEN_IN_OVERFLOW : hidden);
        if (fate === 'over') drop(key, series);
        else if (fate !== undefined) {
          beforeChange();
          this.#move(key, series, fate);
        }
        yield;
        if (passed !== this.#series) break;
      }
    }
  }

  /**
   * Lets a series live with the group that writes to it, if its own is dead. Series have several groups only where job and instance are no labels, or
   * give way to labels that a family declares.
   */
  adopt(key: string, series: S, group: Group): void {
    if (series.group.live === 0 && group.live > 0) this.#move(key, series, group);
  }

  #move(key: string, series: S, group: Group): void {
    if (key !== series.group.overflow) {
      this.#host.quota.giveBack(series.group.job);
      this.#host.quota.take(group.job);
    }
    series.group = group;
  }
}

/** The same text in one piece: V8 keeps a concatenated string as a tree of its parts, at three times the memory. */
export function compact(text: string): string {
  return Buffer.from(text).toString();
}
