import { KeptConnection } from '../amqp/kept-connection.js';
import type { OpenConnection } from '../amqp/open-connection.js';
import { type Outcome, Publisher } from '../amqp/publisher.js';
import { PhanosError } from '../diagnostics/phanos-error.js';
import { Retry } from '../diagnostics/retry.js';
import { awake, within } from '../diagnostics/waiting.js';
import type { ImpProfSettings } from './imp-prof-options.js';
import type { RecordLoss } from './record-delivery.js';
import { RecordOutbox, type WaitingMessage } from './record-outbox.js';

/** What a courier tells of itself. */
export interface CourierReport {
  published(records: number): void;
  dropped(reason: RecordLoss, records: number): void;
  /** The broker can't be reached, or does not let us publish; told at each failed try. */
  failed(reason: PhanosError): void;
  /** Messages come back, since no queue is bound; they wait. */
  unrouted(): void;
  /** The exchange is there, and messages go out. */
  connected(): void;
}

/** Messages that may be under way unconfirmed. */
const WINDOW = 1000;
/** Milliseconds from one question whether a queue is bound to the next: the first, and the longest. */
const PROBE = { first: 250, longest: 5000 };
/** Milliseconds; the longest pause between tries to connect. */
const LONGEST_PAUSE = 30_000;
/** Milliseconds that flushing waits for the broker, and closing after that for its goodbye. */
const PATIENCE = 5000;
const GOODBYE = 1000;

/** Brings messages to one exchange of a broker that may come and go. Nothing waits for it, and it keeps no process alive but while it is flushed. */
export class RecordCourier {
  readonly #settings: ImpProfSettings;
  readonly #report: CourierReport;
  readonly #outbox: RecordOutbox;
  readonly #connection: KeptConnection;
  #publisher: Publisher | undefined;
  #open: OpenConnection | undefined;
  /** The network can't keep up. */
  #isStuffed = false;
  /** A turn of the event loop in which messages leave is on its way. */
  #isScheduled = false;
  #isPumping = false;
  #isClosed = false;
  /** Whether no queue was bound for the last message: then one at a time asks, in growing pauses, whether there is one. */
  #isProbing = false;
  readonly #probes = new Retry(PROBE);
  #probe: NodeJS.Timeout | undefined;
  /** Lost with their channel, or returned, and to be sent again. */
  readonly #lost: WaitingMessage[] = [];
  #underWay = 0;
  #underWayRecords = 0;
  #watch: NodeJS.Timeout | undefined;
  #progressAt = 0;
  /** Whether the last flush ran out of time. */
  #gaveUp = false;
  #isHopeless = false;
  readonly #emptied: (() => void)[] = [];

