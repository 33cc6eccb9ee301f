import type { Contributor, Stake } from './contributor.js';
import type { Layout } from './layout.js';

/** What a living producer has announced for a family; what it has counted is not its own any more. */
export class AdditiveStake implements Stake {
  readonly contributor: Contributor;
  readonly layouts: Layout[] = [];
  /** Whether it sends sketches. */
  sketches = false;
  readonly #leave: () => void;

  constructor(contributor: Contributor, leave: () => void) {
    this.contributor = contributor;
    this.#leave = leave;
  }

  died(): void {
    this.#leave();
  }

  revived(): void {}

  forgotten(): void {}

  sweep(): void {}
}
