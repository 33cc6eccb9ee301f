import { BatchDecoder, type DecodedBatch } from '../record/batch-decoder.js';
import { unpackBatch } from '../record/batch-packing.js';
import type { Answer } from '../record/pipe.js';
import type { Collector } from './collector.js';

/** A batch that came too early may come again in a moment: those before it are under way. */
const EARLY: Answer = { kind: 'later', after: 200, early: true };
/** What is said while nothing can be made safe. */
export const UNSAFE: Answer = { kind: 'later', after: 1000 };

/** Where what happens is made safe before it has an effect. */
export interface Keeper {
  /** False while nothing may be acknowledged, not even what was applied before. */
  isReady(): boolean;
  /** Resolves once the batch is as safe as it gets; rejects if it can't be made safe now. */
  keep(body: Uint8Array): Promise<void>;
}

/** Takes encoded batches for a collector, and says what became of them. */
export class Reception {
  readonly #collector: Collector;
  readonly #keeper: Keeper | undefined;
  readonly #decoder = new BatchDecoder();

  /** @param keeper absent where memory is safe enough */
  constructor(collector: Collector, keeper?: Keeper) {
    this.#collector = collector;
    this.#keeper = keeper;
  }

  /**
   * Never rejects: what can't be read is refused.
   * @param encoding content encoding of the body; none if it is absent
   */
  async receive(body: Uint8Array | string, encoding?: string): Promise<Answer> {
    let plain: Uint8Array;
    let batch: DecodedBatch;
    try {
      plain = unpackBatch(typeof body === 'string' ? Buffer.from(body) : body, encoding);
      batch = this.#decoder.decode(plain);
    } catch (error) {
      this.#collector.countUnreadable();
      return { kind: 'refused', reason: error instanceof Error ? error.message : String(error) };
    }
    return this.#keeper === undefined ? this.#apply(batch) : this.#keepAndApply(batch, plain, this.#keeper);
  }

  /** Applies a batch that was made safe before this process began. */
  replay(body: Uint8Array): void {
    this.#apply(this.#decoder.decode(body));
  }

  async #keepAndApply(batch: DecodedBatch, plain: Uint8Array, keeper: Keeper): Promise<Answer> {
    const collector = this.#collector;
    const verdict = collector.check(batch);
    if (verdict === 'refused') return this.#apply(batch);
    const isLater = verdict === 'later';
    if (isLater || !keeper.isReady()) {
      // Whoever is sent away lives all the same. That one was silent only can't be known for good now, so it is not yet.
      if (!collector.isSilent(batch.producer)) collector.postpone(batch);
      return isLater ? EARLY : UNSAFE;
    }
    if (verdict === 'new') collector.reserve(batch);
    else if (!collector.learnsFrom(batch)) return this.#apply(batch);
    try {
      await keeper.keep(plain);
    } catch {
      // Why, the keeper tells. Whatever it is, the batch is to come again.
      if (verdict === 'new') collector.release(batch);
      return UNSAFE;
    }
    return this.#apply(batch);
  }

  #apply(batch: DecodedBatch): Answer {
    const verdict = this.#collector.apply(batch);
    if (verdict === 'later') return EARLY;
    if (verdict === 'refused') return { kind: 'refused', reason: 'malformed' };
    if (verdict === 'new') this.#collector.countRefused(batch.refused);
    return { kind: 'stored', epoch: this.#collector.epochOf(batch.producer) };
  }
}
