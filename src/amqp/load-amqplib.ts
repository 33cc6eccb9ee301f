import type * as amqplib from 'amqplib';
import { PhanosError } from '../diagnostics/phanos-error.js';

/** The AMQP library, as far as it is used. */
export type Amqplib = Pick<typeof amqplib, 'connect'>;

let load = (): Promise<Amqplib> => import('amqplib');

/** Loads the AMQP library when it is first needed. Rejects with PACKAGE_MISSING if it isn't installed: it is an optional peer. */
export async function loadAmqplib(): Promise<Amqplib> {
  try {
    return await load();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    const what = isMissing ? 'is not installed' : 'could not be loaded';
    throw new PhanosError('PACKAGE_MISSING', `RabbitMQ needs the package amqplib, which ${what}: npm install amqplib`, { cause });
  }
}

/** For tests: loads something else, until the returned function is called. */
export function replaceAmqplib(replacement: () => Promise<Amqplib>): () => void {
  const before = load;
  load = replacement;
  return () => {
    load = before;
  };
}
