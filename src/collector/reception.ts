import { BatchDecoder } from '../record/batch-decoder.js';
import type { Answer } from '../record/pipe.js';
import type { Collector } from './collector.js';

/** Milliseconds after which a batch that came too early may come again: those before it are under way. */
const LATER = 200;

/** Takes encoded batches for a collector that keeps everything in memory, and says what became of them. */
export class Reception {
  readonly #collector: Collector;
  readonly #decoder = new BatchDecoder();

  constructor(collector: Collector) {
    this.#collector = collector;
  }

  /** Never throws: what can't be read is refused. */
  receive(body: Uint8Array | string): Answer {
    try {
      const batch = this.#decoder.decode(typeof body === 'string' ? Buffer.from(body) : body);
      const verdict = this.#collector.apply(batch);
      if (verdict === 'later') return { kind: 'later', after: LATER };
      if (verdict === 'refused') return { kind: 'refused', reason: 'malformed' };
      return { kind: 'stored', epoch: this.#collector.epochOf(batch.producer) };
    } catch (error) {
      return { kind: 'refused', reason: error instanceof Error ? error.message : String(error) };
    }
  }
}
