import type { ConsumeMessage } from 'amqplib';
import type { OpenConnection } from '../../../amqp/open-connection.js';
import { type MessageProperties, type Outcome, Publisher } from '../../../amqp/publisher.js';
import { DEAD_HEADERS, DEAD_LETTERS, declareDeadLetters } from '../../../amqp/topology.js';

/** Bytes up to which a dead letter is whole; both wires refuse longer ones, and many of them would fill the memory. */
const MAX_WHOLE = 8 * 1024 * 1024;
/** Bytes that are kept of a longer one. */
const BEGINNING = 64 * 1024;
/** Milliseconds between two tries. */
const PAUSE = 1000;

/** What a dead letter has of the message that it was. */
type CarriedProperties = Omit<MessageProperties, 'deliveryMode' | 'headers' | 'priority'>;

/** Puts messages that nobody can make sense of aside, where a person may look at them. */
export class DeadLetters {
  readonly #connection: OpenConnection;
  readonly #publisher: Publisher;
  #isOver = false;

  private constructor(connection: OpenConnection, publisher: Publisher) {
    this.#connection = connection;
    this.#publisher = publisher;
    void connection.ended.then(() => {
      this.#isOver = true;
    });
  }

  /** Declares what it needs. */
  static async open(connection: OpenConnection): Promise<DeadLetters> {
    const publisher = await Publisher.open(connection, {
      prepare: declareDeadLetters,
      lost: (reason) => connection.destroy(reason),
    });
    return new DeadLetters(connection, publisher);
  }

  /** Resolves to true once the broker has it, to false if the connection is over: the message will be delivered again. */
  async add(message: ConsumeMessage, reason: string): Promise<boolean> {
    const bytes = message.content.byteLength;
    // In its place, so that nobody holds the rest any longer.
    if (bytes > MAX_WHOLE) message.content = Buffer.from(message.content.subarray(0, BEGINNING));
    let { headers } = message.properties;
    for (;;) {
      const outcome = await this.#publish(message, { ...headers, ...aboutOf(message, reason, bytes) });
      if (outcome === 'taken') return true;
      if (outcome === 'lost' || this.#isOver) return false;
      // The queue is gone, or full; or its headers are such that they come in but don't go out.
      if (outcome === 'refused') headers = undefined;
      await new Promise((resolve) => setTimeout(resolve, PAUSE).unref());
      if (outcome === 'returned') await this.#declare();
    }
  }

  #publish({ content, fields, properties }: ConsumeMessage, headers: Record<string, unknown>): Promise<Outcome> {
    const { contentType, contentEncoding, type, messageId } = properties as CarriedProperties;
    return new Promise((resolve) => {
      this.#publisher.publish(
        {
          exchange: DEAD_LETTERS,
          routingKey: fields.routingKey,
          body: content,
          mandatory: true,
          properties: {
            ...(contentType === undefined ? {} : { contentType }),
            ...(contentEncoding === undefined ? {} : { contentEncoding }),
            ...(type === undefined ? {} : { type }),
            ...(messageId === undefined ? {} : { messageId }),
            headers,
            deliveryMode: 2,
          },
        },
        resolve,
      );
    });
  }

  async #declare(): Promise<void> {
    try {
      const channel = await this.#connection.channel(() => undefined);
      await this.#connection.ask('declaring dead letters', declareDeadLetters(channel));
      await channel.close();
    } catch {
      // The next try tells.
    }
  }
}

function aboutOf({ content, fields }: ConsumeMessage, reason: string, bytes: number): Record<string, unknown> {
  const { exchange, routingKey } = fields;
  const about = { [DEAD_HEADERS.reason]: reason.slice(0, 500), [DEAD_HEADERS.exchange]: exchange, [DEAD_HEADERS.routingKey]: routingKey };
  return bytes > content.byteLength ? { ...about, [DEAD_HEADERS.bytes]: bytes } : about;
}
