import { PhanosError } from '../diagnostics/phanos-error.js';
import { Retry, type RetryOptions } from '../diagnostics/retry.js';
import { awake } from '../diagnostics/waiting.js';
import { OpenConnection, type OpenOptions } from './open-connection.js';

/** What a {@link KeptConnection} works on. */
export interface KeptConnectionOptions extends OpenOptions {
  /**
   * Opens channels, declares, binds, consumes: done again after each reconnect, since a broker that was restarted may have forgotten everything. If it
   * rejects, the connection is given up and tried again.
   */
  readonly setup: (connection: OpenConnection) => Promise<void>;
  /** A connection was lost, or a try failed; it is tried again. */
  readonly failed: (reason: PhanosError) => void;
  readonly retry?: RetryOptions | undefined;
}

/** Milliseconds after which a connection counts as one that lasts, so that the next failure is the first one. */
const LASTING = 1000;

interface Waiting {
  tries: number;
  readonly resolve: () => void;
  readonly reject: (reason: PhanosError) => void;
}

/** One connection to a broker, opened again whenever it is lost, until it is closed. It never keeps the process alive. */
export class KeptConnection {
  readonly #options: KeptConnectionOptions;
  readonly #retry: Retry;
  readonly #giveUp = new AbortController();
  /** Open, and set up or about to be. */
  #connection: OpenConnection | undefined;
  #current: OpenConnection | undefined;
  #waiting: Waiting[] = [];
  #wake: () => void = () => undefined;
  #isClosed = false;

  constructor(options: KeptConnectionOptions) {
    this.#options = options;
    this.#retry = new Retry(options.retry);
    void this.#run();
  }

  /** The connection, once it is set up; undefined while there is none. */
  get current(): OpenConnection | undefined {
    return this.#current;
  }

  /**
   * Resolves once it is set up, and rejects with the reason when so many tries have failed from now on. The next try is made at once. Whoever waits keeps
   * the process alive himself, if that is meant.
   */
  ready(tries = 1): Promise<void> {
    if (this.#current !== undefined) return Promise.resolve();
    if (this.#isClosed) return Promise.reject(new PhanosError('CLOSED', 'the connection to RabbitMQ is closed'));
    const settled = new Promise<void>((resolve, reject) => this.#waiting.push({ tries, resolve, reject }));
    this.#wake();
    return settled;
  }

  /** Ends in order if the broker answers in this time, in milliseconds, and is not tried again. */
  async close(patience: number): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    this.#giveUp.abort();
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) this.#connection?.destroy();
    else await awake(current.close(patience));
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      let reason: PhanosError;
      try {
        const connection = await OpenConnection.open({ ...this.#options, signal: this.#giveUp.signal });
        this.#connection = connection;
        if (!this.#isClosed) await this.#options.setup(connection);
        reason = await this.#use(connection);
      } catch (error) {
        reason = error as PhanosError;
        this.#connection?.destroy();
      }
      this.#connection = undefined;
      if (!this.#isClosed) this.#options.failed(reason);
      this.#tellFailure(reason);
      if (!this.#isClosed) await this.#pause(this.#retry.next());
    }
    for (const { reject } of this.#waiting.splice(0))
      reject(new PhanosError('CLOSED', 'the connection to RabbitMQ was closed while it was waited for'));
  }

  /** Waits until it is over, for the reason. */
  async #use(connection: OpenConnection): Promise<PhanosError> {
    if (this.#isClosed) {
      connection.destroy();
      return connection.ended;
    }
    const since = performance.now();
    this.#current = connection;
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting = [];
    const reason = await connection.ended;
    this.#current = undefined;
    if (performance.now() - since >= LASTING) this.#retry.reset();
    return reason;
  }

  #tellFailure(reason: PhanosError): void {
    for (const waiting of this.#waiting) waiting.tries--;
    for (const { tries, reject } of this.#waiting) if (tries <= 0) reject(reason);
    this.#waiting = this.#waiting.filter(({ tries }) => tries > 0);
  }

  async #pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }
}
