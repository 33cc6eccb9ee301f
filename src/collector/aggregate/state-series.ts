import type { ExposedSeries } from '../../exposition/exposed-family.js';
import type { Slice } from '../../record/arena.js';
import type { Contributor } from './contributor.js';
import type { Group } from './group.js';

/** A series that shows what producers hold: for each of them its last state. */
export class StateSeries implements ExposedSeries {
  /** What tells it apart in its family. */
  readonly key: string;
  readonly labels: string;
  readonly cells: Float64Array;
  readonly offset: number;
  group: Group;
  mode: StateMode;
  /** The newest first. */
  holders: Holding | undefined;
  legacy: Legacy | undefined;
  /** Whether the cells are to be reckoned anew before anybody reads them. */
  isStale = true;

  constructor(key: string, labels: string, { cells, offset }: Slice, group: Group, mode: StateMode) {
    this.key = key;
    this.labels = labels;
    this.cells = cells;
    this.offset = offset;
    this.group = group;
    this.mode = mode;
  }

  /** Whether there is anything to show. */
  get isHeld(): boolean {
    if (!this.mode.live) return this.holders !== undefined || this.legacy !== undefined;
    for (let holding = this.holders; holding !== undefined; holding = holding.next) if (holding.contributor.live) return true;
    return false;
  }

  link(holding: Holding): void {
    holding.next = this.holders;
    this.holders = holding;
    this.isStale = true;
  }

  unlink(holding: Holding): void {
    this.isStale = true;
    if (this.holders === holding) {
      this.holders = holding.next;
      return;
    }
    for (let before = this.holders; before !== undefined; before = before.next) {
      if (before.next !== holding) continue;
      before.next = holding.next;
      return;
    }
  }
}

/** What one producer holds in one series. */
export class Holding {
  readonly contributor: Contributor;
  /** What tells the label set apart among those of the producer. */
  readonly key: string;
  readonly series: StateSeries;
  value: number;
  /** The batch that wrote it: an older one never overwrites it. */
  seq: number;
  /** When it changed, in the order of all batches of all producers. */
  stamp: number;
  next: Holding | undefined;

  constructor(contributor: Contributor, key: string, series: StateSeries, value: number, seq: number, stamp: number) {
    this.contributor = contributor;
    this.key = key;
    this.series = series;
    this.value = value;
    this.seq = seq;
    this.stamp = stamp;
    this.next = undefined;
  }
}

/** What forgotten producers have left behind in a series that keeps the values of the dead. */
export interface Legacy {
  readonly value: number;
  /** How many producers that is. */
  readonly weight: number;
  /** The newest change. */
  readonly stamp: number;
}

/** How the states of several producers become what one series shows. */
export interface StateMode {
  readonly name: string;
  /** Whether only living producers count. */
  readonly live: boolean;
  /** Whether each worker has a series of its own. */
  readonly byWorker: boolean;
  /** What the series shows; something is held. */
  fold(series: StateSeries): number;
  /** What is left of a producer that is forgotten, together with those before it. */
  bequeath(legacy: Legacy | undefined, holding: Holding): Legacy;
}

/** The holder that changed last among those that count. */
export function newestHolder({ mode, holders }: StateSeries): Holding | undefined {
  let newest: Holding | undefined;
  for (let holding = holders; holding !== undefined; holding = holding.next) {
    if (mode.live && !holding.contributor.live) continue;
    if (newest === undefined || holding.stamp > newest.stamp) newest = holding;
  }
  return newest;
}
