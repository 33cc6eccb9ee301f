import type { Diagnostics } from '../diagnostics/diagnostics.js';
import type { Batch, ProducerIdentity } from '../record/batch.js';
import { encodeBatch } from '../record/batch-encoder.js';
import { splitBatch } from '../record/batch-splitter.js';
import type { Deltas } from './delta-table.js';
import { Outbox } from './outbox.js';
import { Retry } from './retry.js';
import type { FrozenBatch, Transport } from './transport.js';

/** What a {@link Producer} works on. */
export interface ProducerOptions {
  readonly transport: Transport;
  /** Everything but the worker slot, which the collector gives unless it is given here. */
  readonly identity: Omit<ProducerIdentity, 'worker'> & { readonly worker: string | undefined };
  /** Milliseconds between two hand-overs. */
  readonly flushInterval: number;
  readonly diagnostics: Diagnostics;
  /** Asks the gauges, then takes what happened; with `whole`, gauges, infos and enums come with all their series. */
  readonly drain: (whole: boolean) => Promise<Deltas>;
  /** As `drain` at the end of the process, when nothing can be waited for. */
  readonly drainNow: () => Deltas;
}

/** Milliseconds after which gauges, infos and enums are sent whole again, whatever happened. */
const WHOLE_INTERVAL = 60_000;
/** Milliseconds that `flush` and `close` wait for the collector. */
const PATIENCE = 5000;

/**
 * Brings what happens in this process to a collector elsewhere, so that each operation counts once.
 *
 * Batches are frozen under contiguous numbers and sent in order until they are confirmed; retries send the same bytes. While the collector is
 * away, 16 batches wait and everything newer keeps merging in the delta table.
 */
export class Producer {
  readonly #options: ProducerOptions;
  readonly #outbox = new Outbox();
  readonly #retry = new Retry();
  #worker: string | undefined;
  #greeting: Promise<void> | undefined;
  #epoch: string | undefined;
  #produced = 0;
  #dropped = 0;
  #wholeSince = Number.NEGATIVE_INFINITY;
  #lastSent = Number.NEGATIVE_INFINITY;
  #ticking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #warned = false;

  constructor(options: ProducerOptions) {
    this.#options = options;
    this.#schedule(0);
  }

  /** Resolves once the collector has answered; rejects with the reason if it does not. */
  async ready(): Promise<void> {
    if (this.#worker === undefined) await awake(this.#hello());
  }

  /** Hands over what there is. Never rejects: what can't be handed over now is tried again. */
  handOver(): Promise<void> {
    return this.#tick();
  }

  /** Resolves when the collector has confirmed everything, or after 5 s: then the rest stays and is tried again. */
  flush(): Promise<void> {
    return awake(this.#flush());
  }

  async #flush(): Promise<void> {
    const deadline = performance.now() + PATIENCE;
    do await this.#tick();
    while (
      this.#outbox.size > 0 &&
      performance.now() < deadline &&
      !this.#closed &&
      (await this.#retry.pause(deadline - performance.now()))
    );
  }

  /** Flushes, says goodbye, and gives everything back. */
  async close(): Promise<void> {
    await this.flush();
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#retry.cancel();
    if (this.#worker !== undefined && this.#outbox.size === 0) {
      this.#freeze({ families: [], ops: 0 }, { goodbye: true });
      await awake(this.#sendFirst().catch(() => undefined));
    }
    this.#options.transport.close();
  }

  /** Hands over what it can without waiting: the process ends. */
  exit(): void {
    if (this.#closed || this.#worker === undefined) return;
    if (!this.#outbox.isFull) this.#freeze(this.#options.drainNow(), { goodbye: true });
    for (let batch = this.#outbox.first; batch !== undefined; batch = this.#outbox.first) {
      this.#options.transport.sendLast(batch);
      this.#outbox.settle(batch.seq);
    }
  }

  #schedule(after: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tick(), after).unref();
  }

  /** One hand-over at a time; who asks meanwhile gets the one after it. */
  #tick(): Promise<void> {
    this.#ticking ??= this.#run().finally(() => {
      this.#ticking = undefined;
      this.#schedule(this.#outbox.size > 0 ? this.#retry.next() : this.#options.flushInterval);
    });
    return this.#ticking;
  }

  async #run(): Promise<void> {
    try {
      if (this.#worker === undefined) await this.#hello();
      if (!this.#outbox.isFull) await this.#freezeChanges();
      while (this.#outbox.first !== undefined) if (!(await this.#sendFirst())) return;
      await this.#beat();
      this.#retry.reset();
      this.#warned = false;
    } catch (error) {
      this.#options.diagnostics.count('collector_unreachable', this.#options.transport.name);
      if (this.#warned) return;
      this.#warned = true;
      const { name } = this.#options.transport;
      this.#options.diagnostics.report('warn', `collector_unreachable ${name}`, { collector: name, err: error }, unreachable(name));
      // After a pause nobody knows what the collector has kept.
      this.#wholeSince = Number.NEGATIVE_INFINITY;
    }
  }

  /** Once: a second hello would take a second slot. */
  #hello(): Promise<void> {
    this.#greeting ??= this.#greet().finally(() => {
      this.#greeting = undefined;
    });
    return this.#greeting;
  }

  async #greet(): Promise<void> {
    const { worker, epoch } = await this.#options.transport.hello(this.#options.identity.worker);
    this.#worker = worker;
    this.#epoch = epoch;
  }

