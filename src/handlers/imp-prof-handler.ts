import { sendsBatches } from '../amqp/batch-jobs.js';
import { Diagnostics } from '../diagnostics/diagnostics.js';
import { expectName } from '../diagnostics/options.js';
import type { PhanosError } from '../diagnostics/phanos-error.js';
import { recordsText, recordText } from '../record/record-body.js';
import type { Recorded } from '../record/recorded.js';
import { formatRecords } from './format.js';
import type { Handler } from './handler.js';
import { type ImpProfHandlerOptions, type ImpProfSettings, normalizeImpProfOptions } from './imp-prof-options.js';
import { RecordBatches } from './record-batches.js';
import { RecordCourier } from './record-courier.js';
import { LOSS_SENTENCES, type RecordDelivery, type RecordLoss } from './record-delivery.js';
import type { WaitingMessage } from './record-outbox.js';

const BOTH_REMEDY = 'delete the handler, or set collector to something else';

/** Longest routing key of AMQP, in bytes. */
const LONGEST_KEY = 255;

/**
 * Sends records to RabbitMQ, as the ImpProfHandler of Python phanos does: one message a `handle` call, to the fanout exchange `profiling`.
 *
 * No call ever waits for the broker or sees its errors: messages wait in a bounded outbox, whose oldest are dropped when it is full; a lost connection is
 * opened again; a message whose fate is unknown is sent again, so that it may arrive twice. What is dropped is counted by reason. It never keeps the
 * process alive, except while it is flushed or closed.
 */
export class ImpProfHandler implements Handler {
  readonly handlerName: string;
  readonly #settings: ImpProfSettings;
  readonly #batches: RecordBatches | undefined;
  #diagnostics: Diagnostics | undefined;
  #courier: RecordCourier | undefined;
  #handedOver = 0;
  #published = 0;
  readonly #dropped = new Map<RecordLoss, number>();
  #isAway = false;

  /** Throws a TypeError or RangeError that names the culprit for unknown options and wrong values. The broker is met later: see `ready`. */
  constructor(handlerName: string, options: ImpProfHandlerOptions = {}) {
    this.handlerName = expectName('ImpProfHandler', 'handlerName', handlerName);
    this.#settings = normalizeImpProfOptions(`ImpProfHandler '${handlerName}'`, options);
    const { batch } = this.#settings;
    if (batch !== undefined) this.#batches = new RecordBatches({ ...batch, full: (job, text, count) => this.#send(job, text, count) });
  }

  /** What became of the records so far. */
  get delivery(): RecordDelivery {
    const waiting = (this.#courier?.waiting ?? 0) + (this.#batches?.records ?? 0);
    return { handedOver: this.#handedOver, published: this.#published, dropped: Object.fromEntries(this.#dropped), waiting };
  }

  reportTo(diagnostics: Diagnostics): void {
    this.#diagnostics = diagnostics;
    this.#met();
  }

  /**
   * Resolves once the exchange is there and messages can go out. Rejects when `retry` tries have failed: BROKER_UNREACHABLE, BROKER_REFUSED, or
   * PACKAGE_MISSING if amqplib is not installed. The handler goes on trying all the same.
   */
  ready(): Promise<void> {
    return this.#met().ready();
  }

  handle(records: readonly Recorded[], metricName: string): void {
    const [first] = records;
    if (first === undefined) return;
    this.#handedOver += records.length;
    this.#logFailure(records, metricName);
    if (this.#batches !== undefined) return this.#batches.add(metricName, records);
    if (this.#settings.form === 'object') for (const record of records) this.#send(record.job, recordText(record), 1);
    else this.#send(first.job, recordsText(records), records.length);
  }

  /** Resolves when the broker has everything that was handed over before, or after 5 s: then the rest stays and is tried again. */
  async flush(): Promise<void> {
    this.#batches?.flush();
    await this.#courier?.flush();
  }

  /** Flushes, and lets go of the broker; records that it did not take by then are counted as `closed_unsent`, and so are later ones. */
  async close(): Promise<void> {
    this.#batches?.flush();
    await this.#met().close();
  }

  #send(job: string, text: string, records: number): void {
    // A byte is at least a third of a UTF-16 unit, so that most jobs need no counting.
    if (job.length * 3 > LONGEST_KEY && Buffer.byteLength(job) > LONGEST_KEY) return this.#lose('broker_refused', records);
    if (sendsBatches(job)) this.#warnOfBoth(job);
    const { exchangeName, mandatory, style } = this.#settings;
    const properties = style === 'sync' ? {} : asyncProperties();
    const message: WaitingMessage = {
      exchange: exchangeName,
      routingKey: job,
      body: Buffer.from(text),
      mandatory,
      properties,
      records,
      sent: 0,
      place: 0,
    };
    this.#met().add(message);
  }

  /** Begins to connect when the handler is first needed: one that is made and never used leaves no trace. */
  #met(): RecordCourier {
    this.#courier ??= new RecordCourier(this.handlerName, this.#settings, {
      published: (records) => {
        this.#published += records;
      },
      dropped: (reason, records) => this.#lose(reason, records),
      failed: (reason) => this.#failed(reason),
      unrouted: () => this.#unrouted(),
      connected: () => this.#connected(),
    });
    return this.#courier;
  }

