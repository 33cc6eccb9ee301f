import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Diagnostics } from '../../src/diagnostics/diagnostics.js';
import { formatRecord } from '../../src/handlers/format.js';
import { StreamHandler, type StreamHandlerOptions } from '../../src/handlers/stream-handler.js';
import type { Recorded } from '../../src/record/recorded.js';
import { logSink } from '../diagnostics/log-sink.js';
import { goldenCase } from '../record/golden.js';
import { eventually } from '../support/eventually.js';
import { aRecord, records } from './a-record.js';

const sink = logSink();
let diagnostics: Diagnostics;

beforeEach(() => {
  sink.logged.length = 0;
  diagnostics = new Diagnostics({ logger: sink, clock: () => 0 });
});

function handlerTo(output: Writable, options: Omit<StreamHandlerOptions, 'output'> = {}): StreamHandler {
  const handler = new StreamHandler('console', { output, ...options });
  handler.reportTo(diagnostics);
  return handler;
}

function lines(metricName: string, written: readonly Recorded[]): string {
  return written.map((record) => `${formatRecord(metricName, record)}\n`).join('');
}

/** A stream whose writes complete when they are released, one by one. */
class SlowStream extends Writable {
  readonly written: string[] = [];
  readonly #pending: ((error?: Error | null) => void)[] = [];

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.written.push(chunk.toString());
    this.#pending.push(done);
  }

  /** Lets the running write complete or fail; what waits behind it follows at once, one further write at a time. */
  release(error?: Error): void {
    const done = this.#pending.shift();
    if (done === undefined) throw new Error('no write is running');
    done(error);
  }

  get isWriting(): boolean {
    return this.#pending.length > 0;
  }
}

/** Releases writes until none is left. */
async function releaseAll(stream: SlowStream): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!stream.isWriting) return;
    stream.release();
  }
}

describe('StreamHandler to a healthy stream', () => {
  it('writes the golden lines, one chunk a call where Python wrote line and line end apart', async () => {
    const golden = goldenCase<{ ops: [operation: string, text?: string][] }>('python-phanos/handlers.json', 'stream_handler').notes.ops;
    const chunks: string[] = [];
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk.toString());
        done();
      },
    });
    const handler = handlerTo(output);
    handler.handle([aRecord(), aRecord({ labels: { a: '1' } })], 'm');
    await handler.flush();
    expect(chunks).toEqual([
      golden
        .filter(([operation]) => operation === 'write')
        .map(([, written]) => written)
        .join(''),
    ]);
  });

  it('writes UTF-8 and any number of calls in order', async () => {
    const output = new PassThrough();
    const handler = handlerTo(output);
    const odd = aRecord({ labels: { a: 'žluťoučký 😀', b: 'new\nline' } });
    for (let call = 0; call < 3; call++) handler.handle([odd], 'metric ✓');
    await handler.flush();
    output.end();
    expect(await text(output)).toBe(lines('metric ✓', [odd, odd, odd]));
    expect(diagnostics.snapshot()).toEqual([]);
  });

  it('writes to standard output by default, and leaves it open when closed', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((_text, ...rest) => {
      const done = rest.at(-1);
      if (typeof done === 'function') process.nextTick(done);
      return true;
    });
    try {
      const handler = new StreamHandler('console');
      handler.handle([aRecord()], 'm');
      await handler.close();
      expect(write.mock.calls.map(([written]) => written)).toEqual(['profiler: m, method: Res:get.first, value: 2.0 mS\n']);
      expect(process.stdout.writableEnded).toBe(false);
    } finally {
      write.mockRestore();
    }
  });

  it('takes its listeners off the stream when closed, does not end it, and can be used again', async () => {
    const output = new PassThrough();
    const listeners = () => ['drain', 'error', 'close'].map((event) => output.listenerCount(event));
    const before = listeners();
    const handler = handlerTo(output);
    expect(listeners()).toEqual(before);
    for (let round = 0; round < 2; round++) {
      handler.handle(records(2), 'm');
      expect(listeners()).toEqual(before.map((count) => count + 1));
      await handler.close();
      expect(listeners()).toEqual(before);
    }
    expect(output.writableEnded).toBe(false);
    output.end();
    expect(await text(output)).toBe(lines('m', records(2)).repeat(2));
    expect(diagnostics.snapshot()).toEqual([]);
  });

  it('keeps hold of a stream that still has to take what came during close', async () => {
    const output = new SlowStream({ highWaterMark: 1 });
    const handler = handlerTo(output);
    handler.handle(records(1), 'm');
    const closed = handler.close();
    handler.handle(records(1), 'late');
    await releaseAll(output);
    await closed;
    expect(output.written).toEqual([lines('m', records(1)), lines('late', records(1))]);
  });

  it('works without diagnostics of a profiler', async () => {
    const output = new PassThrough();
    const handler = new StreamHandler('console', { output });
    handler.handle(records(1), 'm');
    await handler.flush();
    expect(String(output.read())).toBe(lines('m', records(1)));
  });
});

