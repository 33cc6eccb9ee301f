import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { Counter, PhanosError, Profiler } from 'phanos';
import { afterEach, describe, expect, test } from 'vitest';
import { ask } from '../collector/http.js';
import { logSink } from '../diagnostics/log-sink.js';
import { parseProtobuf } from '../exposition/parse-protobuf.js';
import { untyped } from '../metrics/measured.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';

const profilers: Profiler[] = [];

afterEach(async () => {
  await Promise.all(profilers.splice(0).map((profiler) => profiler.close()));
});

/** A profiler with one counter that stands at 1. */
function selling(options: Parameters<Profiler['config']>[0] = {}): { profiler: Profiler; sold: Counter } {
  const profiler = new Profiler().config({ job: 'shop', logger: logSink(), timeProfile: false, responseSizeProfile: false, ...options });
  profilers.push(profiler);
  const sold = new Counter({ name: 'sold', help: 'Items sold.', profiler });
  sold.inc();
  return { profiler, sold };
}

const page = (count: number): string => `# HELP sold_total Items sold.\n# TYPE sold_total counter\nsold_total ${count}\n`;
const portOf = (url: string): number => Number(new URL(url).port);

test('[format] metrics come in each format; another one is refused', async () => {
  const { profiler } = selling();
  expect(await profiler.metrics({ format: 'openmetrics' })).toBe('# TYPE sold counter\n# HELP sold Items sold.\nsold_total 1\n# EOF\n');
  const bytes = await profiler.metrics({ format: 'protobuf' });
  expect(parseProtobuf(bytes)).toMatchObject([{ name: 'sold_total', type: 'COUNTER', metric: [{ counter: { value: 1 } }] }]);
  expect(await profiler.metrics({})).toBe(page(1));
  await expect(profiler.metrics(untyped({ format: 'xml' }))).rejects.toThrow(
    'metrics: format must be one of text, openmetrics, protobuf, got "xml"',
  );
  await expect(profiler.metrics(untyped({ fromat: 'text' }))).rejects.toThrow("metrics: unknown option 'fromat', did you mean 'format'?");
  await expect(profiler.metrics(untyped(null))).rejects.toThrow('metrics: options must be an object, got null');
});