  #lose(reason: RecordLoss, records: number): void {
    const { handlerName } = this;
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + records);
    this.#account().count(reason, handlerName, records);
    this.#account().report('warn', `${reason}:${handlerName}`, { handler: handlerName, dropped: records }, LOSS_SENTENCES[reason]);
  }

  /** Tells each outage once. */
  #failed(reason: PhanosError): void {
    const { handlerName } = this;
    this.#account().count('broker_unreachable', handlerName);
    if (this.#isAway) return;
    this.#isAway = true;
    const { outboxRecords } = this.#settings;
    const message = `${reason.message}. Up to ${outboxRecords} records wait until it works again`;
    this.#account().report('warn', `broker_unreachable:${handlerName}`, { handler: handlerName, err: reason }, message);
  }

  #unrouted(): void {
    const { exchangeName, outboxRecords } = this.#settings;
    const message = `no queue is bound to the exchange '${exchangeName}', so records find nobody; start the collector that consumes them, or set mandatory to false to drop them`;
    this.#account().report('warn', `unrouted:${this.handlerName}`, { handler: this.handlerName, outboxRecords }, message);
  }

  #connected(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    const message = `RabbitMQ at ${this.#settings.address.name} takes records again`;
    this.#account().report('info', `broker_reached:${this.handlerName}`, { handler: this.handlerName }, message);
  }

  #warnOfBoth(job: string): void {
    const message = `job '${job}' goes to RabbitMQ as records and as series; collectors refuse its records, which would count everything twice: ${BOTH_REMEDY}`;
    this.#account().report('warn', `both_wires:${job}`, { handler: this.handlerName, job }, message);
  }

  /** One message for a root in which a call failed: the lines of all its records of the metric. */
  #logFailure(records: readonly Recorded[], metricName: string): void {
    const level = this.#settings.logFailedRoots;
    if (level === undefined || !records.some(({ labels }) => labels.error_raised === true)) return;
    const account = this.#account();
    try {
      (this.#settings.logger ?? account.logger)[level](
        { handler: this.handlerName, metric: metricName },
        formatRecords(metricName, records),
      );
    } catch (error) {
      // The records are worth more than the log of them.
      const fields = { handler: this.handlerName, err: error };
      account.count('log_failed', this.handlerName);
      account.report(
        'error',
        `log_failed:${this.handlerName}`,
        fields,
        'a logger threw when it was told of a failed root; the records are sent',
      );
    }
  }

  #account(): Diagnostics {
    this.#diagnostics ??= new Diagnostics({ logger: this.#settings.logger });
    return this.#diagnostics;
  }
}

/** What aio_pika sends along for the original's AsyncImpProfHandler. */
function asyncProperties(): WaitingMessage['properties'] {
  const messageId = globalThis.crypto.randomUUID().replaceAll('-', '');
  return { contentType: 'application/json', headers: {}, deliveryMode: 1, priority: 0, messageId };
}
