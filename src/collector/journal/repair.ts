import type { Logger } from '../../diagnostics/logger.js';
import type { RecordLog } from './record-log.js';
import type { SnapshotKeeper } from './snapshot-keeper.js';

export interface RepairOptions {
  readonly log: RecordLog;
  readonly snapshots: SnapshotKeeper;
  /** Milliseconds before the first attempt. */
  readonly retryAfter: number;
  readonly logger: Logger;
}

/** The longest pause between two attempts, in first pauses. */
const LONGEST_PAUSE = 100;

/** Brings a log that failed back, by attempts that get rarer, until one succeeds or nothing can help. */
export class Repair {
  readonly #options: RepairOptions;
  #timer: NodeJS.Timeout | undefined;
  #attempt: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: RepairOptions) {
    this.#options = options;
  }

  /** To be called once per failure. */
  begin(): void {
    this.#tryLater(0);
  }

  /** Ends when no attempt is under way any more; there are no more of them. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#attempt;
  }

  #tryLater(attempts: number): void {
    if (this.#isStopped || this.#options.log.failure?.cure === 'nothing') return;
    const pause = this.#options.retryAfter * Math.min(2 ** attempts, LONGEST_PAUSE);
    this.#timer = setTimeout(() => {
      this.#attempt = this.#try(attempts);
    }, pause).unref();
  }

  async #try(attempts: number): Promise<void> {
    const { log, snapshots, logger } = this.#options;
    try {
      if (log.failure?.cure === 'probe') {
        await log.probe();
      } else {
        await snapshots.settle();
        await snapshots.write(await log.renew());
      }
      log.resume();
    } catch (error) {
      logger.debug({ err: error }, 'the journal can not go on yet');
      this.#tryLater(attempts + 1);
      return;
    }
    logger.info({}, 'the journal takes records again');
    snapshots.takeIfDue();
  }
}
