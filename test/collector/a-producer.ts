import type { Batch, FamilyDelta, ProducerIdentity } from '../../src/record/batch.js';

/** A producer of tests: numbers its batches as a real one does. */
export class AProducer {
  readonly identity: ProducerIdentity;
  seq = 0;
  produced = 0;
  dropped = 0;
  /** Milliseconds; 0 for a producer that is never taken for dead. */
  heartbeat = 5000;

  constructor(identity: Partial<ProducerIdentity> = {}) {
    this.identity = { job: 'shop', instance: 'here', worker: '0', boot: 'b', ...identity };
  }

  /** Its next batch. All before it count as confirmed unless `oldest` says otherwise. */
  batch(families: readonly FamilyDelta[], parts: Partial<Batch> = {}): Batch {
    this.seq++;
    const { ops = 1 } = parts;
    this.produced += ops;
    return this.#with({ seq: this.seq, oldest: this.seq, ops, families, ...parts });
  }

  /** Tells that it lives. */
  beat(): Batch {
    return this.#with({ seq: this.seq, oldest: this.seq + 1, ops: 0, families: [] });
  }

  #with(parts: Pick<Batch, 'seq' | 'oldest' | 'ops' | 'families'> & Partial<Batch>): Batch {
    const { heartbeat, produced, dropped } = this;
    return { producer: this.identity, heartbeat, produced, dropped, whole: false, goodbye: false, ...parts };
  }
}
