import type { Answer, CollectorMessage, Pipe, ProducerMessage, Welcome } from '../record/pipe.js';
import type { ServeOptions } from './embedded-collector.js';

/** Where a hub hands on what workers send: the collector of this process, or the one further up. */
export interface Receiver {
  hello(worker: string | undefined): Promise<Welcome>;
  receive(body: Uint8Array | string): Promise<Answer>;
  /** A worker has ended, in order or not. */
  gone(worker: string): void;
  text(): Promise<string>;
  serve(options: ServeOptions): Promise<{ readonly url: string }>;
}

type HubPipe = Pipe<CollectorMessage, ProducerMessage>;

/** Milliseconds that a scrape waits for workers; what comes later shows at the next one. */
const FLUSH_PATIENCE = 200;

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
    if (answers.length === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_PATIENCE);
    });
    await Promise.race([Promise.all(answers), patience]);
    clearTimeout(timer);
  }

  close(): void {
    for (const link of this.#links) link.close();
    this.#links.clear();
  }
}

/** The hub's end of one worker's pipe. */
class Link {
  readonly #pipe: HubPipe;
  readonly #receiver: Receiver;
  readonly #flushes = new Map<number, () => void>();
  #worker: string | undefined;
  #welcome: Promise<Welcome> | undefined;
  /** Workers that this worker started and speaks for. */
  readonly #behind = new Set<string>();
  #lastFlush = 0;

  constructor(pipe: HubPipe, receiver: Receiver) {
    this.#pipe = pipe;
    this.#receiver = receiver;
    pipe.onMessage((message) => void this.#handle(message));
  }

  /** True once the worker has said hello; others have no phanos. */
  get isKnown(): boolean {
    return this.#worker !== undefined;
  }

  flush(): Promise<void> {
    const id = ++this.#lastFlush;
    return new Promise((resolve) => {
      this.#flushes.set(id, resolve);
      this.#post({ kind: 'flush', id });
    });
  }

  ended(): void {
    if (this.#worker !== undefined) this.#receiver.gone(this.#worker);
    for (const worker of this.#behind) this.#receiver.gone(worker);
    this.close();
  }

  close(): void {
    for (const resolve of this.#flushes.values()) resolve();
    this.#flushes.clear();
    this.#pipe.close();
  }

  async #handle(message: ProducerMessage): Promise<void> {
    const { id, kind } = message;
    if (kind === 'flushed') {
      this.#flushes.get(id)?.();
      this.#flushes.delete(id);
      return;
    }
    if (kind === 'gone') {
      this.#behind.delete(message.worker);
      this.#receiver.gone(message.worker);
      return;
    }
    try {
      this.#post({ kind: 'answer', id, value: await this.#answer(message) });
    } catch (error) {
      const { code, message: text } = error as { readonly code?: string; readonly message: string };
      this.#post({ kind: 'answer', id, error: { ...(code === undefined ? {} : { code }), message: text } });
    }
  }

  async #answer(message: Exclude<ProducerMessage, { readonly kind: 'flushed' | 'gone' }>): Promise<unknown> {
    switch (message.kind) {
      case 'hello': {
        const behind = message.behind === true;
        if (behind) {
          const welcome = await this.#receiver.hello(message.worker);
          this.#behind.add(welcome.worker);
          return welcome;
        }
        // A worker that had no answer in time asks again, and is to have the same slot.
        this.#welcome ??= this.#receiver.hello(message.worker).catch((error: unknown) => {
          this.#welcome = undefined;
          throw error;
        });
        const welcome = await this.#welcome;
        this.#worker = welcome.worker;
        return welcome;
      }
      case 'batch':
        return this.#receiver.receive(message.body);
      case 'text':
        return this.#receiver.text();
      case 'serve': {
        const { url } = await this.#receiver.serve(message.options);
        return { url };
      }
    }
  }

  #post(message: CollectorMessage): void {
    try {
      this.#pipe.post(message);
    } catch {
      // The worker has just ended; its exit event follows.
    }
  }
}
