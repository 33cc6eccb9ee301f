import { KeptConnection } from '../../../amqp/kept-connection.js';
import type { OpenConnection } from '../../../amqp/open-connection.js';
import type { Logger } from '../../../diagnostics/logger.js';
import type { PhanosError } from '../../../diagnostics/phanos-error.js';
import type { ExposedFamily } from '../../../exposition/exposed-family.js';
import type { NormalAmqpIngest } from './amqp-ingest-options.js';
import type { BrokerOutages } from './broker-outages.js';
import type { QueueReader } from './queue-reader.js';
import { WireFigures, wireFamilies } from './wire-figures.js';

/** What both wires are read with. */
export interface AmqpSourceOptions extends Pick<NormalAmqpIngest, 'address' | 'lookInterval' | 'retry'> {
  readonly logger: Logger;
  readonly outages: BrokerOutages;
}

/** What one wire needs of a broker, and how its queues are read. */
export interface AmqpWire {
  /** `v1` or `v2`, in figures and in the log. */
  readonly name: string;
  /** What it takes, for the log: `records from the queue imp_prof`. */
  readonly about: string;
  /** Declares what it needs and begins to consume. */
  open(connection: OpenConnection, figures: WireFigures): Promise<readonly QueueReader[]>;
  /** Declares again what may be gone; counts what waits. */
  look(connection: OpenConnection, figures: WireFigures): Promise<void>;
  /** Told when the broker begins to deliver, and when it no longer can. */
  hear?(isPossible: boolean): void;
}

/** Milliseconds that the broker has to answer. */
const PATIENCE = 10_000;
/** Messages that may wait in one queue before a collector says that it lags behind. */
const LAG = 10_000;

/** Reads one wire from a broker, from when it is reached until it is stopped; whenever the connection is lost, everything is set up anew. */
export class AmqpSource {
  readonly #wire: AmqpWire;
  readonly #figures: WireFigures;
  readonly #options: AmqpSourceOptions;
  readonly #connection: KeptConnection;
  #readers: readonly QueueReader[] = [];
  #looking: NodeJS.Timeout | undefined;
  #trouble: string | undefined;

  constructor(wire: AmqpWire, options: AmqpSourceOptions) {
    this.#wire = wire;
    this.#options = options;
    this.#figures = new WireFigures(wire.name);
    wire.hear?.(false);
    this.#trouble = `RabbitMQ at ${options.address.name} was not reached yet`;
    this.#connection = new KeptConnection({
      address: options.address,
      title: `phanos collect (${wire.name})`,
      patience: PATIENCE,
      setup: (connection) => this.#setUp(connection),
      failed: (reason) => this.#failed(reason),
      retry: options.retry,
    });
  }

  /** Why it does not take everything that there is; undefined while it does. */
  get trouble(): string | undefined {
    if (this.#trouble !== undefined) return this.#trouble;
    for (const [queue, waiting] of this.#figures.waiting) if (waiting > LAG) return `${waiting} messages wait in the queue ${queue}`;
    return undefined;
  }

  get families(): Iterable<ExposedFamily> {
    return wireFamilies(this.#figures, this.#trouble === undefined, this.underway);
  }

  /** Messages between delivery and acknowledgement. */
  get underway(): number {
    return this.#readers.reduce((sum, reader) => sum + reader.underway, 0);
  }

  /** Takes nothing new, finishes within this time, in milliseconds, what came, and gives the rest back. */
  async stop(patience: number): Promise<void> {
    clearInterval(this.#looking);
    this.#trouble = 'reading from RabbitMQ was stopped';
    const end = performance.now() + patience;
    const left = (): number => Math.max(0, end - performance.now());
    await Promise.all(this.#readers.map((reader) => reader.stop(left)));
    await this.#connection.close(left());
  }

  async #setUp(connection: OpenConnection): Promise<void> {
    this.#readers = await this.#wire.open(connection, this.#figures);
    await this.#wire.look(connection, this.#figures);
    this.#figures.connects++;
    this.#trouble = undefined;
    this.#wire.hear?.(true);
    const { logger, outages, lookInterval } = this.#options;
    outages.ended(this);
    clearInterval(this.#looking);
    let isBusy = false;
    this.#looking = setInterval(() => {
      if (isBusy) return;
      isBusy = true;
      this.#wire
        .look(connection, this.#figures)
        .catch((reason: PhanosError) => connection.destroy(reason))
        .finally(() => {
          isBusy = false;
        });
    }, lookInterval).unref();
    logger.info({}, `takes ${this.#wire.about} at ${connection.address.name}`);
  }

  #failed(reason: PhanosError): void {
    clearInterval(this.#looking);
    this.#trouble = reason.message;
    this.#wire.hear?.(false);
    this.#options.outages.failed(this, reason);
  }
}
