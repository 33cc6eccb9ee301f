import type { ConfigOptions } from 'phanos';

type Transport = Extract<ConfigOptions['collector'], object>;

/** What a collector says to a batch. */
type Said = Awaited<ReturnType<Transport['send']>>;

/** A way of batches to a function of the benchmark. */
export function ownTransport(take: (body: Uint8Array) => Promise<Said> | Said): Transport {
  return {
    name: 'own',
    heartbeat: 60_000,
    hello: async () => ({ worker: '1', epoch: 'only' }),
    gone: () => undefined,
    send: async ({ body }) => take(body),
    sendLast: () => true,
    onFlush: () => undefined,
    expose: async () => ({ contentType: 'text/plain', body: '' }),
    serve: async () => ({ role: 'delegate', url: '', close: async () => undefined }),
    close: () => undefined,
  };
}
