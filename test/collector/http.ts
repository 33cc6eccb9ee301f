import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request on a connection of its own. */
export function ask(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; socketPath?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { body, ...rest } = options;
    const sending = request(url, { ...rest, agent: false }, (response) => {
      text(response).then((received) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received }), reject);
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

/** A connection that has sent this and reads nothing until it is resumed. */
export async function rawConnection(url: string, sent: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.pause();
  socket.write(sent);
  return socket;
}
