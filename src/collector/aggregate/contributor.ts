import type { Group } from './group.js';

/** A producer as its share in the families: what it has written, and whether that still counts. */
export class Contributor {
  /** Never used again, from 1 on; {@link SHARED} stands for several. */
  readonly id: number;
  /** Slot of its worker. */
  readonly worker: string;
  readonly group: Group;
  /** What it has in each family, by name. */
  readonly stakes = new Map<string, Stake>();
  live = true;
  /** Highest seq applied. */
  lastSeq = 0;
  /** States written by this seq or an older one are gone with the life that wrote them. */
  floor = 0;
  /** Whole states that were told, but of which parts or older batches may still come. */
  wholes: readonly WholeState[] = [];

  constructor(id: number, worker: string, group: Group) {
    this.id = id;
    this.worker = worker;
    this.group = group;
  }
}

/** The batches `from` to `seq` together hold every state of their producer. */
export interface WholeState {
  readonly from: number;
  readonly seq: number;
}

/** Stands for the producers of a series that several have written to. */
export const SHARED = 0;

/** What one producer has in one family. */
export interface Stake {
  /** The producer is dead: what counts only while it lives is gone. */
  died(): void;
  /** It was only silent. */
  revived(): void;
  /** Nothing of it will be recognized any more. */
  forgotten(): void;
  /** Takes away the states that were written before this seq. */
  sweep(before: number): void;
}

/** From whom a delta comes, and when. */
export interface Origin {
  readonly contributor: Contributor;
  readonly seq: number;
  /** No batch of the producer up to this seq can come any more, but for this one itself. */
  readonly settled: number;
  /** True if the batch tells states that may have not changed. */
  readonly isWhole: boolean;
  /** Grows with every batch of whatever producer. */
  readonly stamp: number;
}