describe('StreamHandler to a stream that stalls', () => {
  it('waits for drain after the stream asked for a pause, then writes what waited at once', async () => {
    const output = new SlowStream({ highWaterMark: 100 });
    const handler = handlerTo(output);
    const all = records(5);
    for (const record of all) handler.handle([record], 'm');
    // Two lines of about 50 bytes reach the mark; the first is being written and the second waits in the stream.
    expect(output.writableLength).toBe(lines('m', all.slice(0, 2)).length);
    await releaseAll(output);
    expect(output.written).toEqual([lines('m', all.slice(0, 1)), lines('m', all.slice(1, 2)), lines('m', all.slice(2))]);
  });

  it('drops whole records beyond the limit, counts them, and goes on after the stall', async () => {
    const output = new SlowStream({ highWaterMark: 100 });
    const all = records(9);
    const limit = Buffer.byteLength(lines('m', all)) * 3;
    const handler = handlerTo(output, { bufferLimit: limit });
    for (let call = 0; call < 5; call++) handler.handle(all, 'm');
    const dropped = diagnostics.snapshot();
    expect(dropped).toEqual([{ reason: 'stream_slow', culprit: 'console', count: 18 }]);
    expect(sink.logged).toEqual([
      expect.objectContaining({ level: 'warn', fields: { handler: 'console', dropped: 9, bufferLimit: limit } }),
    ]);
    await releaseAll(output);
    handler.handle(all, 'm');
    await releaseAll(output);
    await handler.flush();
    expect(output.written.join('')).toBe(lines('m', all).repeat(4));
    expect(diagnostics.snapshot()).toEqual(dropped);
  });

  it('counts bytes, not characters, and takes as many records of a call as fit', async () => {
    const output = new SlowStream({ highWaterMark: 1 });
    const wide = aRecord({ labels: { a: '✓'.repeat(100) } });
    const bytes = Buffer.byteLength(lines('m', [wide]));
    const handler = handlerTo(output, { bufferLimit: bytes * 2 + bytes / 2 });
    handler.handle([wide, wide, wide, wide], 'm');
    await releaseAll(output);
    expect(output.written.join('')).toBe(lines('m', [wide, wide]));
    expect(diagnostics.snapshot()).toEqual([{ reason: 'stream_slow', culprit: 'console', count: 2 }]);
  });

  it('never holds more than the limit, in the stream and in itself together', () => {
    const output = new SlowStream();
    const handler = handlerTo(output, { bufferLimit: 20_000 });
    const one = records(1);
    const taken = Math.floor(20_000 / Buffer.byteLength(lines('m', one)));
    for (let call = 0; call < 10_000; call++) handler.handle(one, 'm');
    expect(diagnostics.snapshot()).toEqual([{ reason: 'stream_slow', culprit: 'console', count: 10_000 - taken }]);
    expect(output.writableLength).toBeGreaterThan(0);
    expect(output.writableLength).toBeLessThanOrEqual(20_000);
  });

  it('notices a stream that others filled', async () => {
    const output = new SlowStream({ highWaterMark: 10 });
    output.write('x'.repeat(1000));
    const handler = handlerTo(output, { bufferLimit: 1000 });
    handler.handle(records(1), 'm');
    expect(diagnostics.snapshot()).toEqual([{ reason: 'stream_slow', culprit: 'console', count: 1 }]);
    await releaseAll(output);
    handler.handle(records(1), 'm');
    await releaseAll(output);
    expect(output.written.at(-1)).toBe(lines('m', records(1)));
  });

  it('flushes when what was there before is written, however much comes later', async () => {
    const output = new SlowStream({ highWaterMark: 1 });
    const handler = handlerTo(output);
    const order: string[] = [];
    handler.handle(records(1), 'first');
    const flushed = handler.flush().then(() => order.push('flushed'));
    handler.handle(records(1), 'second');
    output.release();
    await flushed;
    await eventually('the second write', () => output.written.length === 2);
    expect(output.written).toEqual([lines('first', records(1)), lines('second', records(1))]);
    expect(output.isWriting).toBe(true);
    output.release();
    await handler.flush();
    expect(order).toEqual(['flushed']);
  });
});

