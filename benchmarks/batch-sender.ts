import { Agent, request } from 'node:http';
import { deflateSync } from 'node:zlib';
import { batchBodies } from './batch-bodies.js';
import { expectEqual } from './subjects.js';

/** A process that sends batches to a collector service, as many as it is told to, of eight producers on eight connections. */

export const PRODUCERS = 8;

export async function serveBatchSender(socketPath: string): Promise<void> {
  const bodyOf = await batchBodies();
  const agent = new Agent({ keepAlive: true });
  let seq = 0;
  process.on('message', (batches: number) => {
    const first = seq + 1;
    seq += batches / PRODUCERS;
    const last = seq;
    const sending = Array.from({ length: PRODUCERS }, async (_, worker) => {
      for (let next = first; next <= last; next++) {
        expectEqual('status', await post(agent, socketPath, deflateSync(bodyOf(worker, next), { level: 1 })), 200);
      }
    });
    void Promise.all(sending).then(() => process.send?.('sent'));
  });
  process.send?.('ready');
}

function post(agent: Agent, socketPath: string, body: Buffer): Promise<number> {
  const headers = {
    'content-type': 'application/vnd.phanos.batch+json; version=2',
    'content-encoding': 'deflate',
    'content-length': body.length,
  };
  return new Promise((resolve, reject) => {
    const sending = request({ agent, socketPath, path: '/v2/batches', method: 'POST', headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    });
    sending.once('error', reject).end(body);
  });
}
