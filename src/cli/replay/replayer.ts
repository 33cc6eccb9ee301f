import type { OpenConnection } from '../../amqp/open-connection.js';
import { type Outcome, Publisher } from '../../amqp/publisher.js';
import { onChannel } from '../../collector/ingest/amqp/queue-look.js';
import type { PhanosError } from '../../diagnostics/phanos-error.js';
import type { RecordedMessage } from '../messages/recorded-message.js';

/** Messages whose fate is not known yet, at most. */
const UNDERWAY = 256;

/** What became of messages that were sent again. */
export interface ReplayFigures {
  readonly sent: number;
  readonly taken: number;
  /** No queue was bound for them. */
  readonly returned: number;
  /** By a queue that is full or broken. */
  readonly refused: number;
  /** Under way when the connection was lost. */
  readonly lost: number;
  /** How many of the first ones are settled without a gap. */
  readonly settledInFront: number;
}

/** Sends messages again, each confirmed, in their order and at a rate. */
export class Replayer {
  readonly #connection: OpenConnection;
  readonly #publisher: Publisher;
  readonly #interval: number;
  readonly #start = performance.now();
  readonly #exchanges = new Set<string>();
  readonly #counts = { taken: 0, returned: 0, refused: 0, lost: 0 };
  readonly #open = new Set<number>();
  #sent = 0;
  #firstLost = Number.POSITIVE_INFINITY;
  #over: PhanosError | undefined;
  #wake: () => void = () => undefined;

  private constructor(connection: OpenConnection, publisher: Publisher, rate: number) {
    this.#connection = connection;
    this.#publisher = publisher;
    this.#interval = 1000 / rate;
    publisher.onDrain = () => this.#wake();
  }

  /** @param rate messages a second at most */
  static async open(connection: OpenConnection, rate = Number.POSITIVE_INFINITY): Promise<Replayer> {
    let replayer: Replayer | undefined;
    const publisher = await Publisher.open(connection, {
      lost: (reason) => {
        if (replayer !== undefined) replayer.#end(reason);
      },
    });
    replayer = new Replayer(connection, publisher, rate);
    return replayer;
  }

  get figures(): ReplayFigures {
    const settledInFront = Math.min(this.#firstLost, this.#sent, ...this.#open);
    return { ...this.#counts, sent: this.#sent, settledInFront };
  }

  /**
   * Waits for its turn and gives the message to the broker; `settled` tells what became of it. Rejects with BROKER_REFUSED if its exchange is not there, with
   * the reason if the connection is over.
   */
  async send(
    { exchange, routingKey, properties, body }: RecordedMessage,
    settled: (outcome: Outcome) => void = () => undefined,
  ): Promise<void> {
    // To an exchange that is not there the broker answers by closing the channel, with everything that is under way on it.
    if (!this.#exchanges.has(exchange)) {
      await this.settled();
      await onChannel(this.#connection, `looking for the exchange '${exchange}'`, (channel) => channel.checkExchange(exchange));
      this.#exchanges.add(exchange);
    }
    const due = this.#start + this.#sent * this.#interval - performance.now();
    if (due > 1) await new Promise((resolve) => setTimeout(resolve, due));
    while (this.#open.size >= UNDERWAY) await this.#change();
    this.#throwIfOver();
    const number = this.#sent++;
    this.#open.add(number);
    const goesOn = this.#publisher.publish({ exchange, routingKey, body, mandatory: true, properties }, (outcome) => {
      this.#counts[outcome]++;
      if (outcome === 'lost') this.#firstLost = Math.min(this.#firstLost, number);
      this.#open.delete(number);
      settled(outcome);
      this.#wake();
    });
    if (!goesOn && this.#open.size > 0) await this.#change();
  }

  /** Resolves when the fate of everything is known. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await this.#change();
    this.#throwIfOver();
  }

  #end(reason: PhanosError): void {
    this.#over = reason;
    this.#wake();
  }

  #throwIfOver(): void {
    if (this.#over !== undefined) throw this.#over;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
