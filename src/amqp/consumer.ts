import type { Channel, ConsumeMessage } from 'amqplib';
import type { PhanosError } from '../diagnostics/phanos-error.js';
import { within } from '../diagnostics/waiting.js';
import type { OpenConnection } from './open-connection.js';

/** What a {@link Consumer} works on. */
export interface ConsumerOptions {
  readonly queue: string;
  /** Messages that the broker sends ahead of what was acknowledged. */
  readonly prefetch: number;
  /** True refuses any other consumer of the queue. @default false */
  readonly exclusive?: boolean;
  /** True for a queue from which everything is taken as it comes, without acknowledging. @default false */
  readonly noAck?: boolean;
  /** Must not throw. May be called before `open` has resolved, so the consumer comes along. */
  readonly receive: (message: ConsumeMessage, consumer: Consumer) => void;
  /** It is over without having been closed from here: the channel or connection was lost, or the queue deleted. */
  readonly lost: (reason: PhanosError) => void;
}

/**
 * Consumes one queue on a channel of its own, so that closing it gives everything back that was not acknowledged, in order: a mere cancel would let the
 * next consumer begin before.
 */
export class Consumer {
  readonly #channel: Channel;
  #isOver: boolean;

  private constructor(channel: Channel) {
    this.#channel = channel;
    this.#isOver = false;
  }

  static async open(connection: OpenConnection, options: ConsumerOptions): Promise<Consumer> {
    const { queue, prefetch, exclusive = false, noAck = false, receive, lost } = options;
    let consumer: Consumer | undefined;
    const channel = await connection.channel((reason) => {
      if (consumer === undefined || consumer.#isOver) return;
      consumer.#isOver = true;
      lost(reason);
    });
    const opened = new Consumer(channel);
    consumer = opened;
    await connection.ask(`prefetch for ${queue}`, channel.prefetch(prefetch));
    const deliver = (message: ConsumeMessage | null): void => {
      if (message !== null) return receive(message, opened);
      // The broker cancels a consumer whose queue was deleted.
      void channel.close().catch(() => undefined);
    };
    await connection.ask(`consuming ${queue}`, channel.consume(queue, deliver, { exclusive, noAck }));
    return opened;
  }

  /** Acknowledges this message and all before it; false if the channel is over. Of the library's `ackAll`, which would acknowledge what is still in the socket, nobody makes use. */
  acknowledgeUpTo(message: ConsumeMessage): boolean {
    return this.#try(() => this.#channel.ack(message, true));
  }

  /** Acknowledges this message alone; false if the channel is over. */
  acknowledge(message: ConsumeMessage): boolean {
    return this.#try(() => this.#channel.ack(message, false));
  }

  /** Gives everything back that was not acknowledged. */
  async close(patience: number): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await within(patience, this.#channel.close()).catch(() => false);
  }

  /** On a channel that is over the library throws; the broker delivers again then. */
  #try(task: () => void): boolean {
    if (this.#isOver) return false;
    try {
      task();
      return true;
    } catch {
      // `lost` follows, or was called.
      return false;
    }
  }
}
