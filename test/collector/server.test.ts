import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { BeforeScrape } from '../../src/collector/before-scrape.js';
import { Collector } from '../../src/collector/collector.js';
import type { RunningServer } from '../../src/collector/http-server.js';
import { startServer } from '../../src/collector/server.js';
import type { ExposedFamily } from '../../src/exposition/exposed-family.js';
import type { ServeOptions } from '../../src/record/serve-options.js';
import { parseText } from '../exposition/parse-text.js';
import { eventually } from '../support/eventually.js';
import { aBatch, aDelta } from './a-batch.js';
import { ask, rawConnection } from './http.js';

const running: RunningServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function serve(collector: Collector, beforeScrape: BeforeScrape = () => {}, options: ServeOptions = {}): Promise<RunningServer> {
  const server = await startServer(collector, beforeScrape, { port: 0, ...options });
  running.push(server);
  return server;
}

/** A collector with one counter at 1. */
function small(): Collector {
  const collector = new Collector();
  collector.apply(aBatch(aDelta('counter', { name: 'n' }, [{ labelValues: [], add: 1 }])));
  return collector;
}

const manyBounds = Array.from({ length: 20 }, (_, i) => i);
const longLabel = (i: number): string => `${'x'.repeat(240)}${i}`;

/** 2000 histograms with this count in each bucket: about 15 MB of text, more than sockets buffer. */
function many(count: number, removed: string[][] = []) {
  const counts = [...manyBounds.map(() => count), count];
  const rows = Array.from({ length: 2000 }, (_, i) => ({ labelValues: [longLabel(i)], counts, sum: i }));
  return aBatch(aDelta('histogram', { name: 'h', labelNames: ['l'], bounds: manyBounds }, rows, removed));
}

function large(): Collector {
  const collector = new Collector();
  collector.apply(many(3));
  return collector;
}

const smallText = '# HELP n_total Help.\n# TYPE n_total counter\nn_total 1\n';

