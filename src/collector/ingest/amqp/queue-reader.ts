import type { ConsumeMessage } from 'amqplib';
import { Consumer } from '../../../amqp/consumer.js';
import type { OpenConnection } from '../../../amqp/open-connection.js';
import type { PhanosError } from '../../../diagnostics/phanos-error.js';
import { within } from '../../../diagnostics/waiting.js';
import type { Answer } from '../../../record/pipe.js';
import type { DeadLetters } from './dead-letters.js';
import { DeliveryWindow } from './delivery-window.js';
import type { WireFigures } from './wire-figures.js';

/** What a {@link QueueReader} works on. */
export interface QueueReaderOptions {
  readonly queue: string;
  /** Messages that the broker sends ahead of what was acknowledged. */
  readonly prefetch: number;
  /** True refuses any other consumer of the queue. */
  readonly exclusive: boolean;
  /** Never rejects; takes a message that is told to come later again. */
  readonly take: (body: Buffer, encoding: string | undefined) => Promise<Answer>;
  readonly deadLetters: DeadLetters;
  readonly figures: WireFigures;
  /** Milliseconds after which a message that only others could make ready is a dead letter: all others in the queue wait for it. @default 30_000 */
  readonly earlyPatience?: number | undefined;
  /** It is over without having been stopped. */
  readonly lost: (reason: PhanosError) => void;
}

/** Brings the messages of one queue into a collector: each is acknowledged once it is safe there, or put aside as a dead letter. */
export class QueueReader {
  readonly #options: QueueReaderOptions;
  readonly #window: DeliveryWindow;
  #consumer: Consumer | undefined;
  #isStopping = false;

  private constructor(options: QueueReaderOptions) {
    this.#options = options;
    this.#window = new DeliveryWindow((last, messages) => {
      if (this.#consumer?.acknowledgeUpTo(last) === true) options.figures.acknowledged += messages;
    });
  }

  static async open(connection: OpenConnection, options: QueueReaderOptions): Promise<QueueReader> {
    const reader = new QueueReader(options);
    const { queue, prefetch, exclusive, lost } = options;
    reader.#consumer = await Consumer.open(connection, {
      queue,
      prefetch,
      exclusive,
      receive: (message, consumer) => reader.#receive(message, consumer),
      lost: (reason) => {
        reader.#isStopping = true;
        lost(reason);
      },
    });
    return reader;
  }

  /** Messages that are not acknowledged yet. */
  get underway(): number {
    return this.#window.size;
  }

  /** Takes nothing new, finishes what comes in the milliseconds that are `left`, and gives the rest back. */
  async stop(left: () => number): Promise<void> {
    this.#isStopping = true;
    await within(left(), this.#window.empty());
    await this.#consumer?.close(left());
  }

  #receive(message: ConsumeMessage, consumer: Consumer): void {
    this.#consumer ??= consumer;
    // What comes now is given back with the channel.
    if (this.#isStopping) return;
    const { figures } = this.#options;
    figures.delivered++;
    if (message.fields.redelivered) figures.redelivered++;
    void this.#take(message, this.#window.add(message));
  }

  async #take(message: ConsumeMessage, done: () => void): Promise<void> {
    if (await this.#settle(message)) done();
  }

  /** False if it is given up, to be delivered again. */
  async #settle(message: ConsumeMessage): Promise<boolean> {
    const { take, figures, earlyPatience = 30_000 } = this.#options;
    const { contentEncoding } = message.properties as { readonly contentEncoding?: string };
    let earlySince: number | undefined;
    for (;;) {
      const answer = await take(message.content, contentEncoding);
      if (answer.kind === 'stored') {
        figures.results.stored++;
        return true;
      }
      if (answer.kind === 'refused') return this.#putAside(message, answer.reason);
      const now = performance.now();
      earlySince = answer.early === true ? (earlySince ?? now) : undefined;
      if (earlySince !== undefined && now - earlySince >= earlyPatience) {
        return this.#putAside(message, 'what has to come before it does not come, or its collector has no room for one more producer');
      }
      figures.results.later++;
      if (this.#isStopping) return false;
      await new Promise((resolve) => setTimeout(resolve, answer.after).unref());
      if (this.#isStopping) return false;
    }
  }

  async #putAside(message: ConsumeMessage, reason: string): Promise<boolean> {
    const isSafe = await this.#options.deadLetters.add(message, reason);
    if (isSafe) this.#options.figures.results.dead_lettered++;
    return isSafe;
  }
}
