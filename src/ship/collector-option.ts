import { invalidOption } from '../diagnostics/options.js';
import type { Transport } from './transport.js';

/**
 * Where series go: `auto` finds the nearest collector (a thread's main thread, a cluster worker's primary, else this process), `local` is the one
 * inside this process, `off` counts nothing; a URL is that of a collector service.
 */
export type CollectorOption = 'auto' | 'local' | 'off' | `http://${string}` | `https://${string}` | `unix:${string}` | Transport;

const EXPECTED = "'auto', 'local', 'off', a URL http(s)://… or unix:/path, or a transport";

/** The option as given, or what the environment's PHANOS_COLLECTOR says. Throws a TypeError that names what is wrong. */
export function checkCollector(given: CollectorOption | undefined): CollectorOption {
  if (given !== undefined) return checked('collector', given);
  const value = process.env['PHANOS_COLLECTOR'];
  return value === undefined || value === '' ? 'auto' : checked('the environment variable PHANOS_COLLECTOR', value);
}

function checked(field: string, value: unknown): CollectorOption {
  if (value === 'auto' || value === 'local' || value === 'off') return value;
  if (typeof value === 'object' && value !== null && 'send' in value && 'hello' in value) return value as Transport;
  if (typeof value !== 'string') throw invalidOption('config', field, EXPECTED, value);
  const isSocket = value.startsWith('unix:') && value.length > 'unix:'.length;
  if (!isSocket && !isHttp(value)) throw invalidOption('config', field, EXPECTED, value);
  return value as CollectorOption;
}

function isHttp(value: string): boolean {
  return URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol);
}
