import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import { declareShards, shardOf, shardQueue } from '../../src/amqp/topology.js';
import { createEmbeddedCollector } from '../../src/collector/embedded.js';
import { unpackBatch } from '../../src/record/batch-packing.js';
import type { Answer } from '../../src/record/pipe.js';
import { parseText } from '../exposition/parse-text.js';

/** The producer of most tests, whose shard is the only one here. */
export const SHOP = { job: 'shop', instance: 'web-1' };

const SHARD = shardOf(SHOP);

/**
 * The least that a collector behind a broker does: takes the batches of a shard in turn, applies each in the real collector, and acknowledges it then.
 * It survives the broker: `reconnect` goes on where it stopped.
 */
export class ShardIngest {
  readonly collector = createEmbeddedCollector({ beforeScrape: () => undefined });
  readonly answers: Answer['kind'][] = [];
  readonly messages: ConsumeMessage[] = [];
  readonly #url: string;
  #connection: ChannelModel | undefined;

  private constructor(url: string) {
    this.#url = url;
  }

  /** Declares exchange and queue, and begins to consume unless told otherwise. */
  static async open(url: string, consume = true): Promise<ShardIngest> {
    const ingest = new ShardIngest(url);
    await ingest.reconnect(consume);
    return ingest;
  }

  async reconnect(consume = true): Promise<void> {
    await this.stop();
    const connection = await connect(this.#url);
    connection.on('error', () => undefined);
    this.#connection = connection;
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await declareShards(channel, [SHARD]);
    if (consume) await this.consume();
  }

  /** Consumes what is there, as it was declared by whomever. */
  async consume(): Promise<void> {
    if (this.#connection === undefined) throw new Error('it is not connected');
    const channel = await this.#connection.createChannel();
    channel.on('error', () => undefined);
    await channel.prefetch(32);
    let applied = Promise.resolve();
    await channel.consume(shardQueue(SHARD), (message) => {
      if (message !== null) applied = applied.then(() => this.#take(channel, message));
    });
  }

  /** What applied batches say of a metric: the sum of its samples of this name. */
  async sum(name: string): Promise<number> {
    const samples = parseText(String((await this.collector.expose(undefined)).body)).flatMap((family) => family.samples);
    return samples.filter((sample) => sample.name === name).reduce((total, { value }) => total + value, 0);
  }

  async stop(): Promise<void> {
    await this.#connection?.close().catch(() => undefined);
    this.#connection = undefined;
  }

  async #take(channel: Channel, message: ConsumeMessage): Promise<void> {
    this.messages.push(message);
    const { contentEncoding } = message.properties as { readonly contentEncoding: string | undefined };
    const answer = await this.collector.receive(unpackBatch(message.content, contentEncoding));
    this.answers.push(answer.kind);
    try {
      if (answer.kind === 'later') channel.nack(message);
      else channel.ack(message);
    } catch {
      // The channel is gone: it will be delivered again.
    }
  }
}
