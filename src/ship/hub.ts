import { within } from '../diagnostics/waiting.js';
import type { ProducerIdentity } from '../record/batch.js';
import { type Exposed, toPlain } from '../record/exposed.js';
import type { Answer, CollectorMessage, Newcomer, Pipe, ProducerMessage, Welcome } from '../record/pipe.js';
import type { ServeOptions } from '../record/serve-options.js';

/** Where a hub hands on what workers send: the collector of this process, or the one further up. */
export interface Receiver {
  /** The same boot gets the same slot, however often it asks. */
  hello(newcomer: Newcomer): Promise<Welcome>;
  receive(body: Uint8Array | string): Promise<Answer>;
  /** A worker has ended, in order or not. */
  gone(producer: ProducerIdentity): void;
  expose(accept: string | undefined): Promise<Exposed>;
  serve(options: ServeOptions): Promise<{ readonly url: string }>;
}

type HubPipe = Pipe<CollectorMessage, ProducerMessage>;

/** Milliseconds that a scrape waits for workers; what comes later shows at the next one. */
export const FLUSH_PATIENCE = 200;

/** Answers the workers of this process: cluster workers of a primary, threads of a main thread. */
export class Hub {
  readonly #receiver: Receiver;
  readonly #links = new Set<Link>();

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  /** Serves a worker at the other end of `pipe`. The returned function tells that it has ended. */
  attach(pipe: HubPipe): () => void {
    const link = new Link(pipe, this.#receiver);
    this.#links.add(link);
    return () => {
      this.#links.delete(link);
      link.ended();
    };
  }

  /** Asks all workers to hand over what they have, and waits a little. */
  async flush(): Promise<void> {
    const answers = [...this.#links].filter((link) => link.isKnown).map((link) => link.flush());
    if (answers.length > 0) await within(FLUSH_PATIENCE, Promise.all(answers));
  }

  close(): void {
    for (const link of this.#links) link.close();
    this.#links.clear();
  }
}

/** A request to flush that was not answered by all of a worker's producers yet. */
interface Flushing {
  left: number;
  readonly done: () => void;
}

/** The hub's end of one worker's pipe. */
class Link {
  readonly #pipe: HubPipe;
  readonly #receiver: Receiver;
  readonly #flushes = new Map<number, Flushing>();
  /** Producers at the other end by their boot: one for each of the worker's profilers. */
  readonly #direct = new Map<string, ProducerIdentity>();
  /** Producers of workers that this worker started and speaks for. */
  readonly #behind = new Map<string, ProducerIdentity>();
  #lastFlush = 0;
  #hasEnded = false;

  constructor(pipe: HubPipe, receiver: Receiver) {
    this.#pipe = pipe;
    this.#receiver = receiver;
    pipe.onMessage((message) => void this.#handle(message));
  }

  /** True while the worker has something to hand over; others have no phanos. */
  get isKnown(): boolean {
    return this.#direct.size > 0;
  }

  flush(): Promise<void> {
    const id = ++this.#lastFlush;
    return new Promise((done) => {
      this.#flushes.set(id, { left: this.#direct.size, done });
      this.#post({ kind: 'flush', id });
    });
  }

  ended(): void {
    this.#hasEnded = true;
    for (const producer of [...this.#direct.values(), ...this.#behind.values()]) this.#receiver.gone(producer);
    this.#direct.clear();
    this.#behind.clear();
    this.close();
  }

  close(): void {
    for (const { done } of this.#flushes.values()) done();
    this.#flushes.clear();
    this.#pipe.close();
  }

  async #handle(message: ProducerMessage): Promise<void> {
    const { id, kind } = message;
    if (kind === 'flushed') {
      this.#flushed(id);
    } else if (kind === 'gone') {
      const { boot } = message.producer;
      if (this.#direct.delete(boot) || this.#behind.delete(boot)) this.#receiver.gone(message.producer);
    } else {
      try {
        this.#post({ kind: 'answer', id, value: await this.#answer(message) });
      } catch (error) {
        const { code, message: text } = error as { readonly code?: string; readonly message: string };
        this.#post({ kind: 'answer', id, error: { ...(code === undefined ? {} : { code }), message: text } });
      }
    }
  }

  #flushed(id: number): void {
    const flushing = this.#flushes.get(id);
    if (flushing === undefined || --flushing.left > 0) return;
    this.#flushes.delete(id);
    flushing.done();
  }

  async #answer(message: Exclude<ProducerMessage, { readonly kind: 'flushed' | 'gone' }>): Promise<unknown> {
    switch (message.kind) {
      case 'hello':
        return this.#welcome(message.producer, message.behind === true);
      case 'batch':
        return this.#receiver.receive(message.body);
      case 'expose':
        return toPlain(await this.#receiver.expose(message.accept));
      case 'serve': {
        const { url } = await this.#receiver.serve(message.options);
        return { url };
      }
    }
  }

  async #welcome(newcomer: Newcomer, isBehind: boolean): Promise<Welcome> {
    const welcome = await this.#receiver.hello(newcomer);
    const producer = { ...newcomer, worker: welcome.worker };
    // It ended while its slot was asked for: nobody else would give the slot back.
    if (this.#hasEnded) this.#receiver.gone(producer);
    else (isBehind ? this.#behind : this.#direct).set(producer.boot, producer);
    return welcome;
  }

  #post(message: CollectorMessage): void {
    try {
      this.#pipe.post(message);
    } catch {
      // The worker has just ended; its exit event follows.
    }
  }
}
