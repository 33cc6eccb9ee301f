import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { loadAmqplib } from '../../../amqp/load-amqplib.js';
import { shardName } from '../../../amqp/topology.js';
import type { Logger } from '../../../diagnostics/logger.js';
import type { ExposedFamily } from '../../../exposition/exposed-family.js';
import type { DurableCollector } from '../../durable-collector.js';
import { mergedFamilies } from '../../merged-families.js';
import type { Stores } from '../../stores.js';
import type { NormalAmqpIngest } from './amqp-ingest-options.js';
import { AmqpSource, type AmqpWire } from './amqp-source.js';
import { BrokerOutages } from './broker-outages.js';
import { CrashMark } from './crash-mark.js';
import { recordsWire } from './records-wire.js';
import { ALL_SHARDS, shardListText } from './shard-list.js';
import { shardsWire } from './shards-wire.js';

/** The way from RabbitMQ into the stores of a collector: one store a shard, one for records. */
export class AmqpIngest {
  readonly #options: NormalAmqpIngest;
  readonly #logger: Logger;
  readonly #wires: readonly AmqpWire[];
  readonly #mark: CrashMark | undefined;
  readonly #stopping = new AbortController();
  #sources: readonly AmqpSource[] = [];
  #beginning: Promise<void> | undefined;

  private constructor(options: NormalAmqpIngest, logger: Logger, wires: readonly AmqpWire[], dataDir: string | undefined) {
    this.#options = options;
    this.#logger = logger;
    this.#wires = wires;
    this.#mark = dataDir === undefined ? undefined : new CrashMark(dataDir);
  }

  /** Opens the stores, so that what they hold is shown; reads nothing yet. Rejects with PACKAGE_MISSING without amqplib, else as opening a store does. */
  static async open(stores: Stores, logger: Logger, options: NormalAmqpIngest): Promise<AmqpIngest> {
    await loadAmqplib();
    const { shards, records, queue, exchange } = options;
    const wires: AmqpWire[] = [];
    if (records) {
      const { durable } = await stores.open('records');
      wires.push(recordsWire({ queue, exchange, take: (body) => durable.receiveRecords(body), logger }));
    }
    if (shards.length > 0) {
      const own = new Map<number, DurableCollector>();
      for (const shard of shards) own.set(shard, (await stores.open(shardName(shard))).durable);
      wires.push(shardsWire({ shards: own, logger }));
    }
    if (stores.dataDir !== undefined) await tellStrayShards(stores.dataDir, shards, logger);
    return new AmqpIngest(options, logger, wires, stores.dataDir);
  }

  /** Begins to read, in a while after crashes. The broker need not be there yet. */
  begin(): void {
    this.#beginning ??= this.#begin();
  }

  /** Why it does not take everything that there is: a sentence each. */
  get troubles(): readonly string[] {
    const { signal } = this.#stopping;
    if (this.#sources.length === 0 && this.#wires.length > 0) {
      return [signal.aborted ? 'reading from RabbitMQ was stopped' : 'reading from RabbitMQ has not begun yet'];
    }
    return [...new Set(this.#sources.flatMap(({ trouble }) => trouble ?? []))];
  }

  /** `phanos_collector_amqp_*`. */
  get families(): Iterable<ExposedFamily> {
    return mergedFamilies(this.#sources.map(({ families }) => families));
  }

  /** Takes nothing new, finishes what came within this time, in milliseconds, and gives the rest back to the broker. */
  async stop(patience: number): Promise<void> {
    this.#stopping.abort();
    await this.#beginning;
    await Promise.all(this.#sources.map((source) => source.stop(patience)));
    // A life that never began has not ended in order.
    if (this.#beginning !== undefined) await this.#mark?.end();
  }

  async #begin(): Promise<void> {
    const { signal } = this.#stopping;
    const delay = (await this.#mark?.begin()) ?? 0;
    if (delay > 0) {
      this.#logger.warn({}, `it has ended without order several times in a row; it reads from RabbitMQ in ${delay} ms`);
      await pause(delay, undefined, { signal, ref: false }).catch(() => undefined);
    }
    if (signal.aborted) return;
    const options = { ...this.#options, logger: this.#logger, outages: new BrokerOutages(this.#logger) };
    this.#sources = this.#wires.map((wire) => new AmqpSource(wire, options));
  }
}

/** What was counted for a shard is not shown without its folder, and nobody would miss it by name. */
async function tellStrayShards(dataDir: string, shards: readonly number[], logger: Logger): Promise<void> {
  const names = new Set(await readdir(dataDir));
  const stray = ALL_SHARDS.filter((shard) => names.has(shardName(shard)) && !shards.includes(shard));
  if (stray.length === 0) return;
  logger.warn(
    { shards: shardListText(stray) },
    `${dataDir} holds folders of shards that are not this collector's own (${shardListText(stray)}): what they counted is not shown. ` +
      'Name them in --shards, or move the folders to the collector that has these shards',
  );
}
