import type { Channel, Message as ReturnedMessage } from 'amqplib';
import type { PhanosError } from '../diagnostics/phanos-error.js';
import type { OpenConnection } from './open-connection.js';

/** Properties of a message; those that are not there don't travel. */
export interface MessageProperties {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** 2 is written to disk by durable queues, 1 is not. */
  readonly deliveryMode?: 1 | 2;
  readonly priority?: number;
  readonly messageId?: string;
  readonly type?: string;
}

/** A message on its way out. */
export interface OutgoingMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  /** Comes back if there is no queue for it. */
  readonly mandatory: boolean;
  readonly properties: MessageProperties;
}

/**
 * What became of a message: `taken` by the broker; `returned`, since no queue is bound for it; `refused`, since a queue is full or broken; `lost` with the
 * channel, so that nobody knows.
 */
export type Outcome = 'taken' | 'returned' | 'refused' | 'lost';

/** What a {@link Publisher} works on. */
export interface PublisherOptions {
  /** False takes a message for taken as soon as it was given to the network. @default true */
  readonly confirms?: boolean;
  /** Declares what messages need, on the same channel. */
  readonly prepare?: (channel: Channel) => Promise<unknown>;
  /** Called when the channel is over, after everything that was pending was settled as `lost`; the connection may live on. */
  readonly lost: (reason: PhanosError) => void;
}

/** The library's own way to publish. Its `publish` adds empty headers, which the messages of the original don't have. */
interface Internals {
  sendMessage(fields: object, properties: object, content: Buffer): boolean;
  pushConfirmCallback(callback: (error: unknown) => void): void;
}

interface Pending {
  readonly body: Buffer;
  readonly settled: (outcome: Outcome) => void;
  isReturned: boolean;
  isSettled: boolean;
}

/** Publishes on one channel, and tells of each message what became of it, once. */
export class Publisher {
  /** Called when the channel takes messages again after `publish` returned false. */
  onDrain: (() => void) | undefined;
  readonly #channel: Internals;
  readonly #confirms: boolean;
  /** In the order of publishing, which is the order of returns too. */
  #pending: Pending[] = [];
  #isOpen = true;
  /** True while the library calls back for a message that the broker refused; for one whose channel is over it calls back with an error too. */
  #isRefusal = false;

  private constructor(channel: Channel, confirms: boolean) {
    this.#channel = channel as unknown as Internals;
    this.#confirms = confirms;
    channel.prependListener('nack', () => {
      this.#isRefusal = true;
    });
    channel.on('nack', () => {
      this.#isRefusal = false;
    });
    channel.on('return', (message) => this.#returned(message));
    channel.on('drain', () => this.#drained());
  }

  static async open(connection: OpenConnection, { confirms = true, prepare, lost }: PublisherOptions): Promise<Publisher> {
    let publisher: Publisher | undefined;
    const over = (reason: PhanosError): void => {
      publisher?.end();
      lost(reason);
    };
    const channel = confirms ? await connection.confirmChannel(over) : await connection.channel(over);
    publisher = new Publisher(channel, confirms);
    if (prepare !== undefined) await connection.ask('what messages need', prepare(channel));
    return publisher;
  }

  /** Messages of which nothing is known yet. */
  get pending(): number {
    return this.#pending.length;
  }

  /**
   * `settled` is called once, at once only if the channel is over, or if nothing is confirmed. Returns false when the network can't keep up: wait for
   * `onDrain`. Never throws.
   */
  publish({ exchange, routingKey, body, mandatory, properties }: OutgoingMessage, settled: (outcome: Outcome) => void): boolean {
    if (!this.#isOpen) {
      settled('lost');
      return false;
    }
    try {
      const goesOn = this.#channel.sendMessage({ exchange, routingKey, mandatory, immediate: false, ticket: 0 }, properties, body);
      if (!this.#confirms && goesOn) {
        settled('taken');
        return true;
      }
      const pending: Pending = { body, settled, isReturned: false, isSettled: false };
      this.#pending.push(pending);
      if (this.#confirms) this.#channel.pushConfirmCallback((error) => this.#confirmed(pending, error));
      return goesOn;
    } catch (error) {
      const isClosing = (error as Error).name === 'IllegalOperationError';
      settled(isClosing ? 'lost' : 'refused');
      return !isClosing;
    }
  }

  /** Settles what is pending as lost. */
  end(): void {
    this.#isOpen = false;
    const pending = this.#pending;
    this.#pending = [];
    for (const message of pending) this.#settle(message, 'lost');
  }

  #drained(): void {
    if (!this.#confirms) for (const message of this.#pending.splice(0)) this.#settle(message, 'taken');
    this.onDrain?.();
  }

  #returned({ content }: ReturnedMessage): void {
    // A return comes before the confirm of its message, and returns come in the order of publishing.
    const message = this.#pending.find(({ isReturned, isSettled, body }) => !isReturned && !isSettled && body.equals(content));
    if (message !== undefined) message.isReturned = true;
  }

  #confirmed(message: Pending, error: unknown): void {
    const isFailure = (error ?? null) !== null;
    if (isFailure && !this.#isRefusal) return this.end();
    this.#settle(message, isFailure ? 'refused' : message.isReturned ? 'returned' : 'taken');
    // Confirms come roughly in order, so that what is settled is mostly in front.
    let settled = 0;
    while (this.#pending[settled]?.isSettled === true) settled++;
    if (settled > 0) this.#pending.splice(0, settled);
  }

  #settle(message: Pending, outcome: Outcome): void {
    if (message.isSettled) return;
    message.isSettled = true;
    message.settled(outcome);
  }
}
