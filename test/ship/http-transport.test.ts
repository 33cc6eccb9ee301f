import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConfigOptions, Counter, Gauge, Profiler } from 'phanos';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import type { CollectorAddress } from '../../src/ship/collector-option.js';
import { readHttpAddress } from '../../src/ship/http-address.js';
import { HttpTransport } from '../../src/ship/http-transport.js';
import { logSink } from '../diagnostics/log-sink.js';
import { eventually } from '../support/eventually.js';
import { newFolder } from '../support/project.js';
import { HttpPeer } from './http-peer.js';
import { sampleOf } from './running-cluster.js';

let peer: HttpPeer;
const open: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  peer = await HttpPeer.start();
  open.push(peer);
});
afterEach(async () => {
  // What was opened last is closed first, as long as there is somebody to say goodbye to.
  for (const one of open.splice(0).reverse()) await one.close();
});

/** A profiler that reports to a collector, with one counter. */
function counting(collector: ConfigOptions['collector'], options: ConfigOptions = {}) {
  const sink = logSink();
  const profiler = new Profiler().config({
    job: 'shop',
    instance: 'web-1',
    logger: sink,
    flushInterval: 20,
    timeProfile: false,
    responseSizeProfile: false,
    ...(collector === undefined ? {} : { collector }),
    ...options,
  });
  open.push(profiler);
  const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
  const { logged } = sink;
  const told = (): string[] => logged.map(({ message }) => message);
  const isReturn = (message: string): boolean => message.includes('is reached again');
  return { profiler, sold, logged, warnings: () => told().filter((message) => !isReturn(message)), returns: () => told().filter(isReturn) };
}

const SOLD = 'sold_total{kind="book"}';
const sum = (): number | undefined => sampleOf(peer.collector.text(), SOLD);

describe('a collector over HTTP', () => {
  test('takes what is counted, over one connection, and serves it to whoever asks', async () => {
    const { profiler, sold, logged } = counting(peer.name);
    await profiler.ready();
    for (let i = 1; i <= 5; i++) {
      sold.inc({ kind: 'book' });
      await profiler.flush();
      expect(sum()).toBe(i);
    }
    expect(sampleOf(await profiler.metrics(), SOLD)).toBe(5);
    expect(await profiler.serve({ port: 9464 })).toMatchObject({ role: 'delegate', url: peer.name });
    expect([peer.connections, logged, profiler.diagnostics()]).toEqual([1, [], []]);
    expect(profiler.delivered()).toEqual({ produced: 5, confirmed: 5, dropped: 0 });
    const [hello] = peer.of('/v2/hello');
    expect(JSON.parse(hello?.body ?? '')).toEqual({ job: 'shop', instance: 'web-1', boot: expect.any(String) });
    await profiler.close();
    expect(peer.collector.producers.deaths.counts).toEqual({ silent: 0, exit: 0, goodbye: 1 });
    for (const { headers } of peer.of('/v2/batches')) {
      expect(headers['content-type']).toBe('application/vnd.phanos.batch+json; version=2');
    }
  });

  test('tells where it serves', async () => {
    peer.url = 'http://metrics.internal:9464';
    const { profiler } = counting(peer.name);
    await profiler.ready();
    expect((await profiler.serve()).url).toBe('http://metrics.internal:9464');
  });

  test('through a unix socket', async () => {
    const folder = await newFolder();
    open.unshift({ close: () => rm(folder, { recursive: true }) });
    const socket = await HttpPeer.start(join(folder, 'phanos.sock'));
    open.push(socket);
    expect(socket.name).toBe(`unix:${join(folder, 'phanos.sock')}`);
    const { profiler, sold } = counting(socket.name);
    sold.inc({ kind: 'book' });
    await profiler.flush();
    expect(sampleOf(socket.collector.text(), SOLD)).toBe(1);
    expect(sampleOf(await profiler.metrics(), SOLD)).toBe(1);
  });

  test('below a prefix, behind credentials: they are sent, and never written into a message', async () => {
    peer.prefix = '/behind/proxy';
    peer.script('/v2/hello', { status: 401 });
    const address = peer.name.replace('//', '//ada:s%3Acret@') as CollectorAddress;
    const { profiler, logged } = counting(`${address}/behind/proxy/`);
    const refused = await profiler.ready().catch((error: unknown) => error as Error);
    expect(refused).toMatchObject({ code: 'COLLECTOR_UNAVAILABLE' });
    expect((refused as Error).message).toBe(
      `the collector at ${peer.name}/behind/proxy refused the credentials (401); ` +
        'set PHANOS_COLLECTOR_TOKEN or collectorToken, or write user and password into the address',
    );
    const [hello] = peer.of('/v2/hello');
    expect(hello?.headers.authorization).toBe(`Basic ${Buffer.from('ada:s:cret').toString('base64')}`);
    await eventually('it is reported', () => logged.length > 0);
    expect(
      JSON.stringify([logged.map(({ fields, message }) => [fields, message, String(fields.err)]), profiler.diagnostics()]),
    ).not.toMatch(/s%3Acret|s:cret/);
  });

  test('that wants a token', async () => {
    const { profiler } = counting(peer.name, { collectorToken: 'sesame' });
    await profiler.ready();
    expect(peer.of('/v2/hello')[0]?.headers.authorization).toBe('Bearer sesame');
  });

  test('large batches are deflated and split; they arrive whole', async () => {
    const { profiler, sold } = counting(peer.name);
    const labels = Array.from({ length: 9000 }, (_, i) => ({ kind: `${i} ${'long name '.repeat(20)}` }));
    for (const label of labels) sold.inc(label);
    await profiler.flush();
    const bodies = peer.of('/v2/batches');
    expect(bodies.filter(({ headers }) => headers['content-encoding'] === 'deflate').length).toBeGreaterThan(1);
    expect(peer.collector.text().match(/^sold_total\{.*\} 1$/gm)?.length).toBe(9000);
    expect(profiler.delivered()).toEqual({ produced: 9000, confirmed: 9000, dropped: 0 });
  });
});