  async #freezeChanges(): Promise<void> {
    const now = performance.now();
    const whole = now - this.#wholeSince >= WHOLE_INTERVAL;
    const deltas = await this.#options.drain(whole);
    if (whole) this.#wholeSince = now;
    // The first batch makes the producer known, even if there is nothing to tell.
    if (deltas.families.length > 0 || this.#outbox.nextSeq === 1) this.#freeze(deltas, { whole });
  }

  #freeze({ families, ops }: Deltas, { whole = false, goodbye = false }: { readonly whole?: boolean; readonly goodbye?: boolean }): void {
    this.#produced += ops;
    const batch: Batch = {
      producer: { ...this.#options.identity, worker: this.#worker ?? '' },
      seq: this.#outbox.nextSeq,
      oldest: this.#outbox.oldest,
      heartbeat: this.#options.transport.heartbeat,
      ops,
      produced: this.#produced,
      dropped: this.#dropped,
      whole,
      goodbye,
      families,
    };
    for (const part of splitBatch(batch)) this.#outbox.push(part);
  }

  /** False if the collector wants to be left alone for now. */
  async #sendFirst(): Promise<boolean> {
    const batch = this.#outbox.first as FrozenBatch;
    const answer = await this.#options.transport.send(batch);
    this.#lastSent = performance.now();
    if (answer.kind === 'later') {
      this.#retry.atLeast(answer.after);
      return false;
    }
    this.#outbox.settle(batch.seq);
    if (answer.kind === 'refused') this.#drop(batch, answer.reason);
    else if (answer.epoch !== this.#epoch) {
      this.#epoch = answer.epoch;
      this.#wholeSince = Number.NEGATIVE_INFINITY;
    }
    return true;
  }

  /** An idle producer shows that it lives: an empty batch under a number that is confirmed already is never stored. */
  async #beat(): Promise<void> {
    const { transport } = this.#options;
    if (performance.now() - this.#lastSent < transport.heartbeat / 2) return;
    const beat = { families: [], ops: 0, producer: { ...this.#options.identity, worker: this.#worker ?? '' } };
    const seq = this.#outbox.nextSeq - 1;
    const totals = { produced: this.#produced, dropped: this.#dropped, heartbeat: transport.heartbeat };
    const body = encodeBatch({ ...beat, ...totals, seq, oldest: this.#outbox.oldest, whole: false, goodbye: false });
    await transport.send({ seq, ops: 0, body });
    this.#lastSent = performance.now();
  }

  #drop({ ops, seq }: FrozenBatch, reason: string): void {
    const { diagnostics, transport } = this.#options;
    this.#dropped += ops;
    diagnostics.count('batch_refused', reason, ops);
    const message = `the collector at ${transport.name} refused a batch for good (${reason}); its ${ops} operations are lost`;
    diagnostics.report('error', `batch_refused ${reason}`, { collector: transport.name, seq, ops, reason }, message);
  }
}

/** Keeps the process alive while somebody waits for this: nothing else of phanos does. */
async function awake<T>(work: Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, PATIENCE);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

function unreachable(name: string): string {
  if (name !== 'primary') return `the collector at ${name} can't be reached; measurements are kept and sent when it can`;
  return (
    "the cluster's primary does not answer; add the line `import 'phanos/primary'` to it. Measurements are kept until then. " +
    "Where the primary is not your program, as under PM2, configure collector: 'local' and serve each worker on a port of its own"
  );
}
