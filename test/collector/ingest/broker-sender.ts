import { type ChannelModel, type ConfirmChannel, connect, type Options } from 'amqplib';
import { BATCH_EXCHANGE, shardName, shardOf } from '../../../src/amqp/topology.js';
import type { Batch } from '../../../src/record/batch.js';
import { encodeBatch } from '../../../src/record/batch-encoder.js';

/** Publishes what a test wants, confirmed, as senders of both wires do. */
export class BrokerSender {
  readonly channel: ConfirmChannel;
  readonly #connection: ChannelModel;

  private constructor(connection: ChannelModel, channel: ConfirmChannel) {
    this.#connection = connection;
    this.channel = channel;
  }

  static async open(url: string): Promise<BrokerSender> {
    const connection = await connect(url);
    connection.on('error', () => undefined);
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    return new BrokerSender(connection, channel);
  }

  /** Resolves once the broker has confirmed it. */
  publish(exchange: string, key: string, body: string | Uint8Array, options: Options.Publish = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      this.channel.publish(exchange, key, Buffer.from(body), options, (error: Error | null) =>
        error === null ? resolve() : reject(error),
      );
    });
  }

  records(body: unknown, exchange = 'profiling'): Promise<void> {
    return this.publish(exchange, 'shop', typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  }

  batch(batch: Batch): Promise<void> {
    return this.publish(BATCH_EXCHANGE, shardName(shardOf(batch.producer)), encodeBatch(batch), { persistent: true, mandatory: true });
  }

  async close(): Promise<void> {
    await this.#connection.close().catch(() => undefined);
  }
}