describe('StreamHandler to a stream that breaks', () => {
  it.each([
    ['ended', (output: Writable) => output.end()],
    ['destroyed', (output: Writable) => output.destroy()],
    ['destroyed with an error', (output: Writable) => output.on('error', () => {}).destroy(new Error('gone'))],
  ])('counts records for a stream that was %s before, and reports once', async (_what, close) => {
    const output = new PassThrough();
    close(output);
    const handler = handlerTo(output);
    handler.handle(records(2), 'm');
    handler.handle(records(3), 'm');
    await handler.flush();
    await handler.close();
    expect(diagnostics.snapshot()).toEqual([{ reason: 'stream_broken', culprit: 'console', count: 5 }]);
    expect(sink.logged.map(({ level }) => level)).toEqual(['error']);
  });

  it('reports the error of a failing write, counts what was not confirmed and what waited, and ends flush', async () => {
    const output = new SlowStream({ highWaterMark: 100 });
    const handler = handlerTo(output);
    for (let call = 0; call < 4; call++) handler.handle(records(2), 'm');
    const flushed = handler.flush();
    output.release(new Error('disk full'));
    await flushed;
    handler.handle(records(1), 'm');
    expect(diagnostics.snapshot()).toEqual([{ reason: 'stream_broken', culprit: 'console', count: 9 }]);
    expect(sink.logged).toHaveLength(1);
    expect(sink.logged[0]?.fields).toEqual({ handler: 'console', err: new Error('disk full') });
  });

  it('does not count what was written before the stream broke', async () => {
    const output = new SlowStream();
    const handler = handlerTo(output);
    handler.handle(records(3), 'm');
    output.release();
    await handler.flush();
    handler.handle(records(2), 'm');
    output.destroy();
    await once(output, 'close');
    expect(diagnostics.snapshot()).toEqual([{ reason: 'stream_broken', culprit: 'console', count: 2 }]);
  });

  it('does not count what a synchronous stream had taken in the same tick', async () => {
    let writes = 0;
    const output = new Writable({
      write(_chunk, _encoding, done) {
        done(++writes === 3 ? new Error('disk full') : null);
      },
    });
    const handler = handlerTo(output);
    for (const count of [1, 10, 100, 1000]) handler.handle(records(count), 'm');
    await new Promise((resolve) => output.once('close', resolve));
    expect(diagnostics.snapshot()).toEqual([{ reason: 'stream_broken', culprit: 'console', count: 1100 }]);
  });

  it('loses only what waited when somebody else ends the stream', async () => {
    const output = new SlowStream({ highWaterMark: 1 });
    const handler = handlerTo(output);
    handler.handle(records(1), 'm');
    handler.handle(records(4), 'm');
    output.end();
    const flushed = handler.flush();
    await releaseAll(output);
    await flushed;
    expect(output.written).toEqual([lines('m', records(1))]);
    expect(diagnostics.snapshot()).toEqual([{ reason: 'stream_broken', culprit: 'console', count: 4 }]);
  });

  it('survives a stream whose write throws', async () => {
    const output = new Writable({
      write() {
        throw new Error('no such thing');
      },
    });
    const handler = handlerTo(output);
    handler.handle(records(1), 'm');
    handler.handle(records(1), 'm');
    await handler.flush();
    expect(diagnostics.snapshot()).toEqual([{ reason: 'stream_broken', culprit: 'console', count: 2 }]);
    expect(sink.logged[0]?.fields).toEqual({ handler: 'console', err: new Error('no such thing') });
  });
});

