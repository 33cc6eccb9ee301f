import type { Channel, ConsumeMessage } from 'amqplib';
import { Consumer } from '../../amqp/consumer.js';
import { KeptConnection } from '../../amqp/kept-connection.js';
import type { OpenConnection } from '../../amqp/open-connection.js';
import { BATCH_EXCHANGE, SHARDS, shardName, shardQueue } from '../../amqp/topology.js';
import { isReply, onChannel } from '../../collector/ingest/amqp/queue-look.js';
import type { PhanosError } from '../../diagnostics/phanos-error.js';
import type { BrokerAddress } from '../../record/broker-address.js';

/** What a {@link Wiretap} works on. */
export interface WiretapOptions {
  readonly address: BrokerAddress;
  readonly wires: readonly ('v1' | 'v2')[];
  /** Exchange of the records. */
  readonly exchange: string;
  /** Queue that keeps the records for their consumer. */
  readonly queue: string;
  /** Listens also where no queue keeps the messages. */
  readonly alone: boolean;
  /** A message came; it is let go once the promise resolves. Must not reject. */
  readonly receive: (message: ConsumeMessage) => Promise<void>;
  /** One sentence about what is listened to, each time that it changes. */
  readonly tell: (sentence: string) => void;
}

/** Of the tail's own queue. A reader that can't keep up misses the oldest messages; the broker never keeps more for it. */
const QUEUE_ARGUMENTS = { 'x-max-length': 10_000, 'x-max-length-bytes': 67_108_864 };
/** Messages that the broker sends ahead. */
const PREFETCH = 200;
/** Milliseconds between two looks at what there is to listen to. */
const LOOK = 2000;

/**
 * Listens in on a broker with a queue of its own, which goes with it.
 *
 * A queue makes a message deliverable. Where it would be the only one, the sender would take the message for delivered that nobody keeps, so that it listens
 * only to what another queue receives too.
 */
export class Wiretap {
  readonly #options: WiretapOptions;
  readonly #connection: KeptConnection;
  #looking: NodeJS.Timeout | undefined;
  #told = '';
  #isToldDown = false;

  constructor(options: WiretapOptions) {
    this.#options = options;
    this.#connection = new KeptConnection({
      address: options.address,
      title: 'phanos tail',
      setup: (connection) => this.#setUp(connection),
      failed: (reason) => this.#failed(reason),
    });
  }

  /** Resolves when it listens; rejects if the broker can't be reached. */
  ready(): Promise<void> {
    return this.#connection.ready();
  }

  async close(): Promise<void> {
    clearTimeout(this.#looking);
    await this.#connection.close(1000);
  }

  async #setUp(connection: OpenConnection): Promise<void> {
    const { receive } = this.#options;
    const channel = await connection.channel((reason) => connection.destroy(reason));
    const declared = channel.assertQueue('', { exclusive: true, autoDelete: true, durable: false, arguments: QUEUE_ARGUMENTS });
    const { queue } = await connection.ask('a queue of its own', declared);
    await Consumer.open(connection, {
      queue,
      prefetch: PREFETCH,
      receive: (message, consumer) => void receive(message).then(() => consumer.acknowledge(message)),
      lost: (reason) => connection.destroy(reason),
    });
    const bound = new Set<string>();
    await this.#look(connection, channel, queue, bound);
    this.#isToldDown = false;
    const again = (): void => {
      this.#looking = setTimeout(() => {
        this.#look(connection, channel, queue, bound).then(again, (reason: PhanosError) => connection.destroy(reason));
      }, LOOK);
    };
    again();
  }

  #failed(reason: PhanosError): void {
    clearTimeout(this.#looking);
    this.#told = '';
    if (this.#isToldDown) return;
    this.#isToldDown = true;
    this.#options.tell(`${reason.message}; it is tried again until it works`);
  }

  /** Binds to what is there by now, and lets go of what is not any longer. */
  async #look(connection: OpenConnection, channel: Channel, queue: string, bound: Set<string>): Promise<void> {
    const { wires, exchange, alone } = this.#options;
    const sentences: string[] = [];
    const change = async (from: string, key: string, isWanted: boolean): Promise<void> => {
      const name = `${from} ${key}`;
      if (bound.has(name) === isWanted) return;
      const work = isWanted ? channel.bindQueue(queue, from, key) : channel.unbindQueue(queue, from, key);
      await connection.ask(`binding to ${from}`, work);
      if (isWanted) bound.add(name);
      else bound.delete(name);
    };
    if (wires.includes('v1')) {
      const { isThere, why } = await this.#records(connection);
      if (!isThere) bound.delete(`${exchange} #`);
      else await change(exchange, '#', why === undefined);
      sentences.push(why ?? `listens to records (exchange ${exchange})`);
    }
    if (wires.includes('v2')) {
      const isThere = await exists(connection, (one) => one.checkExchange(BATCH_EXCHANGE));
      let shards = 0;
      if (!isThere) for (const name of bound) if (name.startsWith(`${BATCH_EXCHANGE} `)) bound.delete(name);
      for (let shard = 0; isThere && shard < SHARDS; shard++) {
        const isKept = alone || (await exists(connection, (one) => one.checkQueue(shardQueue(shard))));
        await change(BATCH_EXCHANGE, shardName(shard), isKept);
        if (isKept) shards++;
      }
      sentences.push(shards === 0 ? 'no collector has shards on this broker yet' : `listens to batches of ${shards} of ${SHARDS} shards`);
    }
    const sentence = sentences.join('; ');
    if (sentence !== this.#told) this.#options.tell(sentence);
    this.#told = sentence;
  }

  async #records(connection: OpenConnection): Promise<{ readonly isThere: boolean; readonly why?: string }> {
    const { exchange, queue, alone } = this.#options;
    if (!(await exists(connection, (channel) => channel.checkExchange(exchange)))) {
      return { isThere: false, why: `nobody has declared the exchange ${exchange} of records yet` };
    }
    if (alone || (await exists(connection, (channel) => channel.checkQueue(queue)))) return { isThere: true };
    return {
      isThere: true,
      why: `does not listen to records, for there is no queue ${queue} that keeps them; name it with --queue, or listen --alone`,
    };
  }
}

async function exists(connection: OpenConnection, look: (channel: Channel) => PromiseLike<unknown>): Promise<boolean> {
  try {
    await onChannel(connection, 'looking', look);
    return true;
  } catch (error) {
    if (isReply(error, 404)) return false;
    throw error;
  }
}
