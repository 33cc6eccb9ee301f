import { type Clock, monotonicClock } from '../diagnostics/clock.js';
import { consoleLogger, type Logger } from '../diagnostics/logger.js';
import type { Answer } from '../record/pipe.js';
import { Collector, type CollectorOptions } from './collector.js';
import { openEnvelope, sealBatch, sealDeath } from './envelope.js';
import { Journal, type JournalFigures, type JournalState } from './journal/journal.js';
import type { Durability, JournaledState, JournalOptions, Slices } from './journal/journal-options.js';
import type { Recovered } from './journal/recovery.js';
import { type Keeper, Reception } from './reception.js';
import type { SnapshotSlice } from './snapshot/snapshot-slice.js';

export interface DurableCollectorOptions extends Pick<CollectorOptions, 'limits' | 'identityLabels'> {
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
  /** @default the console */
  readonly logger?: Logger | undefined;
  /** Milliseconds, for the lives of producers. @default the monotonic clock */
  readonly clock?: Clock | undefined;
  /** Milliseconds since 1970, to tell after a restart how long ago something was. @default Date.now */
  readonly wallClock?: Clock | undefined;
  /** @default the real file system */
  readonly fs?: JournalOptions['fs'];
}

/**
 * A collector that has forgotten nothing after any crash: what it acknowledged is there again, with all that it knew of who had sent what.
 *
 * The order is: check, journal, sync, apply, acknowledge. So nothing is shown that is not safe, and nothing is acknowledged that is not shown.
 */
export class DurableCollector {
  readonly collector: Collector;
  readonly #reception: Reception;
  readonly #wallClock: Clock;
  readonly #logger: Logger;
  #journal: Journal | undefined;
  /** While the journal is replayed: when the record that is replayed came. */
  #then: number | undefined;

  private constructor(options: DurableCollectorOptions) {
    const { directory, limits, identityLabels = true, logger, clock = monotonicClock, wallClock = Date.now } = options;
    this.#wallClock = wallClock;
    this.#logger = logger ?? consoleLogger();
    this.collector = new Collector({
      ...(limits === undefined ? {} : { limits }),
      identityLabels,
      clock: () => this.#then ?? clock(),
      onDeath: (identity, cause) => this.#note(sealDeath(wallClock(), identity, cause)),
    });
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

  /** Takes a snapshot, so that the next start replays little. Rejects with JOURNAL_FAILED or CLOSED. */
  async snapshot(): Promise<void> {
    await this.#journal?.snapshot();
  }

  /** Settles what was received and frees the folder. */
  async close(): Promise<void> {
    await this.#journal?.close();
  }

  async #open(directory: string, options: DurableCollectorOptions): Promise<void> {
    const { clock = monotonicClock, durability, allowStateLoss, snapshotBytes, fs } = options;
    const { producers } = this.collector;
    // The time between a receipt and now, by the wall clock, laid on the monotonic one; a wall clock that was set back is no time machine.
    const origin = { monotonic: clock(), wall: this.#wallClock() };
    const momentOf = (at: number): number => origin.monotonic - Math.max(0, origin.wall - at);
    producers.suspendWatch();
    try {
      this.#journal = await Journal.open({
        directory,
        state: this.#stateFrom(momentOf),
        durability,
        allowStateLoss,
        snapshotBytes,
        logger: this.#logger,
        fs,
      });
    } finally {
      this.#then = undefined;
    }
    producers.resumeWatch(clock());
  }

  #keeper(): Keeper {
    return { isReady: () => this.state.ready, keep: (body) => this.#journal!.append(sealBatch(this.#wallClock(), body)) };
  }

  #stateFrom(momentOf: (at: number) => number): JournaledState {
    return {
      restore: (slices) => this.collector.restore(parsed(slices)),
      replay: (payload) => {
        const envelope = openEnvelope(payload);
        this.#then = momentOf(envelope.at);
        if (envelope.kind === 'batch') this.#reception.replay(envelope.body);
        else if (envelope.kind === 'death') this.collector.end(envelope.identity, envelope.cause);
      },
      beginSnapshot: () => written(this.collector.snapshot()),
    };
  }

  /** What is lost with this is told again by silence. */
  #note(payload: Uint8Array): void {
    if (this.#then === undefined) this.#journal?.append(payload).catch(() => undefined);
  }
}

async function* parsed(slices: AsyncIterable<Buffer>): AsyncGenerator<SnapshotSlice, void, undefined> {
  for await (const slice of slices) yield JSON.parse(slice.toString()) as SnapshotSlice;
}

function* written(slices: Iterable<SnapshotSlice>): Generator<Uint8Array, void, undefined> & Slices {
  for (const slice of slices) yield Buffer.from(JSON.stringify(slice));
}
