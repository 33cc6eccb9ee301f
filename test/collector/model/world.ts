import { Collector } from '../../../src/collector/collector.js';
import type { SnapshotSlice } from '../../../src/collector/snapshot/snapshot-slice.js';
import type { ProducerIdentity } from '../../../src/record/batch.js';
import { parseText } from '../../exposition/parse-text.js';
import { contents, sketchOf } from '../../sketch/a-sketch.js';
import { familiesOf, type ModelBatch, type Told } from './model-batch.js';
import { Oracle } from './oracle.js';

/** A producer of the model: what it has frozen, and what it knows to be confirmed. */
interface ModelProducer {
  readonly identity: ProducerIdentity;
  /** All batches there ever were, in order. */
  readonly frozen: ModelBatch[];
  readonly unconfirmed: Set<number>;
}

/** Some producers, a collector with a journal, and an oracle that is told the same. */
export class World {
  readonly producers: readonly ModelProducer[] = ['0', '1', '1', '2'].map((worker, i) => ({
    identity: { job: 'shop', instance: 'here', worker, boot: `boot ${i}` },
    frozen: [],
    unconfirmed: new Set(),
  }));
  #now = 0;
  #collector = new Collector({ clock: () => this.#now, epoch: 'e' });
  #oracle = new Oracle();
  /** What was made safe, in order, the applied and the reserved. */
  readonly #journal: ModelBatch[] = [];
  /** Journaled, not applied. */
  #pending: ModelBatch[] = [];
  #snapshot = { slices: new Collector().snapshot() as Iterable<SnapshotSlice>, oracle: new Oracle(), position: 0 };

  constructor() {
    this.snapshot();
  }

  produce(index: number, told: Told, { whole, goodbye }: { readonly whole: 'no' | 'yes' | 'split'; readonly goodbye: boolean }): void {
    const { frozen, unconfirmed } = this.producers[index]!;
    if (unconfirmed.size >= 16) return;
    const first = frozen.length + 1;
    if (whole === 'split') this.#freeze(index, { ...told, states: told.states.slice(1), adds: [] }, {});
    const last = { ...told, states: whole === 'split' ? told.states.slice(0, 1) : told.states };
    this.#freeze(index, last, { whole: whole !== 'no', goodbye, ...(whole === 'split' && { wholeFrom: first }) });
  }

  /** A batch of this producer arrives, for the first time or again: from the end if `pick` is small. */
  deliver(index: number, pick: number): void {
    const batch = this.#pick(index, pick);
    if (batch === undefined) return;
    if (this.#check(batch) === 'new') {
      this.#reserve(batch);
      this.#journal.push(batch);
    }
    this.#apply(batch);
  }

