import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ImpProfHandler } from '../../src/rabbitmq.js';
import { logSink } from '../diagnostics/log-sink.js';
import { aRecord } from '../handlers/a-record.js';
import { emptyVhost } from '../support/shared-broker.js';
import { MessageSink } from './messages.js';

/** TLS, ended by a proxy in front of a broker, as many deployments have it. */

const file = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
const ca = file('ca.crt');

let url: string;
let port: number;
let stop: () => void;

beforeAll(async () => {
  url = await emptyVhost();
  const target = Number(new URL(url).port);
  const server = createServer({ cert: file('server.crt'), key: file('server.key') }, (client) => {
    const broker = connect(target, '127.0.0.1');
    client.on('error', () => broker.destroy());
    broker.on('error', () => client.destroy());
    client.pipe(broker).pipe(client);
  }).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => undefined);
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  stop = () => void server.close();
}, 330_000);

afterAll(() => stop());

const vhost = () => decodeURIComponent(new URL(url).pathname.slice(1));

test('records go over TLS, by options and by URL', async () => {
  const sink = await MessageSink.open(url);
  const handlers = [
    new ImpProfHandler('a', { host: 'localhost', port, vhost: vhost(), tls: { ca } }),
    new ImpProfHandler('b', { url: `amqps://guest:guest@127.0.0.1:${port}/${vhost()}`, tls: { ca } }),
  ];
  for (const handler of handlers) {
    handler.handle([aRecord()], 'm');
    await handler.flush();
    expect(handler.delivery).toMatchObject({ published: 1, dropped: {}, waiting: 0 });
    await handler.close();
  }
  await sink.received(2);
  await sink.close();
});

test('a broker whose certificate nobody vouches for is not spoken to, and nobody is heard in the clear', async () => {
  const settings = { host: 'localhost', port, vhost: vhost(), retry: 1, logger: logSink(), logFailedRoots: false } as const;
  const suspicious = new ImpProfHandler('a', { ...settings, tls: true });
  await expect(suspicious.ready()).rejects.toMatchObject({
    code: 'BROKER_UNREACHABLE',
    message: expect.stringMatching(/unable to verify .*; name the authority that signed its certificate: NODE_EXTRA_CA_CERTS/),
  });
  await suspicious.close();
  const plain = new ImpProfHandler('b', settings);
  await expect(plain.ready()).rejects.toMatchObject({
    code: 'BROKER_UNREACHABLE',
    message: expect.stringContaining('check that the port is that of AMQP, with TLS only where the broker has it'),
  });
  await plain.close();
  const elsewhere = new ImpProfHandler('c', { ...settings, tls: { ca, servername: 'elsewhere' } });
  await expect(elsewhere.ready()).rejects.toThrow(/; check that the host is called as its certificate says$/);
  await elsewhere.close();
});
