import type { OutgoingMessage } from '../amqp/publisher.js';

/** A message that waits for its broker. */
export interface WaitingMessage extends OutgoingMessage {
  /** Records that it holds. */
  readonly records: number;
  /** Times that it was sent. */
  sent: number;
  /** Place among all messages; given by the outbox. */
  place: number;
}

/** Bounds of a {@link RecordOutbox}. */
export interface RecordOutboxOptions {
  readonly records: number;
  readonly bytes: number;
  /** Called with the records that were dropped to make room. */
  readonly dropped: (records: number) => void;
}

/**
 * Messages that wait for their broker, oldest first, bounded by records and bytes.
 *
 * What is too much is dropped at the old end: sums lose the same either way, but of gauges, infos and enums the newest value is the one that matters.
 */
export class RecordOutbox {
  readonly #limits: RecordOutboxOptions;
  /** Empty where they have left. */
  #messages: (WaitingMessage | undefined)[] = [];
  /** All before this one have left. The array is cut when they are as many as the others, so that a message is copied once or twice, however many wait. */
  #first = 0;
  #lastPlace = 0;
  #records = 0;
  #bytes = 0;

  constructor(limits: RecordOutboxOptions) {
    this.#limits = limits;
  }

  get records(): number {
    return this.#records;
  }

  get isEmpty(): boolean {
    return this.#first === this.#messages.length;
  }

  push(message: WaitingMessage): void {
    message.place = ++this.#lastPlace;
    this.#messages.push(message);
    this.#count(message, 1);
    this.#makeRoom();
  }

  /** Takes messages back that had left, each to its old place. */
  putBack(messages: readonly WaitingMessage[]): void {
    const waiting = this.#messages.slice(this.#first) as WaitingMessage[];
    // Mostly they all left before those that wait.
    const isInOrder = (messages.at(-1)?.place ?? 0) < (waiting[0]?.place ?? Number.POSITIVE_INFINITY);
    const all = [...messages, ...waiting];
    this.#messages = isInOrder ? all : all.sort((a, b) => a.place - b.place);
    this.#first = 0;
    for (const message of messages) this.#count(message, 1);
    this.#makeRoom();
  }

  /** Takes the oldest one out. */
  shift(): WaitingMessage | undefined {
    const message = this.#messages[this.#first];
    if (message === undefined) return undefined;
    this.#messages[this.#first++] = undefined;
    this.#count(message, -1);
    if (this.#first * 2 >= this.#messages.length) {
      this.#messages = this.#messages.slice(this.#first);
      this.#first = 0;
    }
    return message;
  }

  /** Takes all out; returns how many records they were. */
  clear(): number {
    const records = this.#records;
    this.#messages = [];
    this.#first = 0;
    this.#records = 0;
    this.#bytes = 0;
    return records;
  }

  #count({ records, body }: WaitingMessage, sign: 1 | -1): void {
    this.#records += sign * records;
    this.#bytes += sign * body.byteLength;
  }

  #makeRoom(): void {
    const { records, bytes, dropped } = this.#limits;
    let lost = 0;
    while (this.#records > records || this.#bytes > bytes) lost += this.shift()?.records ?? 0;
    if (lost > 0) dropped(lost);
  }
}