  constructor(handlerName: string, settings: ImpProfSettings, report: CourierReport) {
    this.#settings = settings;
    this.#report = report;
    const { outboxRecords, outboxBytes, address, timeout, retryDelay } = settings;
    const dropped = (records: number): void => report.dropped('outbox_full', records);
    this.#outbox = new RecordOutbox({ records: outboxRecords, bytes: outboxBytes, dropped });
    this.#connection = new KeptConnection({
      address,
      title: `phanos ${handlerName}`,
      patience: timeout,
      retry: { first: retryDelay, longest: Math.max(retryDelay, LONGEST_PAUSE) },
      setup: (connection) => this.#setUp(connection),
      failed: (reason) => this.#failed(reason),
    });
  }

  /** Records that wait, or are under way. */
  get waiting(): number {
    return this.#outbox.records + this.#underWayRecords + this.#lost.reduce((sum, { records }) => sum + records, 0);
  }

  ready(): Promise<void> {
    return awake(this.#connection.ready(this.#settings.retry));
  }

  /** Takes a message. It leaves at a later turn of the event loop. */
  add(message: WaitingMessage): void {
    if (this.#isClosed) return this.#report.dropped('closed_unsent', message.records);
    this.#outbox.push(message);
    if (this.#isScheduled || this.#publisher === undefined) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#pump();
    });
  }

  /** Resolves when everything is out, or after 5 s: then the rest stays and is tried again. */
  flush(): Promise<void> {
    return this.#flush(PATIENCE);
  }

  async #flush(patience: number): Promise<void> {
    if (this.#isEmpty || this.#isClosed || this.#isHopeless) return;
    this.#connection.ready().catch(() => undefined);
    const emptied = new Promise<true>((resolve) => this.#emptied.push(() => resolve(true)));
    this.#endPause();
    this.#gaveUp = (await awake(within(patience, emptied))) === undefined;
  }

  /** Flushes, counts what is left, and lets go of the broker. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    // Whoever has just flushed in vain has waited long enough.
    await this.#flush(this.#gaveUp ? 0 : PATIENCE);
    this.#isClosed = true;
    clearInterval(this.#watch);
    clearTimeout(this.#probe);
    await this.#connection.close(GOODBYE);
    this.#publisher?.end();
    this.#outbox.putBack(this.#lost.splice(0));
    const left = this.#outbox.clear();
    if (left > 0) this.#report.dropped('closed_unsent', left);
  }

  get #isEmpty(): boolean {
    return this.#outbox.isEmpty && this.#underWay === 0;
  }

  #failed(reason: PhanosError): void {
    // Nobody installs a package within seconds.
    this.#isHopeless = reason.code === 'PACKAGE_MISSING';
    if (this.#isHopeless) for (const resolve of this.#emptied.splice(0)) resolve();
    this.#report.failed(reason);
  }

  async #setUp(connection: OpenConnection): Promise<void> {
    const { confirms, exchangeName, exchangeType } = this.#settings;
    let publisher: Publisher | undefined;
    const opened = await Publisher.open(connection, {
      confirms,
      // As the original declares it, to the letter: what exists otherwise is refused by the broker.
      prepare: (channel) => channel.assertExchange(exchangeName, exchangeType, { durable: false, autoDelete: false }),
      lost: (reason) => {
        if (publisher !== undefined && this.#publisher === publisher) this.#publisher = undefined;
        connection.destroy(reason);
      },
    });
    publisher = opened;
    connection.onBlocked = () => this.#pump();
    opened.onDrain = () => {
      this.#isStuffed = false;
      this.#pump();
    };
    this.#isStuffed = false;
    this.#open = connection;
    this.#publisher = opened;
    this.#report.connected();
    this.#pump();
  }

  #pump(): void {
    const publisher = this.#publisher;
    if (publisher === undefined || this.#isPumping || this.#isStuffed || this.#probe !== undefined || this.#open?.isBlocked !== false)
      return;
    this.#isPumping = true;
    const window = this.#isProbing ? 1 : WINDOW;
    while (!this.#isStuffed && publisher.pending < window) {
      const message = this.#outbox.shift();
      if (message === undefined) break;
      message.sent++;
      if (this.#underWay === 0) this.#watchProgress();
      this.#underWay++;
      this.#underWayRecords += message.records;
      this.#isStuffed = !publisher.publish(message, (outcome) => this.#settled(message, outcome));
    }
    this.#isPumping = false;
  }

  #settled(message: WaitingMessage, outcome: Outcome): void {
    const { records } = message;
    this.#underWay--;
    this.#underWayRecords -= records;
    this.#progressAt = performance.now();
    if (outcome === 'taken') {
      this.#isProbing = false;
      this.#report.published(records);
    } else if (outcome === 'refused') this.#report.dropped('broker_refused', records);
    else {
      if (outcome === 'returned') this.#pause();
      if (message.sent <= this.#settings.retry) this.#sendAgain(message);
      else this.#report.dropped(outcome === 'returned' ? 'unroutable' : 'connection_lost', records);
    }
    if (this.#underWay === 0) clearInterval(this.#watch);
    if (this.#isEmpty && this.#lost.length === 0) for (const resolve of this.#emptied.splice(0)) resolve();
    else if (this.#underWay <= WINDOW / 2 && !this.#isStuffed) this.#pump();
  }

  /** After a restart of the broker the exchange is back before the consumer's queue is: what came back waits for it. */
  #pause(): void {
    if (this.#probe !== undefined || this.#isClosed) return;
    if (!this.#isProbing) this.#probes.reset();
    this.#isProbing = true;
    this.#probe = setTimeout(() => this.#endPause(), this.#probes.next()).unref();
    this.#report.unrouted();
  }

  #endPause(): void {
    clearTimeout(this.#probe);
    this.#probe = undefined;
    this.#pump();
  }

  #sendAgain(message: WaitingMessage): void {
    this.#lost.push(message);
    if (this.#lost.length > 1 || this.#isClosed) return;
    queueMicrotask(() => {
      if (this.#isClosed) return;
      this.#outbox.putBack(this.#lost.splice(0));
      this.#pump();
    });
  }

  /** A broker that says nothing more is given up, unless it has said why. Heartbeats would notice it too, only later. */
  #watchProgress(): void {
    const { address, timeout } = this.#settings;
    clearInterval(this.#watch);
    this.#progressAt = performance.now();
    const check = (): void => {
      if (this.#open?.isBlocked === true) this.#progressAt = performance.now();
      if (performance.now() - this.#progressAt < timeout) return;
      const text = `RabbitMQ at ${address.name} has confirmed nothing for ${timeout} ms; check that it is well`;
      this.#open?.destroy(new PhanosError('BROKER_UNREACHABLE', text));
    };
    this.#watch = setInterval(check, timeout / 4).unref();
  }
}
