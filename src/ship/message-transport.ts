import { PhanosError } from '../diagnostics/phanos-error.js';
import type { ProducerIdentity } from '../record/batch.js';
import { type Exposed, fromPlain, type PlainExposed } from '../record/exposed.js';
import type { Answer, CollectorMessage, Newcomer, Pipe, ProducerMessage, Welcome } from '../record/pipe.js';
import type { ServeOptions } from '../record/serve-options.js';
import type { Served } from './embedded-collector.js';
import { type FrozenBatch, HEARTBEAT, type Transport } from './transport.js';

/** Milliseconds that an answer may take: a primary that is busy for that long is tried again. */
const PATIENCE = 5000;
/** Milliseconds that the first answer may take: without one, the collector has no phanos. */
const HELLO_PATIENCE = 1000;

type Request = ProducerMessage extends infer M ? (M extends { readonly id: number } ? Omit<M, 'id'> : never) : never;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Number of the last request of this process or thread: its profilers share one channel, so that each must know its own answers. */
let lastId = 0;

/** Producer's end of a pipe: requests and answers, matched by number. */
export class MessageTransport implements Transport {
  readonly name: string;
  readonly heartbeat = HEARTBEAT;
  readonly #pipe: Pipe<ProducerMessage, CollectorMessage>;
  readonly #remedy: string;
  readonly #waiting = new Map<number, Waiting>();
  /** Who speaks here, once it has a slot. */
  #self: ProducerIdentity | undefined;
  #flush: () => Promise<void> = async () => undefined;
  #flushNow = (): void => undefined;

  /** @param remedy what to do if nobody ever answers */
  constructor(name: string, pipe: Pipe<ProducerMessage, CollectorMessage>, remedy: string) {
    this.name = name;
    this.#pipe = pipe;
    this.#remedy = remedy;
    pipe.onMessage((message) => this.#receive(message));
  }

  async hello(newcomer: Newcomer, behind = false): Promise<Welcome> {
    const welcome = (await this.#ask({ kind: 'hello', producer: newcomer, behind }, HELLO_PATIENCE)) as Welcome;
    if (!behind) this.#self = { ...newcomer, worker: welcome.worker };
    return welcome;
  }

  gone(producer: ProducerIdentity): void {
    this.#post({ kind: 'gone', id: 0, producer });
  }

  async send({ body }: FrozenBatch): Promise<Answer> {
    return (await this.#ask({ kind: 'batch', body }, PATIENCE)) as Answer;
  }

  sendLast({ body }: FrozenBatch): boolean {
    return this.#post({ kind: 'batch', id: 0, body });
  }

  onFlush(flush: () => Promise<void>, flushNow: () => void): void {
    this.#flush = flush;
    this.#flushNow = flushNow;
  }

  async expose(accept: string | undefined): Promise<Exposed> {
    return fromPlain((await this.#ask({ kind: 'expose', accept }, PATIENCE)) as PlainExposed);
  }

  async serve(options: ServeOptions): Promise<Served> {
    const { url } = (await this.#ask({ kind: 'serve', options }, PATIENCE)) as { readonly url: string };
    return { role: 'delegate', url, close: async () => undefined };
  }

  close(): void {
    // The process may live on, and its slot is free.
    if (this.#self !== undefined) this.gone(this.#self);
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new PhanosError('CLOSED', 'the profiler was closed while it waited for its collector'));
    }
    this.#waiting.clear();
    this.#pipe.close();
  }

  #ask(request: Request, patience: number): Promise<unknown> {
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        const remedy = this.#self === undefined ? `; ${this.#remedy}` : '';
        reject(new PhanosError('COLLECTOR_UNAVAILABLE', `the ${this.name} did not answer within ${patience} ms${remedy}`));
      }, patience).unref();
      try {
        this.#pipe.post({ ...request, id });
        this.#waiting.set(id, { resolve, reject, timer });
      } catch (error) {
        clearTimeout(timer);
        reject(new PhanosError('CLOSED', `the ${this.name} can't be reached any more`, { cause: error }));
      }
    });
  }

  /** False if the other end is gone. */
  #post(message: ProducerMessage): boolean {
    try {
      this.#pipe.post(message);
      return true;
    } catch {
      return false;
    }
  }

  #receive(message: CollectorMessage): void {
    if (message.kind === 'flush') {
      if (this.#self !== undefined) void this.#flush().then(() => this.#post({ kind: 'flushed', id: message.id }));
      return;
    }
    if (message.kind === 'leave') {
      this.#flushNow();
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    clearTimeout(waiting.timer);
    const { error, value } = message;
    if (error === undefined) waiting.resolve(value);
    else waiting.reject(new PhanosError(error.code === 'PORT_TAKEN' ? 'PORT_TAKEN' : 'COLLECTOR_UNAVAILABLE', error.message));
  }
}
