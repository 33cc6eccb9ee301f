import type { Contributor, Stake } from './contributor.js';
import type { Holding } from './state-series.js';

/** What a stake needs of its family. */
export interface StakeOwner {
  readonly name: string;
  /** Called before anything changes. */
  changing(): void;
  /** One more, or one less, living producer has announced the family. */
  announce(by: 1 | -1): void;
  /** A holding counts no more. */
  lose(holding: Holding): void;
  /** A holding counts as that of an unknown one from now on. */
  bequeath(holding: Holding): void;
  /** The stake is empty, and its producer dead. */
  release(stake: StateStake): void;
}

/** What one producer holds in one family of states. */
export class StateStake implements Stake {
  readonly contributor: Contributor;
  /** By label set. */
  readonly holdings = new Map<string, Holding>();
  /** Label sets that were removed by a batch which overtook others, with its seq: what those tell of them is outdated. */
  readonly removed = new Map<string, number>();
  readonly #owner: StakeOwner;
  #announces = false;

  constructor(contributor: Contributor, owner: StakeOwner) {
    this.contributor = contributor;
    this.#owner = owner;
    if (contributor.live) this.revived();
  }

  revived(): void {
    if (this.#announces) return;
    this.#announces = true;
    this.#owner.announce(1);
  }

  died(): void {
    const owner = this.#owner;
    owner.changing();
    if (this.#announces) owner.announce(-1);
    this.#announces = false;
    for (const holding of this.holdings.values()) if (holding.series.mode.live) owner.lose(holding);
    this.releaseIfEmpty();
  }

  forgotten(): void {
    this.#owner.changing();
    for (const holding of this.holdings.values()) this.#owner.bequeath(holding);
    this.removed.clear();
    this.releaseIfEmpty();
  }

  sweep(before: number): void {
    this.#owner.changing();
    for (const holding of this.holdings.values()) if (holding.seq < before) this.#owner.lose(holding);
    this.releaseIfEmpty();
  }

  /** No batch up to this seq can come any more. */
  settle(seq: number): void {
    for (const [key, removal] of this.removed) if (removal <= seq) this.removed.delete(key);
    this.releaseIfEmpty();
  }

  releaseIfEmpty(): void {
    if (!this.#announces && this.holdings.size === 0 && this.removed.size === 0) this.#owner.release(this);
  }
}
