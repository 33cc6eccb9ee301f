import type { Diagnostics } from '../diagnostics/diagnostics.js';
import { PhanosError } from '../diagnostics/phanos-error.js';
import { Retry } from '../diagnostics/retry.js';
import { awake, within } from '../diagnostics/waiting.js';
import type { Batch, ProducerIdentity } from '../record/batch.js';
import { encodeBatch } from '../record/batch-encoder.js';
import { splitBatch } from '../record/batch-splitter.js';
import type { Answer, Newcomer } from '../record/pipe.js';
import type { Deltas } from './delta-table.js';
import { Outage } from './outage.js';
import { Outbox } from './outbox.js';
import type { Delivered } from './series-lane.js';
import type { FrozenBatch, Transport } from './transport.js';

/** What a {@link Producer} works on. */
export interface ProducerOptions {
  readonly transport: Transport;
  /** The collector gives the worker slot, unless it is given here. */
  readonly identity: Newcomer;
  /** Milliseconds between two hand-overs. */
  readonly flushInterval: number;
  readonly diagnostics: Diagnostics;
  /** Asks the gauges, then takes what happened; with `whole`, gauges, infos and enums come with all their series. */
  readonly drain: (whole: boolean) => Promise<Deltas>;
  /** As `drain` at the end of the process, when nothing can be waited for. */
  readonly drainNow: () => Deltas;
  /** Operations that nobody drains any more once this producer is closed. */
  readonly unsent: () => number;
}

/** Milliseconds after which gauges, infos and enums are sent whole again, whatever happened. */
const WHOLE_INTERVAL = 60_000;
/** Milliseconds that `flush` and `close` wait for the collector. */
const PATIENCE = 5000;

/**
 * Brings what happens in this process to a collector elsewhere, so that each operation counts once.
 *
 * Batches are frozen under contiguous numbers and sent one after the other until they are confirmed; retries send the same bytes. While the collector
 * is away, one hand-over waits and everything newer keeps merging in the delta table.
 */
export class Producer {
  readonly #options: ProducerOptions;
  readonly #outbox = new Outbox();
  readonly #retry = new Retry();
  readonly #outage: Outage;
  /** Milliseconds: who hands over seldom, announces that. */
  readonly #heartbeat: number;
  #identity: ProducerIdentity | undefined;
  #greeting: Promise<ProducerIdentity> | undefined;
  #epoch: string | undefined;
  #produced = 0;
  #dropped = 0;
  #wholeSince = Number.NEGATIVE_INFINITY;
  #lastSent = Number.NEGATIVE_INFINITY;
  #running: Promise<boolean> | undefined;
  #following: Promise<boolean> | undefined;
  /** Whether the last hand-over brought everything over. */
  #isDone = false;
  /** Whether the last flush ran out of time. */
  #gaveUp = false;
  #timer: NodeJS.Timeout | undefined;
  /** Whether the way to the collector is gone for good. */
  #isCut = false;
  #closed = false;

  constructor(options: ProducerOptions) {
    this.#options = options;
    this.#outage = new Outage(options.transport.name, options.diagnostics);
    this.#heartbeat = Math.max(options.transport.heartbeat, 2 * options.flushInterval);
    this.#schedule(0);
  }

