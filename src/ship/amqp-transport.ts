import { noteBatches } from '../amqp/batch-jobs.js';
import { KeptConnection } from '../amqp/kept-connection.js';
import { LastWords } from '../amqp/last-words.js';
import type { OpenConnection } from '../amqp/open-connection.js';
import { type Outcome, type OutgoingMessage, Publisher } from '../amqp/publisher.js';
import { BATCH_EXCHANGE, shardName, shardOf } from '../amqp/topology.js';
import { PhanosError } from '../diagnostics/phanos-error.js';
import { inTime } from '../diagnostics/waiting.js';
import type { ProducerIdentity } from '../record/batch.js';
import { encodeBatch } from '../record/batch-encoder.js';
import { type BatchHead, headOf, producerOf } from '../record/batch-head.js';
import { type PackedBatch, packBatch, packBatchNow } from '../record/batch-packing.js';
import type { BrokerAddress } from '../record/broker-address.js';
import type { Exposed } from '../record/exposed.js';
import type { Answer, Newcomer, Welcome } from '../record/pipe.js';
import type { Served } from './embedded-collector.js';
import { AMQP_HEARTBEAT, type FrozenBatch, type Transport } from './transport.js';
import { WorkerSlots } from './worker-slots.js';

/** Milliseconds; see {@link AmqpTransport}. */
export interface AmqpPatience {
  /** For whatever is asked of the broker, and to be let in. @default 5000 */
  readonly answer: number;
  /** For the confirm of a batch, which quorum queues write to several disks. @default 10_000 */
  readonly confirm: number;
}

/** Milliseconds after which a broker that takes nothing now is asked again. */
const LATER = 1000;
/** Milliseconds for a goodbye to the broker. */
const GOODBYE = 1000;
/** The goodbye of a worker that has ended is so far ahead of its last number that nothing which comes late has the same; collectors look 1024 ahead. */
const AHEAD = 256;

const REMEDY = 'start the collector of that shard: `phanos collect --amqp …`';

/**
 * Collectors behind RabbitMQ: each batch is a persistent message to the shard of its job and instance, and counts as stored when the broker has confirmed
 * it and did not return it.
 *
 * There is no collector to ask, so the worker slot comes from the options, from PM2, or is 0, and a connection stands in for the collector's epoch: after
 * each reconnect gauges, infos and enums are told whole again.
 */
export class AmqpTransport implements Transport {
  readonly name: string;
  readonly heartbeat = AMQP_HEARTBEAT;
  readonly #patience: AmqpPatience;
  readonly #connection: KeptConnection;
  readonly #slots = new WorkerSlots();
  /** What the workers behind this process said last, by their boot. */
  readonly #behind = new Map<string, BatchHead | undefined>();
  readonly #sending = new Set<Promise<Answer>>();
  #publisher: Publisher | undefined;
  #lastWords: LastWords | undefined;
  #epoch = '';

