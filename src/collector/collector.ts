import type { Clock } from '../diagnostics/clock.js';
import type { ExposedFamily } from '../exposition/exposed-family.js';
import { renderText } from '../exposition/text.js';
import type { Batch } from '../record/batch.js';
import { Aggregate } from './aggregate/aggregate.js';
import type { AdjustmentReason, RefusalReason } from './aggregate/refusal.js';
import { type CollectorLimits, normalizeCollectorLimits } from './limits.js';
import { ownFamilies } from './own-families.js';
import { SelfMetrics } from './self-metrics.js';
import type { Tally } from './tally.js';

export interface CollectorOptions {
  /** Bounds on what is kept; each has a default of its own. */
  readonly limits?: Partial<CollectorLimits>;
  /** Milliseconds for scrape durations. @default the monotonic clock */
  readonly clock?: Clock;
}

/** Adds up batches and shows what they come to. */
export class Collector {
  /** How the collector itself is doing. */
  readonly self: SelfMetrics;
  readonly #aggregate: Aggregate;

  constructor(options: CollectorOptions = {}) {
    this.#aggregate = new Aggregate(normalizeCollectorLimits(options.limits));
    this.self = new SelfMetrics(options.clock);
  }

  /** Applies every row that can be applied, and counts the others by family and reason. Never throws. */
  apply(batch: Batch): void {
    if (!Array.isArray(batch?.families)) {
      this.#aggregate.refused.count('', 'malformed');
      return;
    }
    this.self.batches += 1;
    if (Number.isSafeInteger(batch.ops) && batch.ops > 0) this.self.operations += batch.ops;
    for (const family of batch.families) this.#aggregate.apply(family);
  }

  /** In order of first appearance; live, so they show what is applied while one reads. */
  get families(): Iterable<ExposedFamily> {
    return this.#aggregate.families;
  }

  /** Rows that were not applied, by family and reason. */
  get refused(): Pick<Tally<RefusalReason>, 'entries' | 'of' | 'total'> {
    return this.#aggregate.refused;
  }

  /** Rows that were applied in another way than they came, by family and reason. */
  get adjusted(): Pick<Tally<AdjustmentReason>, 'entries' | 'of' | 'total'> {
    return this.#aggregate.adjusted;
  }

  /** The collector's own metrics, `phanos_collector_*`, as of now. */
  get ownFamilies(): Iterable<ExposedFamily> {
    return ownFamilies(this.self, this.#aggregate);
  }

  /** Everything in text format 0.0.4, in chunks of about 64 kB. */
  chunks(): Iterable<string> {
    return renderText(this.families);
  }

  /** Everything in text format 0.0.4 at once. */
  text(): string {
    return [...this.chunks()].join('');
  }
}
