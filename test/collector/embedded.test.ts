import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { expect, test } from 'vitest';
import { createEmbeddedCollector } from '../../src/collector/embedded.js';
import { CONTENT_TYPES, fromPlain, type PlainExposed, toPlain } from '../../src/record/exposed.js';
import type { CreateEmbeddedCollector, EmbeddedCollector } from '../../src/ship/embedded-collector.js';
import { parseProtobuf } from '../exposition/parse-protobuf.js';
import { aBatch, aDelta } from './a-batch.js';
import { AProducer } from './a-producer.js';
import { ask } from './http.js';

// The client knows the collector by this type only; an assignment that compiles is the proof that it knows it right.
const create: CreateEmbeddedCollector = createEmbeddedCollector;

/** A collector that counts its scrapes into the counter that they show. */
function counting(): EmbeddedCollector {
  const collector: EmbeddedCollector = create({
    beforeScrape: () => void collector.apply(aBatch(aDelta('counter', { name: 'asked' }, [{ labelValues: [], add: 1 }]))),
  });
  return collector;
}

const textOf = async (collector: EmbeddedCollector): Promise<string> => (await collector.expose(undefined)).body as string;

const shown = (times: number): string => `# HELP asked_total Help.\n# TYPE asked_total counter\nasked_total ${times}\n`;

test('text comes after the hook', async () => {
  const collector = counting();
  expect(await textOf(collector)).toBe(shown(1));
  expect(await textOf(collector)).toBe(shown(2));
});

test('text comes without the hook if that fails or takes too long', async () => {
  const broken = create({ beforeScrape: () => Promise.reject(new Error('broken')) });
  expect(await textOf(broken)).toBe('');
  const endless = create({ beforeScrape: () => new Promise(() => {}) });
  endless.apply(aBatch(aDelta('gauge', { name: 'g' }, [{ labelValues: [], value: 1 }])));
  expect(await textOf(endless)).toBe('# HELP g Help.\n# TYPE g gauge\ng 1\n');
});

test('it takes the batches of other processes, and is told when they end', async () => {
  const collector = create({ beforeScrape: () => {} });
  const producers = [new AProducer({ worker: '0' }), new AProducer({ worker: '1' })];
  const batches = producers.map((producer) =>
    producer.batch([
      aDelta('counter', { name: 'n' }, [{ labelValues: [], add: 1 }]),
      aDelta('gauge', { name: 'g' }, [{ labelValues: [], value: 5 }]),
    ]),
  );
  expect([...batches, batches[0]!].map((batch) => collector.apply(batch))).toEqual(['new', 'new', 'duplicate']);
  expect(collector.epochOf(producers[0]!.identity)).toMatch(/^[0-9a-f-]{36}$/);
  expect(collector.end({ worker: '1' })).toBe(1);
  expect((await textOf(collector)).split('\n').filter((line) => /^\w/.test(line))).toEqual(['n_total 2', 'g 5']);
});

test('it comes in the format that was asked for', async () => {
  const open = await counting().expose(CONTENT_TYPES.openmetrics);
  expect(open).toEqual({
    contentType: CONTENT_TYPES.openmetrics,
    body: '# TYPE asked counter\n# HELP asked Help.\nasked_total 1\n# EOF\n',
  });
  const binary = await counting().expose(CONTENT_TYPES.protobuf);
  expect(binary.contentType).toBe(CONTENT_TYPES.protobuf);
  expect(parseProtobuf(binary.body as Uint8Array)).toEqual([
    { name: 'asked_total', help: 'Help.', type: 'COUNTER', metric: [{ counter: { value: 1 } }] },
  ]);
  expect(fromPlain(JSON.parse(JSON.stringify(toPlain(binary))) as PlainExposed)).toEqual(binary);
  expect(fromPlain(JSON.parse(JSON.stringify(toPlain(open))) as PlainExposed)).toEqual(open);
});

test("[limits] are the collector's", async () => {
  const collector = create({ beforeScrape: () => {}, limits: { seriesPerFamily: 1 } });
  collector.apply(
    aBatch(
      aDelta(
        'counter',
        { name: 'n', labelNames: ['l'] },
        ['a', 'b'].map((value) => ({ labelValues: [value], add: 1 })),
      ),
    ),
  );
  expect(await textOf(collector)).toContain('n_total{phanos_overflow="true"} 1\n');
  expect(() => create({ beforeScrape: () => {}, limits: { labels: -1 } })).toThrow('limits.labels');
});

test('serves on several ports, and close ends all of them', async () => {
  const collector = counting();
  const servers = [await collector.serve({ port: 0 }), await collector.serve({ port: 0 })];
  expect((await ask(`${servers[0]!.url}/metrics`)).body).toBe(shown(1));
  expect((await ask(`${servers[1]!.url}/metrics`)).body).toBe(shown(2));
  await expect(collector.serve({ port: servers[0]!.port })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  await collector.close();
  for (const { url } of servers) await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expect(collector.serve({ port: 0 })).rejects.toMatchObject({ code: 'CLOSED' });
  expect(await textOf(collector)).toBe(shown(3));
});

test('a server that is still starting when the collector closes does not stay', async () => {
  const collector = counting();
  const starting = collector.serve({ port: 0 });
  await collector.close();
  await expect(starting).rejects.toMatchObject({ code: 'CLOSED' });
});

test('answers inside a plain server', async () => {
  const collector = counting();
  const server = createServer((request, response) => void collector.handle(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/anywhere`;
  expect(await ask(url)).toMatchObject({ status: 200, body: shown(1) });
  expect(await ask(url, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  expect(await ask(url, { method: 'PUT' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  server.close();
  await once(server, 'close');
});

test('answers inside Express', async () => {
  const collector = counting();
  const app = express();
  app.get('/metrics', (request, response) => collector.handle(request, response));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await ask(`${url}/metrics`)).toMatchObject({
    status: 200,
    body: shown(1),
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  });
  expect((await ask(`${url}/other`)).status).toBe(404);
  server.close();
  await once(server, 'close');
});

test('answers inside Fastify', async () => {
  const collector = counting();
  const app = fastify();
  app.get('/metrics', (request, reply) => {
    void reply.hijack();
    return collector.handle(request.raw, reply.raw);
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  expect(await ask(`${url}/metrics`)).toMatchObject({ status: 200, body: shown(1) });
  await app.close();
});

test('an answer that has begun already is left alone', async () => {
  const collector = counting();
  const server = createServer((request, response) => {
    response.writeHead(200);
    response.write('mine');
    void collector.handle(request, response).then(() => response.end(' all of it'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect((await ask(url)).body).toBe('mine all of it');
  expect((await ask(url, { method: 'PUT' })).body).toBe('mine all of it');
  server.close();
  await once(server, 'close');
});
