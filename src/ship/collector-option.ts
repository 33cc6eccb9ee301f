import { misuse } from '../diagnostics/misuse.js';
import { expectMethods } from '../diagnostics/options.js';
import { readBrokerUrl } from '../record/broker-address.js';
import { HTTP_SCHEME, readHttpAddress, withoutCredentials } from './http-address.js';
import type { Transport } from './transport.js';

/**
 * Where series go: `auto` finds the nearest collector (that of the environment's PHANOS_COLLECTOR, a thread's main thread, a cluster worker's primary, else this process), `local` is the one
 * inside this process, `off` counts nothing; the address of a collector that runs as a service; or a transport of one's own.
 */
export type CollectorOption = 'auto' | 'local' | 'off' | CollectorAddress | Transport;

/** `http://host:9464`, `https://user:password@host/prefix`, `unix:/run/phanos.sock`, `amqps://host`. */
export type CollectorAddress = `${'http' | 'https' | 'amqp' | 'amqps'}://${string}` | `unix:${string}`;

const EXPECTED = "'auto', 'local', 'off', an address that begins with http://, https://, unix: or amqp://, or a transport";
const METHODS = [
  'hello',
  'gone',
  'send',
  'sendLast',
  'onFlush',
  'expose',
  'serve',
  'close',
] as const satisfies readonly (keyof Transport)[];

/** Schemes of message brokers. */
export const AMQP_SCHEME = /^amqps?:\/\//i;

/** The option as given; for `auto`, which is the default, what the environment's PHANOS_COLLECTOR says. Throws a TypeError that names what is wrong, but no password. */
export function checkCollector(given: CollectorOption | undefined): CollectorOption {
  if (typeof given === 'object' && given !== null) return expectMethods<Transport>('config', 'collector', given, METHODS);
  if (given !== undefined && given !== 'auto') return checked('collector', given);
  const value = process.env.PHANOS_COLLECTOR;
  return value === undefined || value === '' ? 'auto' : checked('the environment variable PHANOS_COLLECTOR', value);
}

/** The token as given, or the environment's PHANOS_COLLECTOR_TOKEN; an empty one is none. Throws a TypeError that does not show it. */
export function checkCollectorToken(given: string | undefined): string | undefined {
  const field = given === undefined ? 'the environment variable PHANOS_COLLECTOR_TOKEN' : 'collectorToken';
  const token: unknown = given ?? process.env.PHANOS_COLLECTOR_TOKEN;
  if (token === undefined || token === '') return undefined;
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token;
  throw misuse('OPTION_INVALID', `config: ${field} must be a string of printable ASCII characters without spaces`);
}

function checked(field: string, value: unknown): CollectorOption {
  if (value === 'auto' || value === 'local' || value === 'off') return value;
  const isAmqp = typeof value === 'string' && AMQP_SCHEME.test(value);
  if (typeof value !== 'string' || !(isAmqp || HTTP_SCHEME.test(value))) {
    throw misuse('OPTION_INVALID', `config: ${field} must be ${EXPECTED}, got ${withoutCredentials(value)}`);
  }
  try {
    if (isAmqp) readBrokerUrl(value);
    else readHttpAddress(value);
  } catch (error) {
    throw misuse('OPTION_INVALID', `config: ${field} ${withoutCredentials(value)} ${(error as Error).message}`);
  }
  return value as CollectorAddress;
}
