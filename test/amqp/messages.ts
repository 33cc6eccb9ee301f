import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import { eventually } from '../support/eventually.js';

/** A queue of a test's own, bound to an exchange, and what has arrived in it. */
export class MessageSink {
  readonly messages: ConsumeMessage[] = [];
  readonly channel: Channel;
  readonly #connection: ChannelModel;

  private constructor(connection: ChannelModel, channel: Channel) {
    this.#connection = connection;
    this.channel = channel;
  }

  /** Declares the exchange of records as the original's consumer does, and takes everything that is published to it from now on. */
  static async open(url: string, exchange = 'profiling'): Promise<MessageSink> {
    const connection = await connect(url);
    connection.on('error', () => undefined);
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    const sink = new MessageSink(connection, channel);
    await channel.assertExchange(exchange, 'fanout', { durable: false });
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, exchange, '');
    await channel.consume(queue, (message) => void (message && sink.messages.push(message)), { noAck: true });
    return sink;
  }

  get bodies(): string[] {
    return this.messages.map(({ content }) => content.toString());
  }

  /** Waits until so many are there. */
  async received(count: number): Promise<ConsumeMessage[]> {
    await eventually(`${count} messages are there`, () => this.messages.length >= count);
    return this.messages;
  }

  async close(): Promise<void> {
    await this.#connection.close().catch(() => undefined);
  }
}

/** Properties that a message has, as the golden data name them. */
export function propertiesOf({ properties }: ConsumeMessage): Record<string, unknown> {
  const names = {
    content_type: 'contentType',
    headers: 'headers',
    delivery_mode: 'deliveryMode',
    priority: 'priority',
    message_id: 'messageId',
  };
  const all = properties as unknown as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(names)
      .map(([shown, name]) => [shown, all[name]])
      .filter(([, value]) => value !== undefined),
  );
}
