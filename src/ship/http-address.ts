import { describe } from '../diagnostics/options.js';

/** Where a collector listens for HTTP. */
export interface HttpAddress {
  /** For messages, without credentials: `http://collector:9464`, `unix:/run/phanos.sock`. */
  readonly name: string;
  readonly isSecure: boolean;
  /** Host and port, or a socket. */
  readonly to: { readonly host: string; readonly port: number } | { readonly socketPath: string };
  /** Value of the header `host`. */
  readonly hostHeader: string;
  /** What comes before the paths of the collector, without a slash at its end; mostly empty. */
  readonly prefix: string;
  /** Value of the header `authorization`. */
  readonly authorization: string | undefined;
}

/** Schemes whose collectors are spoken to over HTTP. */
export const HTTP_SCHEME = /^(?:https?|unix):/i;

/**
 * Reads `http://host:9464`, `https://user:password@host/prefix` or `unix:/run/phanos.sock`. Throws an Error whose message completes the sentence
 * "this address …", without credentials in it.
 *
 * @param token sent as bearer token, unless the address has a user and a password
 */
export function readHttpAddress(text: string, token?: string): HttpAddress {
  const bearer = token === undefined ? undefined : `Bearer ${token}`;
  if (/^unix:/i.test(text)) {
    const socketPath = text.slice('unix:'.length).replace(/^\/{2,}/, '/');
    if (socketPath === '') throw new Error('has no path; write unix:/run/phanos.sock');
    return { name: `unix:${socketPath}`, isSecure: false, to: { socketPath }, hostHeader: 'localhost', prefix: '', authorization: bearer };
  }
  const url = parsed(text);
  const isSecure = url.protocol === 'https:';
  const prefix = url.pathname.replace(/\/+$/, '');
  const basic = Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64');
  return {
    name: `${url.protocol}//${url.host}${prefix}`,
    isSecure,
    to: { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || (isSecure ? 443 : 80)) },
    hostHeader: url.host,
    prefix,
    authorization: url.username === '' && url.password === '' ? bearer : `Basic ${basic}`,
  };
}

function parsed(text: string): URL {
  try {
    const url = new URL(text);
    if (url.hostname !== '' && url.search === '' && url.hash === '') return url;
  } catch {
    // What URL says would show the credentials.
  }
  throw new Error('is no address of a server; write http://host:9464');
}

/** A value for a message, without the credentials that an address in it may have. */
export function withoutCredentials(value: unknown): string {
  return describe(typeof value === 'string' ? value.replace(/\/\/[^/]*@/, '//…@') : value);
}
