import { type Clock, monotonicClock } from '../diagnostics/clock.js';
import { consoleLogger, type Logger } from '../diagnostics/logger.js';
import type { ProducerIdentity } from '../record/batch.js';
import type { Answer } from '../record/pipe.js';
import { Collector, type CollectorOptions } from './collector.js';
import { type End, type Envelope, openEnvelope, sealBatch, sealEnd, sealEpoch, sealRecords } from './envelope.js';
import { RecordsIntake, type RecordsIntakeOptions } from './ingest/records/records-intake.js';
import { Journal, type JournalFigures, type JournalState } from './journal/journal.js';
import type { Durability, JournaledState, JournalOptions } from './journal/journal-options.js';
import type { Recovered } from './journal/recovery.js';
import { type Keeper, Reception, UNSAFE } from './reception.js';
import type { SnapshotSlice } from './snapshot/snapshot-slice.js';
import { Timeline } from './timeline.js';

export interface DurableCollectorOptions extends Pick<CollectorOptions, 'identityLabels' | 'limits'> {
  /** Folder that belongs to this collector alone; made if it is missing. Without one, everything is in memory only. */
  readonly directory?: string | undefined;
  /** @default 'group' */
  readonly durability?: Durability | undefined;
  /**
   * Start even if what is stored is damaged, with the state as far as it can be read.
   * @default false
   */
  readonly allowStateLoss?: boolean | undefined;
  /** Bytes of records that call for a snapshot. @default 67_108_864 (64 MiB) */
  readonly snapshotBytes?: number | undefined;
  /** How records of the first wire are read. */
  readonly records?: RecordsIntakeOptions | undefined;
  /** @default the console */
  readonly logger?: Logger | undefined;
  /** Milliseconds, for the time that passes while it runs. @default the monotonic clock */
  readonly clock?: Clock | undefined;
  /** Milliseconds since 1970, for the time that has passed over a restart. @default Date.now */
  readonly wallClock?: Clock | undefined;
  /** @default the real file system */
  readonly fs?: JournalOptions['fs'];
}

/** Milliseconds between two ticks that are made up for in a replay. */
const TICK = 1000;
/** Milliseconds of a gap in a journal that are made up for: after two days whatever time brings has come. */
const LONGEST_GAP = 48 * 3_600_000;

/**
 * A collector that has forgotten nothing after any crash: what it acknowledged is there again, with all that it knew of who had sent what.
 *
 * The order is: check, journal, sync, apply, acknowledge. So nothing is shown that is not safe, and nothing is acknowledged that is not shown. Whatever
 * has a lasting effect takes this way, ends of producers too, and has its effect in the order of the journal: then a replay comes to the same.
 */
export class DurableCollector {
  readonly collector: Collector;
  /** Records of the first wire. */
  readonly records: RecordsIntake;
  readonly #reception: Reception;
  readonly #timeline: Timeline;
  readonly #logger: Logger;
  #journal: Journal | undefined;
  /** Whether the epoch that the collector has is in its journal. */
  #isEpochKept = false;