describe('a collector in trouble', () => {
  test.each([
    ['cuts the connection', 'cut'],
    ['applies and cuts the connection', 'apply and cut'],
    ['gives half an answer', 'half an answer'],
    ['answers nonsense', { status: 200, body: '{"kind":"stored"' }],
    ['answers for something else', { status: 200, body: '{"ok":true}' }],
    ['fails', { status: 500, body: 'oops' }],
    ["is a proxy that doesn't understand", { status: 400, body: '<h1>Bad Request</h1>' }],
    ['is full', { status: 429, headers: { 'retry-after': '0' } }],
    ['is busy', { status: 503, body: '{"kind":"later","after":10}' }],
  ] as const)('that %s gets the same batch again, and counts it once', async (_, behaviour) => {
    const { profiler, sold } = counting(peer.name);
    await profiler.flush();
    const before = peer.of('/v2/batches').length;
    peer.script('/v2/batches', behaviour, behaviour, behaviour);
    for (let i = 0; i < 10; i++) sold.inc({ kind: 'book' });
    await profiler.flush();
    expect(sum()).toBe(10);
    const bodies = peer.of('/v2/batches').slice(before);
    const [first] = bodies;
    expect(bodies.filter(({ body }) => body === first?.body).length).toBe(bodies.length);
    expect(profiler.delivered()).toEqual({ produced: 10, confirmed: 10, dropped: 0 });
    expect(peer.collector.producers.totals).toMatchObject({ produced: 10, applied: 10, dropped: 0 });
    // Those that had been applied came again.
    const wasApplied = behaviour === 'apply and cut' || behaviour === 'half an answer';
    expect(peer.collector.self.batches.duplicate).toBe(wasApplied ? 3 : 0);
  });

  test.each([
    ['a proxy', { status: 503, body: 'down for maintenance', headers: { 'retry-after': '99999999' } }],
    ['one that is mad', { status: 503, body: '{"kind":"later","after":1e300}' }],
  ] as const)('%s that wants to be left alone for longer than any timer lasts is asked again after a minute', async (_, behaviour) => {
    const transport = new HttpTransport(readHttpAddress(peer.name));
    peer.script('/v2/batches', behaviour);
    expect(await transport.send({ seq: 1, ops: 1, body: Buffer.from('{}') })).toEqual({ kind: 'later', after: 60_000 });
    transport.close();
  });

  test('that refuses a batch for good: it is told and counted, and the next ones go on', async () => {
    const { profiler, sold, logged } = counting(peer.name);
    await profiler.flush();
    peer.script('/v2/batches', { status: 400, body: '{"kind":"refused","reason":"no room"}' }, { status: 413 });
    sold.inc(3, { kind: 'book' });
    await profiler.flush();
    sold.inc(4, { kind: 'book' });
    await profiler.flush();
    sold.inc(5, { kind: 'book' });
    await profiler.flush();
    expect(sum()).toBe(5);
    expect(profiler.delivered()).toEqual({ produced: 3, confirmed: 1, dropped: 2 });
    expect(peer.collector.producers.totals).toMatchObject({ produced: 3, applied: 1, dropped: 2 });
    expect(profiler.diagnostics()).toEqual([
      { reason: 'batch_refused', culprit: 'no room', count: 1 },
      { reason: 'batch_refused', culprit: 'it is larger than the collector takes (413)', count: 1 },
    ]);
    expect(logged[0]?.message).toBe(`the collector at ${peer.name} refused a batch for good (no room); its 1 operations are lost`);
  });

  test('that never answers: each request has an end, and what it holds comes later, once', async () => {
    const transport = new HttpTransport(readHttpAddress(peer.name), { answer: 100, hello: 100 });
    const { profiler, sold, warnings } = counting(transport);
    await profiler.flush();
    peer.script('/v2/batches', 'stall', 'stall');
    sold.inc(7, { kind: 'book' });
    await profiler.flush();
    expect(sum()).toBe(7);
    expect(warnings()).toEqual([
      `the collector at ${peer.name} can't be reached (no answer within 100 ms); check that it runs, and that the address leads to it. ` +
        'Measurements are kept and handed over when it can be reached',
    ]);
    peer.script('/metrics', 'stall');
    await expect(profiler.metrics()).rejects.toMatchObject({ code: 'COLLECTOR_UNAVAILABLE' });
  });

  test('that is away: one report with the remedy, a rejected ready, and everything counts once it is back', async () => {
    const where = Number(new URL(peer.name).port);
    await peer.close();
    const { profiler, sold, warnings, returns } = counting(peer.name);
    const reason = `the collector at ${peer.name} can't be reached (connect ECONNREFUSED 127.0.0.1:${where}); start it with \`phanos collect --listen 127.0.0.1:${where}\``;
    await expect(profiler.ready()).rejects.toThrow(reason);
    for (let i = 0; i < 50; i++) {
      sold.inc({ kind: 'book' });
      await profiler.metrics().catch(() => undefined);
    }
    expect(warnings()).toEqual([`${reason}. Measurements are kept and handed over when it can be reached`]);
    await peer.listen(where);
    await profiler.flush();
    expect(sum()).toBe(50);
    const back = `the collector at ${peer.name} is reached again; what was kept has been handed over`;
    await eventually('its return is told', () => returns().length === 1 && returns()[0] === back);
    // It goes again, now with batches under way: one of them waits, and all that comes later merges.
    await peer.close();
    for (let i = 0; i < 50; i++) {
      sold.inc({ kind: 'book' });
      await profiler.metrics().catch(() => undefined);
    }
    await peer.listen(where);
    const before = peer.of('/v2/batches').length;
    await profiler.flush();
    expect([sum(), peer.of('/v2/batches').length - before]).toEqual([100, 2]);
  });

  test('that has forgotten everything is told the gauges again, by a producer that has nothing else to say', {
    timeout: 30_000,
  }, async () => {
    const { profiler } = counting(peer.name);
    new Gauge({ name: 'depth', profiler }).set(3);
    await profiler.flush();
    peer.collector = new Collector();
    const depth = await eventually('the gauge is there again', () => sampleOf(peer.collector.text(), 'depth'), 20_000);
    expect(depth).toBe(3);
  });
});

test.each([
  ['htp://ada:secret@host', /must be 'auto', 'local', 'off', an address that begins with http:\/\/.*, got 'htp:\/\/…@host'/],
  ['http://ada:secret@', /collector 'http:\/\/…@' is no address of a server; write http:\/\/host:9464/],
  ['http://host:99999', /collector 'http:\/\/host:99999' is no address of a server/],
  ['http://host/?a=1', /is no address of a server/],
  ['unix:', /collector 'unix:' has no path; write unix:\/run\/phanos.sock/],
])('the address %s is refused', (collector, message) => {
  expect(() => new Profiler().config({ collector: collector as CollectorAddress })).toThrow(message);
});

test('a token that no header can carry is refused, and not shown', () => {
  const attempt = (): unknown => new Profiler().config({ collector: 'local', collectorToken: 'se\nsame' });
  expect(attempt).toThrow('config: collectorToken must be a string of printable ASCII characters without spaces');
});
