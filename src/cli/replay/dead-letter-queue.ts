import type { Channel, GetMessage } from 'amqplib';
import type { OpenConnection } from '../../amqp/open-connection.js';
import { DEAD_LETTERS } from '../../amqp/topology.js';
import { type DeadLetter, deadLetterOf } from './dead-letter.js';

/** A dead letter in the hands of this process: until it is let go, nobody else has it, and when the connection ends it lies where it was. */
export interface HeldLetter extends DeadLetter {
  /** Takes it out of the queue for good. */
  letGo(): void;
}

/** The messages that lie in `phanos.dead`. */
export class DeadLetterQueue {
  readonly #connection: OpenConnection;
  readonly #channel: Channel;
  /** When it was opened. */
  readonly size: number;

  private constructor(connection: OpenConnection, channel: Channel, size: number) {
    this.#connection = connection;
    this.#channel = channel;
    this.size = size;
  }

  /** Rejects with BROKER_REFUSED if there is no such queue, which the first collector makes. */
  static async open(connection: OpenConnection): Promise<DeadLetterQueue> {
    const channel = await connection.channel((reason) => connection.destroy(reason));
    const { messageCount } = await connection.ask(`looking at ${DEAD_LETTERS}`, channel.checkQueue(DEAD_LETTERS));
    return new DeadLetterQueue(connection, channel, messageCount);
  }

  /** Those that lay there when it was opened, the oldest first: what dies again meanwhile is not met twice. */
  async *letters(most = Number.POSITIVE_INFINITY): AsyncGenerator<HeldLetter, void, undefined> {
    for (let i = 0; i < Math.min(this.size, most); i++) {
      const came = await this.#connection.ask<GetMessage | false>('a dead letter', this.#channel.get(DEAD_LETTERS, { noAck: false }));
      if (came === false) return;
      yield { ...deadLetterOf(came), letGo: () => this.#channel.ack(came) };
    }
  }

  /** Gives back what was not let go. */
  async close(): Promise<void> {
    await this.#connection.ask('closing a channel', this.#channel.close());
  }
}