  private constructor(options: DurableCollectorOptions) {
    const { directory, limits, identityLabels = true, records, logger, clock = monotonicClock, wallClock = Date.now } = options;
    this.#timeline = new Timeline(clock, wallClock);
    this.#logger = logger ?? consoleLogger();
    this.collector = new Collector({
      ...(limits === undefined ? {} : { limits }),
      identityLabels,
      clock: () => this.#timeline.now(),
      ...(directory === undefined ? {} : { onSilence: (identity) => this.#silent(identity) }),
    });
    this.records = new RecordsIntake(this.collector, records);
    this.#reception = new Reception(this.collector, directory === undefined ? undefined : this.#keeper());
  }

  /** Brings back what the folder holds. Rejects as `Journal.open` does: DATA_DIR_LOCKED, JOURNAL_CORRUPT, JOURNAL_STATE_LOST, JOURNAL_FAILED. */
  static async open(options: DurableCollectorOptions = {}): Promise<DurableCollector> {
    const durable = new DurableCollector(options);
    if (options.directory !== undefined) await durable.#open(options.directory, options);
    return durable;
  }

  /** Whether batches are taken, and if not, why. */
  get state(): JournalState {
    return this.#journal?.state ?? { ready: true };
  }

  /** Undefined where everything is in memory only. */
  get figures(): JournalFigures | undefined {
    return this.#journal?.figures;
  }

  /** What a start found; undefined where everything is in memory only. */
  get recovered(): Recovered | undefined {
    return this.#journal?.recovered;
  }

  /**
   * Takes an encoded batch. Never rejects: what can't be read is refused, what can't be made safe now is to come later.
   * @param encoding content encoding of the body; none if it is absent
   */
  receive(body: Uint8Array, encoding?: string): Promise<Answer> {
    return this.#reception.receive(body, encoding);
  }

  /** Takes a message of records of the first wire; the same comes again counts again. Never rejects, as {@link receive}. */
  async receiveRecords(body: Uint8Array): Promise<Answer> {
    if (!this.state.ready) return UNSAFE;
    const message = this.records.read(body);
    if (message.fault !== undefined) return { kind: 'refused', reason: message.fault };
    if (message.isBusy) return UNSAFE;
    try {
      if (message.payload !== undefined) await this.#journal?.append(sealRecords(this.#timeline.now(), message.payload));
    } catch {
      this.records.release(message);
      return UNSAFE;
    }
    this.records.apply(message);
    return { kind: 'stored', epoch: this.collector.epoch };
  }

  /**
   * Tells that producers have ended, all those that have these parts of an identity, and returns how many they are. Rejects with JOURNAL_FAILED, JOURNAL_BUSY
   * or CLOSED where that can't be made safe; they are found silent then.
   */
  async end(identity: Partial<ProducerIdentity>): Promise<number> {
    const ended = this.collector.producers.matching(identity).map((state) => this.#end('exit', state.identity));
    await Promise.all(ended);
    return ended.length;
  }

  /** Whether whoever lives can be heard now: while the way from producers is cut, their silence is no sign of death. Then they get all their time again. */
  hear(isPossible: boolean): void {
    const { producers } = this.collector;
    if (isPossible) producers.resumeWatch(this.#timeline.now());
    else producers.suspendWatch();
  }

  /** Takes a snapshot, so that the next start replays little. Rejects with JOURNAL_FAILED or CLOSED. */
  async snapshot(): Promise<void> {
    await this.#journal?.snapshot();
  }

  /** Settles what was received and frees the folder. */
  async close(): Promise<void> {
    await this.#journal?.close();
  }

  async #open(directory: string, options: DurableCollectorOptions): Promise<void> {
    const { durability, allowStateLoss, snapshotBytes, fs } = options;
    const { producers, self } = this.collector;
    producers.suspendWatch();
    this.#journal = await Journal.open({
      directory,
      state: this.#journaledState(),
      durability,
      allowStateLoss,
      snapshotBytes,
      logger: this.#logger,
      fs,
    });
    this.#timeline.resume();
    producers.resumeWatch(this.#timeline.now());
    this.collector.tick();
    // What the journal does not hold would be back in part only, and a counter that went down by a little would pass for a great increase.
    self.batches = { duplicate: 0, heartbeat: 0, later: 0, refused: 0, applied: self.batches.applied };
    this.records.applied = 0;
    if (this.#journal.recovered.lost !== undefined) {
      this.collector.epoch = globalThis.crypto.randomUUID();
      this.#isEpochKept = false;
    }
    // Without it the next start has another one, and producers tell their states again for nothing.
    if (!this.#isEpochKept) await this.#journal.append(sealEpoch(this.#timeline.now(), this.collector.epoch)).catch(() => undefined);
  }

  #keeper(): Keeper {
    return {
      isReady: () => this.state.ready,
      keep: (body) => this.#journal!.append(sealBatch(this.#timeline.now(), body)),
    };
  }

  #journaledState(): JournaledState {
    return {
      restore: (slices) => this.#restore(slices),
      replay: (payload) => {
        const envelope = openEnvelope(payload);
        this.#catchUp(envelope.at);
        this.#replay(envelope);
      },
      beginSnapshot: () => written(this.#timeline.now(), this.collector.snapshot()),
    };
  }

  async #restore(slices: AsyncIterable<Buffer>): Promise<void> {
    const parsed = slicesIn(slices);
    const { value } = (await parsed.next()) as { readonly value: SnapshotHead };
    this.#timeline.replay(value.at);
    await this.collector.restore(parsed as AsyncGenerator<SnapshotSlice>);
    this.#isEpochKept = true;
  }

  #replay(envelope: Envelope): void {
    switch (envelope.kind) {
      case 'batch':
        return this.#reception.replay(envelope.body);
      case 'records':
        return this.records.replay(envelope.body);
      case 'end':
        this.collector.end(envelope.identity, envelope.cause);
        return;
      case 'epoch':
        this.collector.epoch = envelope.epoch;
        this.#isEpochKept = true;
    }
  }

  /** Lets the time until then pass in the steps in which it passed: what was forgotten or had expired when a record came is gone in a replay too. */
  #catchUp(at: number): void {
    const { producers } = this.collector;
    const end = Math.min(at, this.#timeline.now() + LONGEST_GAP);
    if (producers.size > 0) {
      for (let time = this.#timeline.now() + TICK; time < end; time += TICK) {
        this.#timeline.replay(time);
        this.collector.tick();
      }
    }
    this.#timeline.replay(at);
  }

  async #end(cause: End, identity: ProducerIdentity): Promise<void> {
    await this.#journal?.append(sealEnd(this.#timeline.now(), cause, identity));
    this.collector.end(identity, cause);
  }

  /** Whose death can't be written down now goes on living for a while. */
  #silent(identity: ProducerIdentity): void {
    this.#end('silent', identity).catch(() => this.collector.producers.watch(identity, this.#timeline.now()));
  }
}

/** Goes before the collector's own slices: the time to which all that they hold of times refers. */
interface SnapshotHead {
  readonly at: number;
}

async function* slicesIn(slices: AsyncIterable<Buffer>): AsyncGenerator<unknown, void, undefined> {
  for await (const slice of slices) yield JSON.parse(slice.toString());
}

function* written(at: number, slices: Iterable<SnapshotSlice>): Generator<Uint8Array, void, undefined> {
  const head: SnapshotHead = { at };
  yield Buffer.from(JSON.stringify(head));
  for (const slice of slices) yield Buffer.from(JSON.stringify(slice));
}