describe('answers', () => {
  test('/metrics, with a query, and in absolute form too', async () => {
    const { url } = await serve(small());
    const answer = await ask(`${url}/metrics?a=1`);
    expect(answer).toMatchObject({ status: 200, body: smallText });
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers['content-encoding']).toBeUndefined();
    const socket = await rawConnection(url, `GET ${url}/metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(await text(socket)).toContain('n_total 1\n');
  });

  test.each([
    ['gzip', true],
    ['deflate, GZIP;q=0.5', true],
    ['gzip;q=1.0, identity', true],
    ['gzip;q=0', false],
    ['gzip;q=0.0', false],
    ['gzippy', false],
    ['', false],
  ])('/metrics, compressed for those who accept it: %j', async (accepted, compressed) => {
    const { url } = await serve(small());
    const response = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': accepted } });
    expect(response.headers.get('content-encoding')).toBe(compressed ? 'gzip' : null);
    expect(response.headers.get('vary')).toBe('Accept, Accept-Encoding');
    expect(await response.text()).toBe(smallText);
  });

  test('compressed text is the same text', async () => {
    const collector = large();
    const { url } = await serve(collector);
    const socket = await rawConnection(url, 'GET /metrics HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n');
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const received = Buffer.concat(chunks);
    const body = received.subarray(received.indexOf('\r\n\r\n') + 4);
    expect(gunzipSync(body).toString()).toBe(collector.text());
  });

  test('/-/metrics tells of the collector, and is no scrape', async () => {
    const { url } = await serve(small());
    await ask(`${url}/metrics`);
    const { status, headers, body } = await ask(`${url}/-/metrics`);
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    const value = (name: string, labels = {}) =>
      parseText(body)
        .flatMap(({ samples }) => samples)
        .find((sample) => sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels))?.value;
    expect(value('phanos_collector_batches_total', { result: 'applied' })).toBe(1);
    expect(value('phanos_collector_scrapes_total', { outcome: 'complete' })).toBe(1);
    expect(value('phanos_collector_scrape_duration_seconds_count')).toBe(1);
    expect(body).not.toContain('n_total 1');
  });

  test('/-/healthy, /-/ready, and a page with links to all of it', async () => {
    const { url } = await serve(small());
    expect(await ask(`${url}/-/healthy`)).toMatchObject({ status: 200, body: 'phanos is healthy.\n' });
    expect(await ask(`${url}/-/ready`)).toMatchObject({ status: 200, body: 'phanos is ready.\n' });
    const page = await ask(url);
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const links = Array.from(page.body.matchAll(/href="([^"]+)"/g), ([, path]) => path!);
    expect(links).toEqual(['/metrics', '/-/metrics', '/-/ready', '/-/healthy']);
    for (const link of links) expect((await ask(url + link)).status).toBe(200);
  });

  test('HEAD like GET, without a body', async () => {
    let asked = 0;
    const { url } = await serve(small(), () => {
      asked++;
    });
    for (const path of ['/metrics', '/-/metrics', '/-/healthy', '/-/ready', '/']) {
      const [head, get] = [await ask(url + path, { method: 'HEAD' }), await ask(url + path)];
      expect(head.body).toBe('');
      expect([head.status, head.headers['content-type']]).toEqual([200, get.headers['content-type']]);
    }
    expect(asked).toBe(1);
  });

  test('404 with the way to the measurements', async () => {
    const { url } = await serve(small());
    for (const path of ['/metric', '/metrics/', '/-/', '//metrics', '/%6detrics', '/constructor']) {
      expect(await ask(url + path)).toMatchObject({ status: 404, body: 'There is nothing here; the measurements are at /metrics.\n' });
    }
  });

  test('405 with the methods that are possible', async () => {
    const { url } = await serve(small());
    for (const path of ['/metrics', '/-/metrics', '/-/healthy', '/-/ready', '/']) {
      const { status, headers, body } = await ask(url + path, { method: 'DELETE' });
      expect([status, headers.allow, body]).toEqual([405, 'GET, HEAD', 'DELETE is not possible here; use GET or HEAD.\n']);
    }
    expect((await ask(`${url}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405);
  });

  test('requests with a body are refused, and nobody is asked to send one', async () => {
    const { url } = await serve(small());
    const { status, headers, body } = await ask(`${url}/metrics`, { body: 'x', headers: { 'content-length': '1' } });
    expect([status, headers.connection, body]).toEqual([413, 'close', 'Requests here carry no body; send this one without.\n']);
    const socket = await rawConnection(url, 'GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('before a scrape', () => {
  test('what the hook brings in is in the scrape', async () => {
    const collector = new Collector();
    const { url } = await serve(collector, async () => {
      await Promise.resolve();
      collector.apply(aBatch(aDelta('counter', { name: 'n' }, [{ labelValues: [], add: 1 }])));
    });
    expect((await ask(`${url}/metrics`)).body).toBe(smallText);
    expect((await ask(`${url}/metrics`)).body).toContain('n_total 2\n');
    expect(collector.self.hookFailures).toBe(0);
  });

  test.each<[string, BeforeScrape]>([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
    ['never ends', () => new Promise(() => {})],
  ])('a hook that %s takes no scrape with it, and is counted', async (_what, hook) => {
    const collector = small();
    const { url } = await serve(collector, hook);
    expect(await ask(`${url}/metrics`)).toMatchObject({ status: 200, body: smallText });
    expect(collector.self.hookFailures).toBe(1);
  });

  test('a hook that rejects when nobody waits any more disturbs nobody', async () => {
    let reject = (_error: Error): void => {};
    const { url } = await serve(
      small(),
      () =>
        new Promise((_resolve, onRejected) => {
          reject = onRejected;
        }),
    );
    await ask(`${url}/metrics`);
    reject(new Error('too late'));
    expect((await ask(`${url}/-/healthy`)).status).toBe(200);
  });
});

describe('readers', () => {
  test('many at once get the same', async () => {
    const collector = large();
    const { url } = await serve(collector);
    const answers = await Promise.all(Array.from({ length: 3 }, () => ask(`${url}/metrics`)));
    for (const { body } of answers) expect(body === collector.text()).toBe(true);
    expect(collector.self.scrapes).toEqual({ complete: 3, failed: 0, gone: 0, slow: 0 });
  });

  test('one that goes away midway hurts nobody', async () => {
    const collector = large();
    const { url } = await serve(collector);
    const socket = await rawConnection(url, 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
    socket.resume();
    await once(socket, 'data');
    socket.destroy();
    await eventually('the scrape is given up', () => collector.self.scrapes.gone === 1);
    expect((await ask(`${url}/metrics`)).status).toBe(200);
    expect(collector.self.scrapes).toEqual({ complete: 1, failed: 0, gone: 1, slow: 0 });
  });

  test('one that goes away before its answer begins hurts nobody', async () => {
    const collector = small();
    let begin = (): void => {};
    const asked = new Promise<void>((resolve) => {
      begin = resolve;
    });
    let end = (): void => {};
    const { url } = await serve(collector, () => {
      begin();
      return new Promise((resolve) => {
        end = resolve;
      });
    });
    const socket = await rawConnection(url, 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
    await asked;
    socket.destroy();
    await ask(`${url}/-/healthy`);
    end();
    await eventually('the scrape is given up', () => collector.self.scrapes.gone + collector.self.scrapes.complete === 1);
    expect(collector.self.scrapes.failed).toBe(0);
  });

  test('one that reads nothing keeps nobody waiting, and gets all of it in the end', async () => {
    const collector = large();
    const { url } = await serve(collector);
    const slow = await rawConnection(url, 'GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const others = await Promise.all([ask(`${url}/metrics`), ask(`${url}/-/healthy`), ask(`${url}/metrics`)]);
    expect(others.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(collector.self.scrapes).toEqual({ complete: 2, failed: 0, gone: 0, slow: 0 });
    slow.resume();
    const received = await text(slow);
    expect(received.slice(-20)).toMatch(/h_count.*|\r\n0\r\n\r\n$/);
    expect(received.length).toBeGreaterThan(collector.text().length);
    await eventually('the slow scrape is done', () => collector.self.scrapes.complete === 3);
  });

  test('a scrape that breaks is cut off, counted, and not taken for a whole one', async () => {
    class Broken extends Collector {
      override get families(): Iterable<ExposedFamily> {
        const whole = super.families;
        return (function* () {
          yield* whole;
          throw new Error('broken');
        })();
      }
    }
    const collector = new Broken();
    collector.apply(many(3));
    const { url } = await serve(collector);
    await expect(ask(`${url}/metrics`)).rejects.toThrow('aborted');
    await eventually('it is counted', () => collector.self.scrapes.failed === 1);
    expect((await ask(`${url}/-/healthy`)).status).toBe(200);
  });

  test('what is applied while a slow reader reads never tears a series', async () => {
    const collector = large();
    const { url } = await serve(collector);
    const slow = await rawConnection(url, 'GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await ask(`${url}/-/healthy`);
    collector.apply(many(7, [[longLabel(1900)]]));
    slow.resume();
    const received = await text(slow);
    const body = received
      .slice(received.indexOf('\r\n\r\n') + 4)
      .replace(/^[0-9a-f]+\r\n/, '')
      .replace(/\r\n0\r\n\r\n$/, '')
      .replace(/\r\n[0-9a-f]+\r\n/g, '');
    expect(parseText(body)[0]!.samples.length).toBe(2000 * 23);
  });
});

describe('life', () => {
  test('[host] is 127.0.0.1 unless told otherwise', async () => {
    const { url, port } = await serve(small());
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect((await serve(small(), () => {}, { host: '0.0.0.0' })).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await serve(small(), () => {}, { host: 'localhost' })).url).toMatch(/^http:\/\/localhost:\d+$/);
  });

  test('[port] a taken one rejects with the port and the remedy', async () => {
    const { port } = await serve(small());
    await expect(serve(small(), () => {}, { port })).rejects.toMatchObject({
      name: 'PhanosError',
      code: 'PORT_TAKEN',
      message: `port ${port} of 127.0.0.1 is taken; stop whoever listens there, or choose another port, for example ${port + 1}, or 0 for any free one`,
      cause: { code: 'EADDRINUSE' },
    });
  });

  test('[host] one that is not ours rejects', async () => {
    await expect(serve(small(), () => {}, { host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringMatching(/^can't listen on port 0 of 192\.0\.2\.1 \(.*EADDRNOTAVAIL.*\); choose a host and port/),
    });
  });

  test.each<[object, string]>([
    [{ port: 65_536 }, 'serve: port must be at most 65535, got 65536'],
    [{ port: '9464' }, "serve: port must be a whole number from 0 to 65535, got '9464'"],
    [{ host: '' }, "serve: host must be a non-empty string, got ''"],
    [{ keepAlive: 1 }, 'serve: keepAlive must be true or false, got 1'],
    [{ prot: 1 }, "serve: unknown option 'prot', did you mean 'port'?"],
  ])('wrong options are refused: %j', async (options, message) => {
    await expect(startServer(small(), () => {}, options)).rejects.toThrow(message);
  });

  test('[keepAlive] only when asked for does the server keep the process alive', async () => {
    const listening = () => process.getActiveResourcesInfo().filter((resource) => resource === 'TCPServerWrap').length;
    const before = listening();
    await serve(small());
    expect(listening()).toBe(before);
    await serve(small(), () => {}, { keepAlive: true });
    expect(listening()).toBe(before + 1);
  });

  test('close ends idle connections at once and slow readers after a moment, and frees the port', async () => {
    const collector = large();
    const server = await serve(collector);
    const idle = await rawConnection(server.url, 'GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n');
    const slow = await rawConnection(server.url, 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
    slow.on('error', () => {});
    await ask(`${server.url}/-/healthy`);
    await Promise.all([server.close(), server.close()]);
    idle.resume();
    await once(idle, 'close');
    await eventually('the slow reader is given up', () => collector.self.scrapes.gone === 1);
    slow.destroy();
    const again = await serve(small(), () => {}, { port: server.port });
    expect((await ask(`${again.url}/metrics`)).status).toBe(200);
  });
});