  constructor(address: BrokerAddress, patience: AmqpPatience = { answer: 5000, confirm: 10_000 }) {
    this.name = address.name;
    this.#patience = patience;
    this.#connection = new KeptConnection({
      address,
      title: 'phanos',
      patience: patience.answer,
      setup: (connection) => this.#setUp(connection),
      // Whoever sends is told.
      failed: () => undefined,
    });
  }

  async hello({ worker, boot }: Newcomer, behind = false): Promise<Welcome> {
    await this.#connection.ready();
    // PM2 numbers the processes that it starts alike.
    const asked = worker ?? (behind ? undefined : (process.env.NODE_APP_INSTANCE ?? process.env.pm_id ?? '0'));
    if (behind && !this.#behind.has(boot)) this.#behind.set(boot, undefined);
    return { worker: behind ? this.#slots.take(boot, asked) : (asked ?? '0'), epoch: this.#epoch };
  }

  gone({ boot }: ProducerIdentity): void {
    this.#slots.free(boot);
    const last = this.#behind.get(boot);
    this.#behind.delete(boot);
    // Three heartbeats of silence tell it as well, only much later.
    if (last?.goodbye === false) void this.#sayGoodbye(last).catch(() => undefined);
  }

  send({ body }: FrozenBatch): Promise<Answer> {
    const sending = this.#send(body).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
    return sending;
  }

  async #send(body: Uint8Array): Promise<Answer> {
    this.#remember(body);
    await this.#connection.ready();
    const connection = this.#connection.current;
    const epoch = this.#epoch;
    const message = messageOf(body, await packBatch(body));
    if (message === undefined) return { kind: 'refused', reason: 'it does not say who sent it' };
    if (connection?.isBlocked === true) return { kind: 'later', after: LATER };
    const outcome = await this.#publish(message, connection);
    if (outcome === 'taken') return { kind: 'stored', epoch };
    if (outcome === 'refused' || outcome === 'blocked') return { kind: 'later', after: LATER };
    if (outcome === 'lost') throw await this.#reasonOf(connection);
    const text = `RabbitMQ at ${this.name} has no queue for the shard ${message.routingKey}; ${REMEDY}`;
    throw new PhanosError('COLLECTOR_UNAVAILABLE', text);
  }

  sendLast({ body }: FrozenBatch): boolean {
    const message = messageOf(body, packBatchNow(body));
    return message !== undefined && this.#lastWords?.say(message) === true;
  }

  onFlush(): void {
    // A broker never asks: what a collector behind it shows is at most one flush interval old.
  }

  expose(): Promise<Exposed> {
    return Promise.reject(this.#elsewhere());
  }

  serve(): Promise<Served> {
    return Promise.reject(this.#elsewhere());
  }

  close(): void {
    void this.#connection.close(GOODBYE);
  }

  async #setUp(connection: OpenConnection): Promise<void> {
    const publisher = await Publisher.open(connection, {
      // Producers only publish; what there is is declared by collectors.
      prepare: (channel) => channel.checkExchange(BATCH_EXCHANGE),
      lost: (reason) => connection.destroy(reason),
    }).catch((error: PhanosError) => {
      throw /\b404 NOT_FOUND\b/.test(error.message) ? this.#noExchange(error) : error;
    });
    this.#lastWords = await LastWords.open(connection);
    this.#publisher = publisher;
    this.#epoch = globalThis.crypto.randomUUID();
  }

  /** For a worker that can't do so any more. */
  async #sayGoodbye({ producer, seq, oldest, heartbeat, produced, dropped }: BatchHead): Promise<void> {
    await Promise.allSettled(this.#sending);
    const header = {
      producer,
      seq: seq + AHEAD,
      oldest,
      heartbeat,
      ops: 0,
      produced,
      dropped,
      whole: false,
      goodbye: true,
      onBehalf: true,
    };
    await this.#send(encodeBatch({ ...header, families: [] }));
  }

  #remember(body: Uint8Array): void {
    if (this.#behind.size === 0) return;
    const head = headOf(body);
    if (head !== undefined && this.#behind.has(head.producer.boot)) this.#behind.set(head.producer.boot, head);
  }

  /** `blocked` if the broker has said in time why it can't confirm. */
  async #publish(message: OutgoingMessage, connection: OpenConnection | undefined): Promise<Outcome | 'blocked'> {
    const publisher = this.#publisher;
    if (publisher === undefined || connection === undefined) return 'lost';
    const published = new Promise<Outcome>((resolve) => void publisher.publish(message, resolve));
    const { confirm } = this.#patience;
    const silence = (): PhanosError => {
      const text = `RabbitMQ at ${this.name} did not confirm a batch within ${confirm} ms; check that it is well`;
      return new PhanosError('BROKER_UNREACHABLE', text);
    };
    try {
      return await inTime(confirm, published, silence);
    } catch (error) {
      if (connection.isBlocked) return 'blocked';
      connection.destroy(error);
      return 'lost';
    }
  }

  #reasonOf(connection: OpenConnection | undefined): Promise<PhanosError> | PhanosError {
    return connection?.ended ?? new PhanosError('BROKER_UNREACHABLE', `the connection to RabbitMQ at ${this.name} was lost`);
  }

  #noExchange(cause: PhanosError): PhanosError {
    const text = `RabbitMQ at ${this.name} has no exchange '${BATCH_EXCHANGE}' yet; start a collector, which declares it: \`phanos collect --amqp …\``;
    return new PhanosError('COLLECTOR_UNAVAILABLE', text, { cause });
  }

  #elsewhere(): PhanosError {
    const text = `the collectors behind RabbitMQ at ${this.name} show the metrics themselves; scrape \`phanos collect\`, and don't call serve or metrics here`;
    return new PhanosError('COLLECTOR_UNAVAILABLE', text);
  }
}

function messageOf(body: Uint8Array, packed: PackedBatch): OutgoingMessage | undefined {
  const producer = producerOf(body);
  if (producer === undefined) return undefined;
  noteBatches(producer.job);
  const { encoding } = packed;
  return {
    exchange: BATCH_EXCHANGE,
    routingKey: shardName(shardOf(producer)),
    body: Buffer.from(packed.body.buffer, packed.body.byteOffset, packed.body.byteLength),
    mandatory: true,
    properties: {
      contentType: 'application/vnd.phanos.batch+json; version=2',
      ...(encoding === 'identity' ? {} : { contentEncoding: encoding }),
      deliveryMode: 2,
    },
  };
}
