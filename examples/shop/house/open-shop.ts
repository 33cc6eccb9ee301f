import type { DiagnosticCount } from 'phanos';
import type { Ledger } from './ledger.js';

/** What a shop needs to open. */
export interface HouseOptions {
  /** Worker processes; 0 opens it in this process. */
  readonly workers: number;
  /** Port of the shop; 0 takes any free one. */
  readonly port: number;
  readonly supplierUrl: string;
}

/** A shop that is open, in whatever processes it is. */
export interface OpenShop {
  readonly url: string;
  readonly ledger: Ledger;
  /** In their order; none if the shop is in this process. */
  readonly workers: readonly WorkerStatus[];
  /** Never resolves; rejects when the shop can't go on. */
  readonly broken: Promise<never>;
  /** Kills the worker that has been open for longest; without workers it does nothing. */
  killOldest(): void;
  /** Answers what is under way, has everything counted, and ends. Resolves with what phanos could not measure. */
  close(): Promise<readonly DiagnosticCount[]>;
}

/** One place of the cluster and who fills it. */
export interface WorkerStatus {
  /** From 1. */
  readonly number: number;
  readonly pid: number | undefined;
  /** Seconds since it opened; undefined while it starts. */
  readonly up: number | undefined;
  /** Processes that have died in this place. */
  readonly deaths: number;
}

/** The end of a worker that nobody had told to end. */
export interface WorkerDeath {
  readonly pid: number;
  /** A time of `Date.now`: that of the kill, or when it became known. */
  readonly at: number;
}
