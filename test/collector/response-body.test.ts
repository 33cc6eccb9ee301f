import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { ResponseBody, type ScrapeOutcome } from '../../src/collector/response-body.js';
import { rawConnection } from './http.js';

/** Chunks without end. */
async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield new Uint8Array(64 * 1024);
}

test('a reader that takes no chunk within its time is cut off, and that is told apart from one that left', async () => {
  const outcomes: Promise<ScrapeOutcome>[] = [];
  const server = createServer((_request, response) => void outcomes.push(new ResponseBody(response, 200).send(endless(), {})));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const idle = await rawConnection(url, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(server, 'request');
  expect(await outcomes[0]).toBe('slow');
  const leaving = await rawConnection(url, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  leaving.resume();
  await once(leaving, 'data');
  leaving.destroy();
  expect(await outcomes[1]).toBe('gone');
  idle.destroy();
  server.close();
});
