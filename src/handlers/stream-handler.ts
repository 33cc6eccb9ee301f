import type { Writable } from 'node:stream';
import { Diagnostics } from '../diagnostics/diagnostics.js';
import { checkKnownKeys, expectMethods, expectName, expectWhole } from '../diagnostics/options.js';
import type { Recorded } from '../record/recorded.js';
import { formatRecord } from './format.js';
import type { Handler } from './handler.js';

export interface StreamHandlerOptions {
  /** Where the lines go; it is never ended. Default: `process.stdout`. */
  readonly output?: Writable | undefined;
  /** Bytes that may wait, in the handler and in the stream together, while the stream can't keep up. Default: 1 MiB. */
  readonly bufferLimit?: number | undefined;
}

/** Somebody waits until the stream has confirmed this many more chunks. */
interface PendingFlush {
  chunks: number;
  readonly resolve: () => void;
}

const DEFAULT_BUFFER_LIMIT = 1024 * 1024;

/** UTF-8 takes three bytes at most for a UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

/**
 * Writes one line a record, and one chunk a `handle` call, to a stream.
 *
 * A stream that can't keep up costs `bufferLimit` bytes at most: records beyond that are dropped whole and counted as `stream_slow`. Records for a
 * stream that was closed or broke are counted as `stream_broken`, those it had taken but not confirmed included. Nothing of it throws.
 */
export class StreamHandler implements Handler {
  readonly handlerName: string;
  readonly #output: Writable;
  readonly #bufferLimit: number;
  #diagnostics: Diagnostics | undefined;
  /** Chunks for the next `drain`: the stream asked for a pause. */
  #waiting: string[] = [];
  #waitingBytes = 0;
  #waitingRecords = 0;
  /** Chunks that the stream took and has not confirmed. */
  #unconfirmed = 0;
  #unconfirmedRecords = 0;
  #flushes: PendingFlush[] = [];
  #listening = false;
  /** Records were dropped since the stream asked for a pause; until it drains, more of them are not even formatted. */
  #full = false;
  /** The stream's own `write` threw, which leaves it unusable. */
  #dead = false;
  #reportedBroken = false;

  /** Throws a TypeError that names the culprit for unknown options and wrong types. */
  constructor(handlerName: string, options: StreamHandlerOptions = {}) {
    this.handlerName = expectName('StreamHandler', 'handlerName', handlerName);
    const where = `StreamHandler '${handlerName}'`;
    checkKnownKeys(where, options, ['output', 'bufferLimit']);
    this.#output =
      options.output === undefined ? process.stdout : expectMethods<Writable>(where, 'output', options.output, ['write', 'on', 'off']);
    this.#bufferLimit = expectWhole(where, 'bufferLimit', options.bufferLimit ?? DEFAULT_BUFFER_LIMIT, 1);
  }

  reportTo(diagnostics: Diagnostics): void {
    this.#diagnostics = diagnostics;
  }