describe('StreamHandler to a real socket', () => {
  let server: Server;
  let client: Socket;
  let peer: Socket;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    client = connect(address.port, '127.0.0.1');
    [peer] = (await once(server, 'connection')) as [Socket];
    peer.on('error', () => {});
  });

  afterEach(() => {
    client.destroy();
    peer.destroy();
    server.close();
  });

  it('holds back and drops while the peer reads nothing, then delivers whole lines in order', async () => {
    peer.pause();
    const handler = handlerTo(client, { bufferLimit: 64 * 1024 });
    const filler = aRecord({ labels: { filler: 'x'.repeat(10_000) } });
    const line = lines('m', [filler]);
    let handled = 0;
    await eventually('a full buffer', async () => {
      for (let call = 0; call < 50; call++, handled++) handler.handle([filler], 'm');
      await new Promise((resolve) => setImmediate(resolve));
      return diagnostics.snapshot().length > 0;
    });
    const received = text(peer);
    await handler.flush();
    client.end();
    const dropped = diagnostics.snapshot()[0]?.count ?? 0;
    expect(await received).toBe(line.repeat(handled - dropped));
    expect(diagnostics.snapshot()).toEqual([{ reason: 'stream_slow', culprit: 'console', count: dropped }]);
  });

  it('survives a reset by the peer', async () => {
    const handler = handlerTo(client);
    handler.handle(records(1), 'm');
    await handler.flush();
    peer.resetAndDestroy();
    await eventually('the reset', () => {
      handler.handle(records(1), 'm');
      return diagnostics.snapshot().length > 0;
    });
    await handler.flush();
    expect(diagnostics.snapshot()).toEqual([expect.objectContaining({ reason: 'stream_broken', culprit: 'console' })]);
    expect(sink.logged).toHaveLength(1);
  });
});

describe('the options of StreamHandler', () => {
  it.each<[string, unknown, unknown, string]>([
    ['an unknown option', 'console', { ouput: process.stdout }, "StreamHandler 'console': unknown option 'ouput', did you mean 'output'?"],
    ['no name', '', {}, "StreamHandler: handlerName must be a non-empty string, got ''"],
    ['options instead of a name', { output: 1 }, undefined, 'StreamHandler: handlerName must be a non-empty string, got an object'],
    ['a stream instead of options', 'console', 5, "StreamHandler 'console': options must be an object, got 5"],
    ['a limit of no bytes', 'console', { bufferLimit: 0 }, "StreamHandler 'console': bufferLimit must be at least 1, got 0"],
    ['half a byte', 'console', { bufferLimit: 0.5 }, "StreamHandler 'console': bufferLimit must be a whole number of at least 1, got 0.5"],
    [
      'something else than a stream',
      'console',
      { output: 'out.log' },
      "StreamHandler 'console': output must be an object with the methods write, on, off, got 'out.log'",
    ],
  ])('refuse %s', (_what, name, options, message) => {
    expect(() => new StreamHandler(name as string, options as StreamHandlerOptions)).toThrow(message);
  });
});