describe('serve', () => {
  test('serves /metrics, up to date at each scrape, until it is closed', async () => {
    const { profiler, sold } = selling();
    const served = await profiler.serve({ port: 0 });
    expect([served.role, served.url]).toEqual(['server', expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)]);
    expect(await ask(`${served.url}/metrics`)).toMatchObject({
      status: 200,
      body: page(1),
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    });
    sold.inc(2);
    expect((await ask(`${served.url}/metrics`)).body).toBe(page(3));
    expect(await profiler.metrics()).toBe(page(3));
    await served.close();
    await served.close();
    await expect(ask(served.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await profiler.metrics()).toBe(page(3));
  });

  test('a port that is taken: PORT_TAKEN, with what to do', async () => {
    const { profiler } = selling();
    const { url } = await profiler.serve({ port: 0 });
    const other = selling().profiler;
    const taken = other.serve({ port: portOf(url) });
    await expect(taken).rejects.toBeInstanceOf(PhanosError);
    await expect(taken).rejects.toMatchObject({ code: 'PORT_TAKEN', cause: { code: 'EADDRINUSE' } });
    await expect(taken).rejects.toThrow(`port ${portOf(url)} of 127.0.0.1 is taken; `);
    const free = await other.serve({ port: 0 });
    expect((await ask(`${free.url}/metrics`)).body).toBe(page(1));
  });

  test('may be called again for another port; close of the profiler ends both', async () => {
    const { profiler, sold } = selling();
    const one = await profiler.serve({ port: 0 });
    const two = await profiler.serve({ port: 0 });
    expect(one.url).not.toBe(two.url);
    sold.inc();
    expect((await ask(`${one.url}/metrics`)).body).toBe(page(2));
    expect((await ask(`${two.url}/metrics`)).body).toBe(page(2));
    await profiler.close();
    for (const { url } of [one, two]) await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('called again with the same options it is the same server, also while the first is starting; after close it is a new one', async () => {
    const { profiler, sold } = selling();
    const port = await freePort();
    const [one, two] = await Promise.all([profiler.serve({ port }), profiler.serve({ port, host: '127.0.0.1' })]);
    expect([two.url, (await profiler.serve({ port })).url]).toEqual([one.url, one.url]);
    expect((await profiler.serve({ port, host: 'localhost' })).url).toBe(one.url);
    await two.close();
    await expect(ask(one.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const again = await profiler.serve({ port });
    sold.inc();
    expect((await ask(`${again.url}/metrics`)).body).toBe(page(2));
  });

  test('called for the port that port 0 came to, it is the same server', async () => {
    const { profiler } = selling();
    const one = await profiler.serve({ port: 0 });
    expect((await profiler.serve({ port: portOf(one.url) })).url).toBe(one.url);
    expect((await profiler.serve({ port: 0 })).url).not.toBe(one.url);
  });

  test('a server that was closed leaves nothing behind', async () => {
    const { profiler } = selling();
    const left = await Promise.all(
      [1, 2, 3].map(async () => {
        const served = await profiler.serve({ port: 0 });
        await served.close();
        return new WeakRef(served);
      }),
    );
    await eventually('the servers are forgotten', () => {
      collectGarbage();
      return left.every((served) => served.deref() === undefined);
    });
    expect(left.map((served) => served.deref())).toEqual([undefined, undefined, undefined]);
  });

  test('a server that is still starting when the profiler closes does not stay', async () => {
    const { profiler } = selling();
    await profiler.metrics();
    const starting = profiler.serve({ port: 0 }).catch((error: unknown) => error);
    await profiler.close();
    expect(await starting).toMatchObject({ code: 'CLOSED' });
  });

  test("with collector 'off' it says why there is nothing to serve", async () => {
    const { profiler } = selling({ collector: 'off' });
    for (const attempt of [profiler.serve({ port: 0 }), profiler.metrics(), profiler.ready()]) {
      await expect(attempt).rejects.toBeInstanceOf(PhanosError);
      await expect(attempt).rejects.toMatchObject({ code: 'COLLECTOR_UNAVAILABLE' });
      await expect(attempt).rejects.toThrow("collector is 'off'; configure 'auto' or 'local' to see metrics");
    }
  });

  test.each([
    [{ prot: 1 }, TypeError, "serve: unknown option 'prot', did you mean 'port'?"],
    [{ port: '9464' }, TypeError, "serve: port must be a whole number from 0 to 65535, got '9464'"],
    [{ port: 70_000 }, RangeError, 'serve: port must be at most 65535, got 70000'],
    [{ port: -1 }, RangeError, 'serve: port must be at least 0, got -1'],
    [{ host: '' }, TypeError, "serve: host must be a non-empty string, got ''"],
    [{ keepAlive: 1 }, TypeError, 'serve: keepAlive must be true or false, got 1'],
    [null, TypeError, 'serve: options must be an object, got null'],
  ])('%o is refused', async (options, Class, message) => {
    const { profiler } = selling();
    const attempt = profiler.serve(untyped(options));
    await expect(attempt).rejects.toBeInstanceOf(Class);
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toMatchObject({ code: expect.stringMatching(/^OPTION_(INVALID|UNKNOWN)$/) });
  });

  test('ready resolves when the collector is there', async () => {
    expect(await selling().profiler.ready()).toBeUndefined();
  });
});

describe('metricsHandler', () => {
  test('answers inside node:http', async () => {
    const { profiler, sold } = selling();
    const server = createServer(profiler.metricsHandler).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    sold.inc();
    expect(await ask(url)).toMatchObject({
      status: 200,
      body: page(2),
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    });
    expect(await ask(url, { method: 'POST' })).toMatchObject({ status: 405 });
    server.close();
  });

  test('answers inside Express', async () => {
    const { profiler } = selling();
    const app = express().get('/metrics', profiler.metricsHandler);
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    expect(await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`)).toMatchObject({ status: 200, body: page(1) });
    server.close();
  });

  test('answers inside Fastify', async () => {
    const { profiler } = selling();
    const app = fastify();
    app.get('/metrics', profiler.metricsHandler);
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    expect(await ask(`${url}/metrics`)).toMatchObject({ status: 200, body: page(1) });
    await app.close();
  });

  test("with collector 'off' it answers 503 with the reason, and the server goes on", async () => {
    const { profiler } = selling({ collector: 'off' });
    const rejections: unknown[] = [];
    const note = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', note);
    const server = createServer(profiler.metricsHandler).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const app = fastify();
    app.get('/metrics', profiler.metricsHandler);
    const urls = [
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      `${await app.listen({ port: 0, host: '127.0.0.1' })}/metrics`,
    ];
    for (const url of [...urls, ...urls]) {
      const { status, body } = await ask(url);
      expect([status, body]).toEqual([
        503,
        "series are not counted because collector is 'off'; configure 'auto' or 'local' to see metrics\n",
      ]);
    }
    server.close();
    await app.close();
    process.off('unhandledRejection', note);
    expect(rejections).toEqual([]);
  });

  test('goes on after close, with what was counted', async () => {
    const { profiler } = selling();
    const server = createServer(profiler.metricsHandler).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await profiler.close();
    expect(await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).toMatchObject({ status: 200, body: page(1) });
    server.close();
  });
});
