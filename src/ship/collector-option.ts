import { expectMethods, invalidOption } from '../diagnostics/options.js';
import type { Transport } from './transport.js';

/**
 * Where series go: `auto` finds the nearest collector (a thread's main thread, a cluster worker's primary, else this process), `local` is the one
 * inside this process, `off` counts nothing; a transport of one's own leads elsewhere.
 */
export type CollectorOption = 'auto' | 'local' | 'off' | Transport;

const EXPECTED = "'auto', 'local', 'off' or a transport";
const METHODS = ['hello', 'gone', 'send', 'sendLast', 'onFlush', 'text', 'serve', 'close'] as const satisfies readonly (keyof Transport)[];

/** The option as given, or what the environment's PHANOS_COLLECTOR says. Throws a TypeError that names what is wrong. */
export function checkCollector(given: CollectorOption | undefined): CollectorOption {
  if (typeof given === 'object' && given !== null) return expectMethods<Transport>('config', 'collector', given, METHODS);
  if (given !== undefined) return checked('collector', given);
  const value = process.env.PHANOS_COLLECTOR;
  return value === undefined || value === '' ? 'auto' : checked('the environment variable PHANOS_COLLECTOR', value);
}

function checked(field: string, value: unknown): CollectorOption {
  if (value === 'auto' || value === 'local' || value === 'off') return value;
  throw invalidOption('config', field, EXPECTED, value);
}
