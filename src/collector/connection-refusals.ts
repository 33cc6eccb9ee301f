import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Why a connection was ended before there was a request on it. The words are label values, so they stay as they are. */
export type ConnectionRefusal = 'connections' | 'headers' | 'malformed' | 'timeout' | 'tls';

/** Answers and counts what never becomes a request: a `clientError` that nobody listens to is answered, but not told. */
export function watchConnections(server: Server, onRefused: (reason: ConnectionRefusal) => void): void {
  // What is written while an answer is on its way would end up in the middle of it.
  const answered = new WeakSet<Duplex>();
  server.on('request', ({ socket }, response) => {
    answered.add(socket);
    response.once('close', () => answered.delete(socket));
  });
  server.on('clientError', ({ code = '' }: NodeJS.ErrnoException, socket) => {
    const refusal = refusalOf(code);
    if (refusal === undefined) return void socket.destroy();
    onRefused(refusal.reason);
    if (!socket.writable || answered.has(socket)) return void socket.destroy();
    socket.end(`HTTP/1.1 ${refusal.status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
  });
  server.on('drop', () => onRefused('connections'));
  server.on('tlsClientError', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'ECONNRESET') onRefused('tls');
  });
}

function refusalOf(code: string): { readonly reason: ConnectionRefusal; readonly status: string } | undefined {
  if (code === 'HPE_HEADER_OVERFLOW') return { reason: 'headers', status: '431 Request Header Fields Too Large' };
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { reason: 'timeout', status: '408 Request Timeout' };
  // A connection that ends within a request has nobody left to answer.
  if (code === 'HPE_INVALID_EOF_STATE') return undefined;
  return code.startsWith('HPE_') ? { reason: 'malformed', status: '400 Bad Request' } : undefined;
}
