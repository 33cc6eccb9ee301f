import { PhanosError } from '../diagnostics/phanos-error.js';
import type { Answer, CollectorMessage, Pipe, ProducerMessage, Welcome } from '../record/pipe.js';
import type { Served, ServeOptions } from './embedded-collector.js';
import type { FrozenBatch, Transport } from './transport.js';

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

/** Producer's end of a pipe: requests and answers, matched by number. */
export class MessageTransport implements Transport {
  readonly name: string;
  readonly heartbeat = 5000;
  readonly #pipe: Pipe<ProducerMessage, CollectorMessage>;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #flush: () => Promise<void> = async () => undefined;

  constructor(name: string, pipe: Pipe<ProducerMessage, CollectorMessage>) {
    this.name = name;
    this.#pipe = pipe;
    pipe.onMessage((message) => this.#receive(message));
  }

  async hello(worker: string | undefined, behind = false): Promise<Welcome> {
    return (await this.#ask({ kind: 'hello', worker, behind }, HELLO_PATIENCE)) as Welcome;
  }

  gone(worker: string): void {
    this.#post({ kind: 'gone', id: 0, worker });
  }

  async send({ body }: FrozenBatch): Promise<Answer> {
    return (await this.#ask({ kind: 'batch', body }, PATIENCE)) as Answer;
  }

  sendLast({ body }: FrozenBatch): void {
    this.#post({ kind: 'batch', id: 0, body });
  }

  onFlush(flush: () => Promise<void>): void {
    this.#flush = flush;
  }

  async text(): Promise<string> {
    return (await this.#ask({ kind: 'text' }, PATIENCE)) as string;
  }

  async serve(options: ServeOptions): Promise<Served> {
    const { url } = (await this.#ask({ kind: 'serve', options }, PATIENCE)) as { readonly url: string };
    return { role: 'delegate', url, close: async () => undefined };
  }

  close(): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new PhanosError('CLOSED', 'the profiler was closed while it waited for its collector'));
    }
    this.#waiting.clear();
    this.#pipe.close();
  }

  #ask(request: Request, patience: number): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new PhanosError('COLLECTOR_UNAVAILABLE', `the ${this.name} did not answer within ${patience} ms`));
      }, patience).unref();
      this.#waiting.set(id, { resolve, reject, timer });
      this.#post({ ...request, id });
    });
  }

  #post(message: ProducerMessage): void {
    try {
      this.#pipe.post(message);
    } catch {
      // The other end is gone; what waits for an answer is tried again, or given up with the process.
    }
  }

  #receive(message: CollectorMessage): void {
    if (message.kind === 'flush') {
      void this.#flush().then(() => this.#post({ kind: 'flushed', id: message.id }));
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
