import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * A port of this machine that nobody listens on.
 *
 * Workers that listen on port 0 share a free one, but only until the last of them has died: its successor would get another.
 */
export async function freePort(host: string): Promise<number> {
  const server = createServer();
  await once(server.listen(0, host), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
