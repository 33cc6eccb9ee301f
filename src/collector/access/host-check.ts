import { isIP } from 'node:net';

/**
 * True if a request may name this host. A page of another site that has its own name point to this machine (DNS rebinding) sends that name, so only
 * addresses, `localhost` and names that are allowed pass.
 *
 * @param host the header `Host` as it came
 * @param allowed names without a port; `*` allows all
 */
export function isAllowedHost(host: string | undefined, allowed: readonly string[]): boolean {
  if (allowed.includes('*')) return true;
  // HTTP/1.0 needs no host, and no browser speaks it.
  if (host === undefined) return true;
  const name = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(host.toLowerCase());
  const bare = name?.[1] ?? name?.[2];
  if (bare === undefined || bare === '') return false;
  if (name?.[1] !== undefined) return isIP(bare) === 6;
  return isIP(bare) === 4 || bare === 'localhost' || allowed.some((one) => one.toLowerCase() === bare);
}
