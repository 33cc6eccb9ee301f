import type { Batch, ProducerIdentity } from '../../../record/batch.js';
import type { RecordLimits } from '../../../record/record-limits.js';
import { RecordsDecoder } from '../../../record/records-decoder.js';
import type { Collector } from '../../collector.js';
import { Tally } from '../../tally.js';
import type { IntakeRefusal } from './intake-refusal.js';
import { checkRecordRules, type RecordRule } from './record-rule.js';
import { type JobDeltas, RecordsMapper } from './records-mapper.js';

export interface RecordsIntakeOptions {
  /** Which family records become. @default by kind and units */
  readonly rules?: readonly RecordRule[];
  /** Bounds on what a message may hold. */
  readonly limits?: Partial<RecordLimits>;
  /**
   * Whether the records of a job are left out because it sends batches too, which hold the same measurements.
   * @default none is
   */
  readonly sendsBatches?: (job: string) => boolean;
}

/** A message of records that was read and not applied yet. */
export interface RecordsMessage {
  /** What is to be made safe; undefined if there is nothing to apply. */
  readonly payload: Uint8Array | undefined;
  /** Why nothing of it can be read: nobody else will be able to either. */
  readonly fault: string | undefined;
  /** So much is under way that none of it can be taken now. */
  readonly isBusy: boolean;
  /** @internal */
  readonly batches: readonly Batch[];
  /** @internal What of it is left out. */
  readonly refused: readonly RefusedRecords[];
}

interface RefusedRecords {
  readonly job: string;
  readonly reason: IntakeRefusal;
  readonly records: number;
}

/** Jobs whose last number is remembered here; the collector remembers them as well. */
const MAX_JOBS = 10_000;

/** Bytes of the length in front of the numbers. */
const PREFIX = 4;

/**
 * Brings records into a collector. They carry neither identity nor number, so that each job is one producer without instance, whose batches are numbered
 * here: what is applied again from a journal is recognized, what comes again from a broker is not.
 *
 * Where messages are made safe first: `read`; make its `payload` safe; then `apply`, or `release` if that failed. Never throws because of what a message
 * holds.
 */
export class RecordsIntake {
  /** Records that were not applied, by job and reason; by an empty job where that can't be told. */
  readonly refused = new Tally<IntakeRefusal>();
  /** Records that were applied, series limits aside. */
  applied = 0;
  /** Messages that were no records at all. */
  faults = 0;
  readonly #collector: Collector;
  readonly #decoder: RecordsDecoder;
  readonly #mapper: RecordsMapper;
  readonly #sendsBatches: (job: string) => boolean;
  readonly #lastSeqs = new Map<string, number>();
  #underway = 0;

  /** Throws a TypeError or RangeError for rules or limits that make no sense. */
  constructor(collector: Collector, { rules = [], limits, sendsBatches = () => false }: RecordsIntakeOptions = {}) {
    this.#collector = collector;
    this.#decoder = new RecordsDecoder(limits);
    this.#mapper = new RecordsMapper(checkRecordRules(rules));
    this.#sendsBatches = sendsBatches;
  }

  /** Reads a message and reserves what it brings. */
  read(body: Uint8Array): RecordsMessage {
    const { jobs, fault, refused } = this.#decode(body);
    const batches: Batch[] = [];
    for (const deltas of jobs) {
      const reason = this.#reserve(deltas, batches);
      if (reason === 'busy') {
        for (const batch of batches) this.#collector.release(batch);
        return { payload: undefined, fault, isBusy: true, batches: [], refused: [] };
      }
      if (reason !== undefined) refused.push({ job: deltas.job, reason, records: deltas.ops });
    }
    this.#underway += batches.length;
    if (fault !== undefined) this.faults++;
    return { payload: batches.length === 0 ? undefined : enclose(body, batches), fault, isBusy: false, batches, refused };
  }

  /** Applies what was read, once it is as safe as it gets. */
  apply({ batches, refused }: RecordsMessage): void {
    this.#underway -= batches.length;
    // Only now, since a message that can't be made safe comes again.
    for (const { job, reason, records } of refused) this.refused.count(job, reason, records);
    for (const batch of batches) this.#apply(batch);
  }

  /** The message could not be made safe; when it comes again it is new. */
  release({ batches }: RecordsMessage): void {
    this.#underway -= batches.length;
    for (const batch of batches) this.#collector.release(batch);
  }

  /** Applies a payload that was made safe in an earlier life, unless it was applied by then. */
  replay(payload: Uint8Array): void {
    const { body, seqs } = open(payload);
    for (const deltas of this.#decode(body).jobs) {
      const seq = seqs.get(deltas.job);
      if (seq !== undefined) this.#apply(batchOf(deltas, seq));
    }
  }

  #decode(body: Uint8Array): {
    readonly jobs: readonly JobDeltas[];
    readonly fault: string | undefined;
    readonly refused: RefusedRecords[];
  } {
    const { records, refused, fault } = this.#decoder.decode(body);
    const mapped = this.#mapper.map(records);
    // All records of a message have one metric, and with it one job.
    const job = records[0]?.head.job ?? '';
    const unread = Array.from(refused, ([reason, count]) => ({ job, reason, records: count }));
    return { jobs: mapped.jobs, fault, refused: [...unread, ...mapped.refused] };
  }

  #reserve(deltas: JobDeltas, batches: Batch[]): IntakeRefusal | 'busy' | undefined {
    const { job } = deltas;
    if (this.#sendsBatches(job)) return 'job_sends_batches';
    if (this.#lastSeqs.size >= MAX_JOBS && this.#underway === 0) this.#lastSeqs.clear();
    const last = this.#lastSeqs.get(job) ?? this.#collector.producers.find(producerOf(job))?.contributor.lastSeq ?? 0;
    const batch = batchOf(deltas, last + 1);
    if (this.#collector.check(batch) !== 'new') {
      // Of a job that is known, too many messages are under way to tell their numbers apart.
      return this.#collector.producers.find(batch.producer) === undefined ? 'producers_limit' : 'busy';
    }
    this.#collector.reserve(batch);
    this.#lastSeqs.set(job, batch.seq);
    batches.push(batch);
    return undefined;
  }

  #apply(batch: Batch): void {
    const applied = this.#collector.producers.find(batch.producer)?.totals.applied ?? 0;
    if (this.#collector.apply({ ...batch, produced: applied + batch.ops }) === 'new') this.applied += batch.ops;
  }
}

/** Each job is one producer, which is never taken for dead: records tell nothing of who sends them. */
function producerOf(job: string): ProducerIdentity {
  return { job, instance: '', worker: '', boot: 'records' };
}

function batchOf({ job, ops, families }: JobDeltas, seq: number): Batch {
  const unknown = { heartbeat: 0, dropped: 0, whole: false, goodbye: false };
  return { producer: producerOf(job), seq, oldest: seq, ops, produced: ops, families, ...unknown };
}

/** The message as it came, behind the numbers of what it brings: without them nobody could tell whether it was applied. */
function enclose(body: Uint8Array, batches: readonly Batch[]): Uint8Array {
  const seqs = Buffer.from(JSON.stringify(batches.map(({ producer, seq }) => [producer.job, seq])));
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32LE(seqs.length);
  return Buffer.concat([prefix, seqs, body]);
}

function open(payload: Uint8Array): { readonly body: Uint8Array; readonly seqs: ReadonlyMap<string, number> } {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const end = PREFIX + bytes.readUInt32LE(0);
  return { body: bytes.subarray(end), seqs: new Map(JSON.parse(bytes.toString('utf8', PREFIX, end)) as [string, number][]) };
}
