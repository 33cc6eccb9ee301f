import { PhanosError } from '../diagnostics/phanos-error.js';
import type { ProducerIdentity } from '../record/batch.js';
import type { Exposed } from '../record/exposed.js';
import type { Answer, Newcomer, Welcome } from '../record/pipe.js';
import type { ServeOptions } from '../record/serve-options.js';
import type { Served } from './embedded-collector.js';
import type { FrozenBatch, Transport } from './transport.js';

/** What is known of a transport before its file is loaded. */
export interface LazyTransportOptions {
  readonly name: string;
  readonly heartbeat: number;
  /** Loads the file and makes the transport. What it rejects with is told as any other reason why the collector can't be reached. */
  readonly load: () => Promise<Transport>;
}

/** A transport whose file is loaded when it is first used, since it needs modules that the client must not load by itself. */
export class LazyTransport implements Transport {
  readonly name: string;
  readonly heartbeat: number;
  readonly #load: () => Promise<Transport>;
  #loading: Promise<Transport> | undefined;
  #loaded: Transport | undefined;
  #flush: [flush: () => Promise<void>, flushNow: () => void] | undefined;
  #closed = false;

  constructor({ name, heartbeat, load }: LazyTransportOptions) {
    this.name = name;
    this.heartbeat = heartbeat;
    this.#load = load;
  }

  async hello(newcomer: Newcomer, behind?: boolean): Promise<Welcome> {
    return (await this.#transport()).hello(newcomer, behind);
  }

  gone(producer: ProducerIdentity): void {
    this.#loaded?.gone(producer);
  }

  async send(batch: FrozenBatch): Promise<Answer> {
    return (await this.#transport()).send(batch);
  }

  sendLast(batch: FrozenBatch): boolean {
    return this.#loaded === undefined ? false : this.#loaded.sendLast(batch);
  }

  onFlush(flush: () => Promise<void>, flushNow: () => void): void {
    this.#flush = [flush, flushNow];
    this.#loaded?.onFlush(flush, flushNow);
  }

  async expose(accept: string | undefined): Promise<Exposed> {
    return (await this.#transport()).expose(accept);
  }

  async serve(options: ServeOptions): Promise<Served> {
    return (await this.#transport()).serve(options);
  }

  close(): void {
    this.#closed = true;
    this.#loaded?.close();
  }

  #transport(): Promise<Transport> {
    if (this.#closed) throw new PhanosError('CLOSED', `the way to the collector at ${this.name} is closed`);
    this.#loading ??= this.#open().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #open(): Promise<Transport> {
    const transport = await this.#load();
    this.#loaded = transport;
    if (this.#flush !== undefined) transport.onFlush(...this.#flush);
    if (this.#closed) transport.close();
    return transport;
  }
}
