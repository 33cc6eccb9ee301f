import type { OpenConnection } from '../../../amqp/open-connection.js';
import { RECORDS_EXCHANGE, RECORDS_QUEUE } from '../../../amqp/topology.js';
import type { Logger } from '../../../diagnostics/logger.js';
import type { Answer } from '../../../record/pipe.js';
import type { AmqpWire } from './amqp-source.js';
import { DeadLetters } from './dead-letters.js';
import { isReply, onChannel } from './queue-look.js';
import { QueueReader } from './queue-reader.js';
import type { WireFigures } from './wire-figures.js';

/** Messages that the broker sends ahead, as the original consumer had it. */
const PREFETCH = 127;

/** Of a queue that is not there: a restart of the broker keeps its messages; full, it refuses, which senders with confirms get to know. */
const QUEUE_OPTIONS = { durable: true, arguments: { 'x-overflow': 'reject-publish', 'x-max-length-bytes': 268_435_456 } };

export interface RecordsWireOptions {
  /** @default 'imp_prof' */
  readonly queue?: string | undefined;
  /** @default 'profiling' */
  readonly exchange?: string | undefined;
  /** Never rejects. */
  readonly take: (body: Buffer) => Promise<Answer>;
  readonly logger: Logger;
}

/**
 * The wire of Python phanos. Exchange and queue may be another one's: a queue that exists is used as it is, and read by nobody else, since of two readers
 * each would show half of every counter. The exchange is not durable, so that it is declared and bound anew whenever it may be gone.
 */
export function recordsWire({ queue = RECORDS_QUEUE, exchange = RECORDS_EXCHANGE, take, logger }: RecordsWireOptions): AmqpWire {
  let isTold = false;

  const declare = async (connection: OpenConnection): Promise<void> => {
    try {
      // As senders declare it: whoever is first, the other one agrees.
      await onChannel(connection, `declaring the exchange ${exchange}`, (channel) =>
        channel.assertExchange(exchange, 'fanout', { durable: false, autoDelete: false }),
      );
    } catch (error) {
      if (!isReply(error, 406)) throw error;
      if (!isTold)
        logger.warn({}, `the exchange ${exchange} exists with other properties; it is used as it is: ${(error as Error).message}`);
      isTold = true;
    }
    try {
      await onChannel(connection, `looking for the queue ${queue}`, (channel) => channel.checkQueue(queue));
    } catch (error) {
      if (!isReply(error, 404)) throw error;
      await onChannel(connection, `declaring the queue ${queue}`, (channel) => channel.assertQueue(queue, QUEUE_OPTIONS));
    }
    // The key means nothing to a fanout; to an exchange of type topic it means everything.
    await onChannel(connection, `binding the queue ${queue}`, (channel) => channel.bindQueue(queue, exchange, '#'));
  };

  return {
    name: 'v1',
    about: `records from the queue ${queue}`,
    async open(connection: OpenConnection, figures: WireFigures) {
      const deadLetters = await DeadLetters.open(connection);
      await declare(connection);
      const lost = (reason: Error): void => connection.destroy(reason);
      return [await QueueReader.open(connection, { queue, prefetch: PREFETCH, exclusive: true, take, deadLetters, figures, lost })];
    },
    async look(connection: OpenConnection, figures: WireFigures) {
      await declare(connection);
      const { messageCount } = await onChannel(connection, `looking at the queue ${queue}`, (channel) => channel.checkQueue(queue));
      figures.waiting.set(queue, messageCount);
    },
  };
}