  handle(records: readonly Recorded[], metricName: string): void {
    if (this.#hasFailed() || this.#output.writableEnded) return this.#lose(records.length);
    if (this.#full) return this.#drop(records.length);
    const room = this.#bufferLimit - this.#waitingBytes - this.#output.writableLength;
    let text = '';
    for (const record of records) text += `${formatRecord(metricName, record)}\n`;
    // Counting bytes takes longer than everything else here, so it is done only when they could be too many.
    if (text.length * MAX_BYTES_PER_UNIT <= room) this.#put(text, records.length);
    else this.#putWhatFits(records, metricName, room);
  }

  /** Resolves when the stream has taken everything that was handed over before, or has broken. A stream that stalls for good keeps it waiting. */
  flush(): Promise<void> {
    const chunks = this.#unconfirmed + (this.#waiting.length > 0 ? 1 : 0);
    if (chunks === 0 || this.#hasFailed()) return Promise.resolve();
    return new Promise((resolve) => this.#flushes.push({ chunks, resolve }));
  }

  /** Flushes, then lets go of the stream without ending it. A handler that is used again takes hold of it again. */
  async close(): Promise<void> {
    await this.flush();
    if (this.#unconfirmed === 0 && this.#waiting.length === 0) this.#unlisten();
  }

  /** True if the stream will not even take what it has: once it failed, Node keeps what is written to it and drops it later. */
  #hasFailed(): boolean {
    const output = this.#output;
    return output.destroyed || this.#dead || (output.errored ?? undefined) !== undefined;
  }

  #put(text: string, records: number): void {
    if (this.#waiting.length > 0 || this.#output.writableNeedDrain) this.#keep(text, records);
    else this.#write(text, records);
  }

  #putWhatFits(records: readonly Recorded[], metricName: string, room: number): void {
    let text = '';
    let taken = 0;
    let left = room;
    for (const record of records) {
      const line = `${formatRecord(metricName, record)}\n`;
      left -= Buffer.byteLength(line);
      if (left < 0) break;
      text += line;
      taken++;
    }
    if (taken > 0) this.#put(text, taken);
    if (taken === records.length) return;
    this.#full = this.#output.writableNeedDrain;
    if (this.#full) this.#listen();
    this.#drop(records.length - taken);
  }

  #drop(dropped: number): void {
    this.#account().count('stream_slow', this.handlerName, dropped);
    this.#account().report(
      'warn',
      `stream_slow:${this.handlerName}`,
      { handler: this.handlerName, dropped, bufferLimit: this.#bufferLimit },
      'a stream takes records more slowly than they come, so records are dropped; write to a faster one or raise bufferLimit',
    );
  }

  #keep(text: string, records: number): void {
    this.#listen();
    this.#waiting.push(text);
    this.#waitingBytes += Buffer.byteLength(text);
    this.#waitingRecords += records;
  }

  #write(text: string, records: number): void {
    this.#listen();
    this.#unconfirmed++;
    this.#unconfirmedRecords += records;
    try {
      // The same callback each time lets Node confirm many writes in one tick.
      this.#output.write(text, this.#onWritten);
      // What left the stream at once needs no confirmation to be known as written.
      if (this.#output.writableLength === 0 && this.#output.errored === null) this.#unconfirmedRecords = 0;
    } catch (error) {
      this.#unconfirmed--;
      this.#dead = true;
      this.#breakDown(error);
    }
  }

  readonly #onWritten = (error?: Error | null): void => {
    this.#unconfirmed--;
    if (error !== null && error !== undefined) return this.#breakDown(error);
    if (this.#unconfirmed === 0) {
      this.#unconfirmedRecords = 0;
      // Ended by somebody else: what it had was written, but it will not ask for more.
      if (this.#waiting.length > 0 && this.#output.writableEnded) return this.#breakDown(undefined);
    }
    if (this.#flushes.length === 0) return;
    for (const flush of this.#flushes) flush.chunks--;
    this.#endFlushes((flush) => flush.chunks <= 0);
  };

  readonly #onDrain = (): void => {
    this.#full = false;
    if (this.#waiting.length === 0) return;
    const text = this.#waiting.join('');
    const records = this.#waitingRecords;
    this.#forgetWaiting();
    this.#write(text, records);
  };

  readonly #onError = (error: Error): void => this.#breakDown(error);

  readonly #onClose = (): void => {
    if (this.#unconfirmed > 0 || this.#waiting.length > 0) this.#breakDown(undefined);
  };

  /** The stream failed. What it had not confirmed is taken for lost, because nobody can know how much of it got out. */
  #breakDown(error: unknown): void {
    const lost = this.#unconfirmedRecords + this.#waitingRecords;
    this.#unconfirmedRecords = 0;
    this.#forgetWaiting();
    this.#lose(lost, error);
    this.#endFlushes(() => true);
  }

  #lose(records: number, error: unknown = this.#output.errored): void {
    if (records > 0) this.#account().count('stream_broken', this.handlerName, records);
    if (this.#reportedBroken) return;
    this.#reportedBroken = true;
    this.#account().report(
      'error',
      `stream_broken:${this.handlerName}`,
      { handler: this.handlerName, err: error ?? undefined },
      'the stream of a handler was closed or broke, its records are dropped from now on; add a handler of the same name with a working stream',
    );
  }

  #forgetWaiting(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#waitingRecords = 0;
  }

  #endFlushes(isOver: (flush: PendingFlush) => boolean): void {
    const over = this.#flushes.filter(isOver);
    this.#flushes = this.#flushes.filter((flush) => !over.includes(flush));
    for (const flush of over) flush.resolve();
  }

  /** Late, so that a handler which never wrote leaves no trace on the stream. */
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#output.on('drain', this.#onDrain).on('error', this.#onError).on('close', this.#onClose);
  }

  #unlisten(): void {
    this.#listening = false;
    this.#output.off('drain', this.#onDrain).off('error', this.#onError).off('close', this.#onClose);
  }

  #account(): Diagnostics {
    this.#diagnostics ??= new Diagnostics();
    return this.#diagnostics;
  }
}