  /** A batch arrives and can't be made safe. */
  failToStore(index: number, pick: number): void {
    const batch = this.#pick(index, pick);
    if (batch === undefined || this.#check(batch) !== 'new') return;
    this.#reserve(batch);
    this.#collector.release(batch);
    this.#oracle.release(batch);
  }

  /** A batch arrives and is safe, but not applied yet. */
  store(index: number, pick: number): void {
    const batch = this.#pick(index, pick);
    if (batch === undefined || this.#check(batch) !== 'new') return;
    this.#reserve(batch);
    this.#journal.push(batch);
    this.#pending.push(batch);
  }

  /** What is safe is applied. */
  applyStored(): void {
    for (const batch of this.#pending) this.#apply(batch);
    this.#pending = [];
  }

  /** The producer learns what the collector has of it. */
  confirm(index: number): void {
    const { frozen, unconfirmed } = this.producers[index]!;
    for (const seq of unconfirmed) if (this.#check(frozen[seq - 1]!) === 'duplicate') unconfirmed.delete(seq);
  }

  /** Somebody refuses the oldest batch of the producer for good. */
  giveUp(index: number): void {
    const { unconfirmed } = this.producers[index]!;
    const [oldest] = unconfirmed;
    if (oldest !== undefined) unconfirmed.delete(oldest);
  }

  beat(index: number): void {
    const { identity, frozen, unconfirmed } = this.producers[index]!;
    if (unconfirmed.size > 0) return;
    this.#apply(
      batchOf(identity, {
        seq: frozen.length,
        oldest: frozen.length + 1,
        families: [],
        ops: 0,
        told: { adds: [], states: [], removed: [] },
      }),
    );
  }

  end(index: number): void {
    const { identity } = this.producers[index]!;
    this.#collector.end({ boot: identity.boot });
    this.#oracle.end(identity.boot);
  }

  pass(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      this.#now += 1000;
      this.#collector.tick();
      this.#oracle.tick(this.#now);
    }
  }

  /** Begins a snapshot, which is read when it is needed: by then much may have changed. */
  snapshot(): void {
    const [firstPending] = this.#pending;
    const position = firstPending === undefined ? this.#journal.length : this.#journal.indexOf(firstPending);
    this.#snapshot = { slices: this.#collector.snapshot(), oracle: this.#oracle.copy(), position };
  }

  /** The collector dies and comes back from the last snapshot and the journal behind it. */
  async crash(): Promise<void> {
    const { slices, oracle, position } = this.#snapshot;
    const written = Array.from(slices, (slice) => JSON.stringify(slice));
    this.#collector = new Collector({ clock: () => this.#now });
    await this.#collector.restore(written.map((slice) => JSON.parse(slice) as SnapshotSlice));
    this.#oracle = oracle;
    this.#oracle.wakeUp(this.#now);
    this.#pending = [];
    for (const batch of this.#journal.slice(position)) if (this.#check(batch) === 'new') this.#apply(batch);
    this.snapshot();
  }

  /** Everything that was produced arrives in the end. */
  settle(): void {
    this.applyStored();
    for (const [index, { frozen, unconfirmed }] of this.producers.entries()) {
      for (const seq of [...unconfirmed].reverse()) this.deliver(index, frozen.length - seq);
      this.confirm(index);
      if (unconfirmed.size > 0) throw new Error(`producer ${index} waits for ${[...unconfirmed].join(', ')}`);
    }
  }

  /** The counters that are shown. */
  get counters(): Map<string, number> {
    return new Map(
      Array.from(this.#collector.text().matchAll(/^c_total\{a="(.*)"\} (.*)$/gm), ([, label, value]) => [label!, Number(value)]),
    );
  }

  /** What the counters are to be by arithmetic alone: everything that was made safe, once. */
  get stored(): Map<string, number> {
    const sums = new Map<string, number>();
    for (const { told } of new Set(this.#journal)) for (const [label, add] of told.adds) sums.set(label, (sums.get(label) ?? 0) + add);
    return sums;
  }

  /** What the sketches of the histogram hold. */
  get sketches(): Map<string, unknown> {
    const series = [...this.#collector.families].filter(({ name }) => name === 'h').flatMap((family) => [...family.series]);
    return new Map(series.map(({ labels, sketch }) => [labels, sketch && contents(sketch)]));
  }

  /** What they are to hold: everything that was made safe, once. */
  get storedSketches(): Map<string, unknown> {
    const values = new Map<string, number[]>();
    for (const { told } of new Set(this.#journal)) {
      for (const [label, add] of told.adds) values.set(label, [...(values.get(label) ?? []), add, -add]);
    }
    return new Map(Array.from(values, ([label, list]) => [`a="${label}"`, contents(sketchOf(list))]));
  }

  /** Everything that is shown but the buckets of the histogram, as `name{labels}: value`. */
  get shown(): Record<string, number> {
    const families = parseText(this.#collector.text()).filter(({ name }) => name !== 'h');
    const samples = families.flatMap((family) => family.samples);
    const textOf = (labels: Readonly<Record<string, string>>): string =>
      Object.entries(labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(',');
    return Object.fromEntries(samples.map(({ name, labels, value }) => [`${name}{${textOf(labels)}}`, value]));
  }

  /** What the oracle says is to be shown. */
  get expected(): Record<string, number> {
    return this.#oracle.shown();
  }

  #freeze(index: number, told: Told, parts: Partial<ModelBatch>): void {
    const { identity, frozen, unconfirmed } = this.producers[index]!;
    const seq = frozen.length + 1;
    const [oldest = seq] = unconfirmed;
    frozen.push(batchOf(identity, { seq, oldest, families: familiesOf(told), told, ...parts }));
    unconfirmed.add(seq);
  }

  #pick(index: number, pick: number): ModelBatch | undefined {
    return this.producers[index]!.frozen.at(-1 - pick);
  }

  #check(batch: ModelBatch): string {
    const verdict = this.#collector.check(batch);
    agree(verdict, this.#oracle.check(batch));
    return verdict;
  }

  #reserve(batch: ModelBatch): void {
    this.#collector.reserve(batch);
    this.#oracle.reserve(batch, this.#now);
  }

  #apply(batch: ModelBatch): void {
    agree(this.#collector.apply(batch), this.#oracle.apply(batch, this.#now));
  }
}

function batchOf(
  producer: ProducerIdentity,
  parts: Pick<ModelBatch, 'seq' | 'oldest' | 'families' | 'told'> & Partial<ModelBatch>,
): ModelBatch {
  return { producer, heartbeat: 5000, ops: 1, produced: parts.seq, dropped: 0, whole: false, goodbye: false, ...parts };
}

function agree(verdict: string, expected: string): void {
  if (verdict !== expected) throw new Error(`the collector says '${verdict}' of a batch, the oracle says '${expected}'`);
}
