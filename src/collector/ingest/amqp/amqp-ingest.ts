import { shardName } from '../../../amqp/topology.js';
import type { Logger } from '../../../diagnostics/logger.js';
import type { RetryOptions } from '../../../diagnostics/retry.js';
import type { ExposedFamily } from '../../../exposition/exposed-family.js';
import type { BrokerAddress } from '../../../record/broker-address.js';
import type { Answer } from '../../../record/pipe.js';
import type { DurableCollector } from '../../durable-collector.js';
import { mergedFamilies } from '../../merged-families.js';
import type { Stores } from '../../stores.js';
import { AmqpSource } from './amqp-source.js';
import { CrashMark } from './crash-mark.js';
import { recordsWire } from './records-wire.js';
import { ALL_SHARDS } from './shard-list.js';
import { shardsWire } from './shards-wire.js';

/** What a collector takes from RabbitMQ. */
export interface AmqpIngestOptions {
  readonly address: BrokerAddress;
  /** Shards that are this collector's own, each in a folder of its own. @default all 64 */
  readonly shards?: readonly number[] | undefined;
  /** Whether records are taken, of Python phanos and `ImpProfHandler`. @default true */
  readonly records?: boolean | undefined;
  /** Queue of the records. @default 'imp_prof' */
  readonly queue?: string | undefined;
  /** Exchange of the records. @default 'profiling' */
  readonly exchange?: string | undefined;
  /** Milliseconds between two looks at the queues. @default 10_000 */
  readonly lookInterval?: number | undefined;
  readonly retry?: RetryOptions | undefined;
}

/** The way from RabbitMQ into the stores of a collector: one store a shard, one for records. */
export class AmqpIngest {
  readonly #sources: readonly AmqpSource[];
  readonly #mark: CrashMark | undefined;

  private constructor(sources: readonly AmqpSource[], mark: CrashMark | undefined) {
    this.#sources = sources;
    this.#mark = mark;
  }

  /** Opens the stores and begins to read. The broker need not be there yet. Rejects as opening a store does. */
  static async start(stores: Stores, logger: Logger, options: AmqpIngestOptions): Promise<AmqpIngest> {
    const { shards = ALL_SHARDS, records = true, queue, exchange } = options;
    const durables = new Map<number, DurableCollector>();
    for (const shard of shards) durables.set(shard, (await stores.open(shardName(shard))).durable);
    const forRecords = records ? (await stores.open('records')).durable : undefined;
    const mark = stores.dataDir === undefined ? undefined : new CrashMark(stores.dataDir);
    const pause = (await mark?.begin()) ?? 0;
    if (pause > 0) {
      logger.warn({}, `it has ended without order several times in a row; it reads from RabbitMQ in ${pause} ms`);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    const source = { ...options, logger };
    const sources: AmqpSource[] = [];
    if (forRecords !== undefined) {
      const take = (body: Buffer): Promise<Answer> => forRecords.receiveRecords(body);
      sources.push(new AmqpSource(recordsWire({ queue, exchange, take, logger }), source));
    }
    if (shards.length > 0) {
      const take = (shard: number, body: Buffer, encoding: string | undefined): Promise<Answer> =>
        durables.get(shard)!.receive(body, encoding);
      sources.push(new AmqpSource(shardsWire({ shards, take, logger }), source));
    }
    return new AmqpIngest(sources, mark);
  }

  /** Why it does not take everything that there is; undefined while it does. */
  get trouble(): string | undefined {
    return this.#sources.map(({ trouble }) => trouble).find((trouble) => trouble !== undefined);
  }

  /** `phanos_collector_amqp_*`. */
  get families(): Iterable<ExposedFamily> {
    return mergedFamilies(this.#sources.map(({ families }) => families));
  }

  /** Resolves when all queues are read; rejects with the reason if the next try fails. */
  async ready(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.ready()));
  }

  /** Takes nothing new, finishes what came within this time, in milliseconds, and gives the rest back to the broker. */
  async stop(patience: number): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.stop(patience)));
    await this.#mark?.end();
  }
}
