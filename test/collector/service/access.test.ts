import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { hash } from 'bcryptjs';
import { afterEach, expect, test } from 'vitest';
import { CollectorService } from '../../../src/collector/collector-service.js';
import type { CollectorServiceOptions } from '../../../src/collector/service-options.js';
import { encodeBatch } from '../../../src/record/batch-encoder.js';
import { sampleOf } from '../../ship/running-cluster.js';
import { root } from '../../support/project.js';
import { aBatch } from '../a-batch.js';

/** Nobody reads or writes without the credentials that are asked for, and what is turned away is counted. */

const READ = 'read-token-0123456789';
const WRITE = 'write-token-0123456789';
const PATHS = [
  '/',
  '/metrics',
  '/-/metrics',
  '/-/ready',
  '/api/v1/status',
  '/api/v1/producers',
  '/api/v1/families',
  '/api/v1/cardinality',
  '/api/v1/tree',
];

let service: CollectorService;
afterEach(() => service.close());

async function start(options: CollectorServiceOptions): Promise<void> {
  service = await CollectorService.start({ listen: { host: '127.0.0.1', port: 0 }, ...options });
}

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> => fetch(`${service.url}${path}`, { headers });
const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${service.url}${path}`, { method: 'POST', body, headers });
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const basic = (user: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const batch = (): Uint8Array<ArrayBuffer> => Uint8Array.from(encodeBatch(aBatch()));
const identity = JSON.stringify({ job: 'shop', instance: 'here', worker: '0', boot: 'b' });

/** A request as it is written, and the first line of the answer. */
function raw(text: string): Promise<string> {
  const { port } = new URL(service.url ?? '');
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.end(text));
    socket.setEncoding('utf8').on('data', (more: string) => {
      answer += more;
    });
    socket.on('close', () => resolve(answer.split('\r\n', 1)[0] ?? '')).on('error', reject);
  });
}

test('the page links to all that can be read, loads nothing, and runs nothing', async () => {
  await start({});
  const page = await get('/');
  expect(page.headers.get('content-security-policy')).toBe("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  const links = Array.from((await page.text()).matchAll(/href="([^"]+)"/g), ([, path]) => path!);
  expect(links.sort()).toEqual([...PATHS.slice(1), '/-/healthy'].sort());
  for (const link of links) expect([link, (await get(link)).status]).toEqual([link, 200]);
});

test('readers and writers have tokens of their own', async () => {
  await start({ access: { readTokens: [READ], writeTokens: [WRITE] } });
  for (const path of PATHS) {
    expect([path, (await get(path)).status]).toEqual([path, 401]);
    expect([path, (await get(path, bearer(WRITE))).status]).toEqual([path, 401]);
    expect([path, (await get(path, bearer(READ))).status]).toEqual([path, 200]);
  }
  expect((await post('/v2/batches', batch())).status).toBe(401);
  expect((await post('/v2/batches', batch(), bearer(READ))).status).toBe(401);
  expect((await post('/v2/hello', identity)).status).toBe(401);
  expect((await post('/v2/gone', identity)).status).toBe(401);
  expect((await post('/v2/batches', batch(), bearer(WRITE))).status).toBe(200);
  expect((await post('/v2/hello', identity, bearer(WRITE))).status).toBe(200);
  expect((await post('/v2/gone', identity, bearer(WRITE))).status).toBe(204);
  const own = await (await get('/-/metrics', bearer(READ))).text();
  expect(sampleOf(own, 'phanos_collector_refused_requests_total{reason="credentials"}')).toBe(2 * PATHS.length + 4);
  expect((await get('/-/healthy')).status).toBe(200);
});

test('what a stranger sees tells nothing: the same answer for every path and every wrong password', async () => {
  await start({ access: { users: { alice: await hash('secret', 4) } } });
  const seen = new Set<string>();
  for (const [path, headers] of [
    ['/metrics', {}],
    ['/nothing-here', {}],
    ['/metrics', basic('alice', 'wrong')],
    ['/metrics', basic('bob', 'secret')],
    ['/v2/batches', {}],
  ] as const) {
    const response = await get(path, headers);
    seen.add(JSON.stringify([response.status, await response.text(), response.headers.get('www-authenticate')]));
  }
  expect([...seen]).toEqual([JSON.stringify([401, 'Credentials are needed here.\n', 'Basic realm="phanos", Bearer realm="phanos"'])]);
  expect((await get('/metrics', basic('alice', 'secret'))).status).toBe(200);
});

test('other names, paths that lead elsewhere, and oversized requests are refused and counted', async () => {
  await start({});
  const ask = (path: string, host = '127.0.0.1'): Promise<string> =>
    raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  expect(await ask('/metrics')).toBe('HTTP/1.1 200 OK');
  expect(await ask('/metrics', 'evil.example')).toBe('HTTP/1.1 421 Misdirected Request');
  expect(await ask('/-/healthy', 'evil.example')).toBe('HTTP/1.1 421 Misdirected Request');
  for (const path of ['/../../etc/passwd', '/metrics/../api', '/%2e%2e/%2e%2e/etc/passwd', '/api/v1/status/', '//metrics', '/metrics%00']) {
    expect([path, await ask(path)]).toEqual([path, 'HTTP/1.1 404 Not Found']);
  }
  expect(await raw(`GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)).toBe(
    'HTTP/1.1 431 Request Header Fields Too Large',
  );
  expect((await post('/v2/batches', 'x'.repeat(9 << 20))).status).toBe(413);
  expect((await post('/metrics', 'x')).status).toBe(405);
  expect(await raw('GET /met rics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')).toBe('HTTP/1.1 400 Bad Request');
  const own = await (await get('/-/metrics')).text();
  const refused = (reason: string): number | undefined => sampleOf(own, `phanos_collector_refused_requests_total{reason="${reason}"}`);
  expect([refused('host'), refused('path'), refused('too_large'), refused('method')]).toEqual([2, 6, 1, 1]);
  expect([refused('headers'), refused('malformed')]).toEqual([1, 1]);
});

test('over TLS, with a certificate that clients must have too', async () => {
  const pem = (name: string): string => readFileSync(join(root, 'test/fixtures/tls', name), 'utf8');
  const tls = { cert: pem('server.crt'), key: pem('server.key'), ca: pem('ca.crt'), requestCert: true, rejectUnauthorized: true };
  await start({ tls });
  expect(service.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  const ask = (client: object): Promise<number | string> =>
    new Promise((resolve) => {
      httpsRequest(`${service.url}/metrics`, { ca: pem('ca.crt'), ...client }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'error'))
        .end();
    });
  expect(await ask({ cert: pem('client.crt'), key: pem('client.key') })).toBe(200);
  expect(await ask({})).toEqual(expect.stringMatching(/ERR_SSL|ECONNRESET|EPROTO/));
});
