import type { Channel } from 'amqplib';
import type { OpenConnection } from '../../../amqp/open-connection.js';

/** Asks and declares on a channel of its own, which a refusal costs. Rejects with BROKER_REFUSED or BROKER_UNREACHABLE. */
export async function onChannel<T>(connection: OpenConnection, what: string, work: (channel: Channel) => PromiseLike<T>): Promise<T> {
  const channel = await connection.channel(() => undefined);
  const result = await connection.ask(what, Promise.resolve(work(channel)));
  await connection.ask('closing a channel', channel.close());
  return result;
}

/** Whether the broker refused since the thing is not there, or is there with other properties. */
export function isReply(error: unknown, code: 404 | 406): boolean {
  return error instanceof Error && new RegExp(`\\b${code} [A-Z_]+\\b`).test(error.message);
}