  get delivered(): Delivered {
    const { ops } = this.#outbox;
    return { produced: this.#produced, confirmed: this.#produced - this.#dropped - ops, dropped: this.#dropped };
  }

  /** Resolves once the collector has answered; rejects with the reason if it does not. */
  async ready(): Promise<void> {
    if (this.#identity === undefined) await awake(this.#hello());
  }

  /**
   * Hands over what happened until now; resolves to whether the collector has it. Never rejects: what can't be handed over now is tried again.
   */
  handOver(): Promise<boolean> {
    if (this.#running === undefined) return this.#start();
    // The hand-over under way may have taken its deltas before.
    this.#following ??= this.#running.then(() => {
      this.#following = undefined;
      return this.#start();
    });
    return this.#following;
  }

  /** Resolves when the collector has confirmed everything, or after 5 s: then the rest stays and is tried again. */
  flush(): Promise<void> {
    return awake(this.#flush(PATIENCE));
  }

  async #flush(patience: number): Promise<void> {
    const deadline = performance.now() + patience;
    const left = (): number => deadline - performance.now();
    let isDone: boolean;
    do isDone = (await within(left(), this.handOver())) === true;
    while (!isDone && left() > 0 && !this.#closed && !this.#isCut && (await this.#retry.pause(left())));
    this.#gaveUp = !isDone;
  }

  /** Flushes, says goodbye, and gives everything back. */
  async close(): Promise<void> {
    // Whoever has just flushed in vain has waited long enough.
    await awake(this.#flush(this.#gaveUp ? 0 : PATIENCE));
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#retry.cancel();
    if (this.#identity !== undefined && this.#isDone && this.#running === undefined) {
      this.#freeze({ families: [], ops: 0 }, this.#identity, { goodbye: true });
      await awake(within(PATIENCE, this.#sendFirst()).catch(() => false));
    }
    this.#giveUp();
    this.#tellUnsent(this.#options.unsent());
    this.#options.transport.close();
  }

  /** Hands over what it can without waiting. @param goodbye true if the process ends, false if only the way to the collector does */
  handOverNow(goodbye: boolean): void {
    if (this.#closed) return;
    if (this.#identity === undefined) {
      // Nobody has ever answered.
      if (goodbye) this.#tellUnsent(this.#options.drainNow().ops);
      return;
    }
    const deltas = this.#options.drainNow();
    if (goodbye || deltas.families.length > 0) this.#freeze(deltas, this.#identity, { goodbye });
    const isAway = this.#isCut || (goodbye && this.#outage.isTold);
    if (isAway) this.#giveUp();
    for (let batch = this.#outbox.first; batch !== undefined; batch = this.#outbox.first) {
      if (this.#options.transport.sendLast(batch) === false) {
        // A process that goes on keeps it, and may hand it over yet.
        if (goodbye && !isAway) this.#giveUp();
        return;
      }
      this.#outbox.settle(batch.seq);
    }
  }

  #schedule(after: number): void {
    if (this.#closed || this.#isCut) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#start(), after).unref();
  }

  /** One hand-over at a time. */
  #start(): Promise<boolean> {
    this.#running ??= this.#run().then((isDone) => {
      this.#isDone = isDone;
      this.#running = undefined;
      this.#schedule(isDone ? this.#options.flushInterval : this.#retry.next());
      return isDone;
    });
    return this.#running;
  }

  async #run(): Promise<boolean> {
    try {
      const identity = this.#identity ?? (await this.#hello());
      // What waits goes first: until it is gone, changes keep merging.
      if (!(await this.#sendAll())) return false;
      await this.#freezeChanges(identity);
      if (!(await this.#sendAll())) return false;
      await this.#beat(identity);
      this.#retry.reset();
      this.#outage.ended();
      return true;
    } catch (error) {
      // After a pause nobody knows what the collector has kept.
      this.#wholeSince = Number.NEGATIVE_INFINITY;
      this.#isCut = error instanceof PhanosError && error.code === 'CLOSED';
      if (!this.#closed && !this.#isCut) this.#outage.failed(error);
      return false;
    }
  }

  /** One at a time. */
  #hello(): Promise<ProducerIdentity> {
    this.#greeting ??= this.#greet().finally(() => {
      this.#greeting = undefined;
    });
    return this.#greeting;
  }

  async #greet(): Promise<ProducerIdentity> {
    const { identity, transport } = this.#options;
    const { worker, epoch } = await transport.hello(identity);
    this.#identity = { ...identity, worker };
    this.#epoch = epoch;
    return this.#identity;
  }

  async #freezeChanges(identity: ProducerIdentity): Promise<void> {
    const now = performance.now();
    const whole = now - this.#wholeSince >= WHOLE_INTERVAL;
    const deltas = await this.#options.drain(whole);
    if (whole) this.#wholeSince = now;
    // The first batch makes the producer known, even if there is nothing to tell.
    if (deltas.families.length > 0 || this.#outbox.nextSeq === 1) this.#freeze(deltas, identity, { whole });
  }

  #freeze(
    { families, ops }: Deltas,
    producer: ProducerIdentity,
    { whole = false, goodbye = false }: { readonly whole?: boolean; readonly goodbye?: boolean },
  ): void {
    this.#produced += ops;
    const batch: Batch = {
      producer,
      seq: this.#outbox.nextSeq,
      oldest: this.#outbox.oldest,
      heartbeat: this.#heartbeat,
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
  async #sendAll(): Promise<boolean> {
    while (this.#outbox.first !== undefined) if (!(await this.#sendFirst())) return false;
    return true;
  }

  async #sendFirst(): Promise<boolean> {
    const batch = this.#outbox.first as FrozenBatch;
    const answer = await this.#send(batch);
    if (answer.kind === 'later') {
      this.#retry.atLeast(answer.after);
      this.#outage.putOff(performance.now());
      return false;
    }
    this.#outbox.settle(batch.seq);
    if (answer.kind === 'refused') this.#drop(batch, answer.reason);
    return true;
  }

  async #send(batch: FrozenBatch): Promise<Answer> {
    const answer = await this.#options.transport.send(batch);
    this.#lastSent = performance.now();
    if (answer.kind === 'stored' && answer.epoch !== this.#epoch) {
      // It began anew: it knows no gauges, infos and enums.
      this.#epoch = answer.epoch;
      this.#wholeSince = Number.NEGATIVE_INFINITY;
    }
    return answer;
  }

  /** An idle producer shows that it lives: an empty batch under a number that is confirmed already is never stored. */
  async #beat(producer: ProducerIdentity): Promise<void> {
    const heartbeat = this.#heartbeat;
    if (performance.now() - this.#lastSent < heartbeat / 2) return;
    const seq = this.#outbox.nextSeq - 1;
    const totals = { ops: 0, produced: this.#produced, dropped: this.#dropped };
    const header = { producer, seq, oldest: this.#outbox.oldest, heartbeat, whole: false, goodbye: false };
    await this.#send({ seq, ops: 0, body: encodeBatch({ ...header, ...totals, families: [] }) });
  }

  #drop({ ops, seq }: FrozenBatch, reason: string): void {
    const { diagnostics, transport } = this.#options;
    this.#dropped += ops;
    diagnostics.count('batch_refused', reason, ops);
    const message = `the collector at ${transport.name} refused a batch for good (${reason}); its ${ops} operations are lost`;
    diagnostics.report('error', `batch_refused ${reason}`, { collector: transport.name, seq, ops, reason }, message);
  }

  /** Tells what was frozen and is lost, since the collector has not confirmed it by now. */
  #giveUp(): void {
    const { ops } = this.#outbox;
    if (ops === 0) return;
    const { diagnostics, transport } = this.#options;
    diagnostics.count('ended_unconfirmed', transport.name, ops);
    const message = `${ops} operations were not confirmed by the collector at ${transport.name} before the end; they may be lost`;
    diagnostics.report('error', `ended_unconfirmed ${transport.name}`, { collector: transport.name, ops }, message);
  }

  /** Tells what was never handed over, and is lost with the end. */
  #tellUnsent(ops: number): void {
    if (ops === 0) return;
    const { diagnostics, transport } = this.#options;
    diagnostics.count('ended_unsent', transport.name, ops);
    const message = `${ops} operations could not be handed over to the collector at ${transport.name} before the end; they are lost`;
    diagnostics.report('error', `ended_unsent ${transport.name}`, { collector: transport.name, ops }, message);
  }
}
