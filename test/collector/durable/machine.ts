import { DurableCollector, type DurableCollectorOptions } from '../../../src/collector/durable-collector.js';
import type { JournalFs } from '../../../src/collector/journal/journal-fs.js';
import type { Batch, ProducerIdentity } from '../../../src/record/batch.js';
import { encodeBatch } from '../../../src/record/batch-encoder.js';
import type { Answer } from '../../../src/record/pipe.js';
import { type FaultyCall, MemoryDisk } from '../../journal/memory-disk.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** When the machine is switched on: in 2026. */
const BEGIN = 1_790_000_000_000;

/** A collector on a machine whose disk, clocks and power are in the hands of a test. */
export class Machine {
  readonly disk: MemoryDisk;
  readonly #options: Omit<DurableCollectorOptions, 'directory'>;
  /** Begins anew with each start, as a monotonic clock may. */
  #monotonic = 0;
  wall = BEGIN;
  #durable: DurableCollector | undefined;
  #gate: Promise<void> | undefined;

  constructor(options: Omit<DurableCollectorOptions, 'directory'> = {}, random?: () => number) {
    this.disk = new MemoryDisk(random);
    this.#options = options;
  }

  static async start(options?: Omit<DurableCollectorOptions, 'directory'>): Promise<Machine> {
    const machine = new Machine(options);
    await machine.start();
    return machine;
  }

  get durable(): DurableCollector {
    if (this.#durable === undefined) throw new Error('the machine is not started');
    return this.#durable;
  }

  async start(more: Partial<DurableCollectorOptions> = {}): Promise<void> {
    this.#monotonic = Math.random() * 1e6;
    this.#durable = await DurableCollector.open({
      directory: '/data',
      fs: this.#fs(),
      clock: () => this.#monotonic,
      wallClock: () => this.wall,
      logger: quiet,
      ...this.#options,
      ...more,
    });
  }

  /** The program or the machine dies, is away for some milliseconds, and comes back. */
  async restart(how: 'close' | 'kill' | 'power', away = 0): Promise<void> {
    if (how === 'close') await this.durable.close();
    else this.disk.crash(how);
    this.wall += away;
    await this.start();
  }

  /** Time goes by while it runs. */
  async pass(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= 1000) {
      this.#monotonic += Math.min(left, 1000);
      this.wall += Math.min(left, 1000);
      this.durable.collector.tick();
      await this.#settled();
    }
  }

  send(batch: Batch): Promise<Answer> {
    return this.durable.receive(encodeBatch(batch));
  }

  lifeOf(identity: ProducerIdentity): string | undefined {
    return this.durable.collector.producers.find(identity)?.life;
  }

  /** Lines of the scrape, comments aside. */
  get lines(): string[] {
    return this.durable.collector
      .text()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
  }

  /** The disk is slow from now on: syncs end when the returned function is called. */
  stall(): () => void {
    let release = (): void => {};
    this.#gate = new Promise((resolve) => {
      release = () => {
        this.#gate = undefined;
        resolve();
      };
    });
    return release;
  }

  /** The disk refuses this from now on, until it is healed. */
  break(call: FaultyCall = 'datasync'): void {
    this.disk.fail(call, { times: Number.POSITIVE_INFINITY });
  }

  /** What was found by then is written. */
  async #settled(): Promise<void> {
    for (let turns = 0; turns < 200 && this.durable.figures?.pendingBytes !== 0 && this.#gate === undefined; turns++) {
      await new Promise(setImmediate);
    }
  }

  #fs(): JournalFs {
    const fs = this.disk.connect();
    return {
      ...fs,
      open: async (path, flags) => {
        const file = await fs.open(path, flags);
        return {
          ...file,
          datasync: async () => {
            await this.#gate;
            await file.datasync();
          },
        };
      },
    };
  }
}
