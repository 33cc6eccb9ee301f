import type { ConnectionOptions } from 'node:tls';

/** Where a broker is, and as whom to speak to it. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly vhost: string;
  /** Seconds: the broker is taken for dead after two to three of them without a sign of life. 0 turns heartbeats off. */
  readonly heartbeat: number;
  /** Options of `tls.connect`; undefined speaks in the clear. */
  readonly tls: ConnectionOptions | undefined;
  /** For messages, so without user and password: `amqp://broker:5672/orders`. */
  readonly name: string;
}

/** What is known of an address before its defaults. */
export type BrokerAddressParts = Partial<Omit<BrokerAddress, 'name'>>;

/** A broker on this machine as it is after its installation: port 5672, or 5671 with TLS, guest, virtual host `/`, a heartbeat of 10 s. */
export function brokerAddress(parts: BrokerAddressParts = {}): BrokerAddress {
  const { host = '127.0.0.1', tls, user = 'guest', password = 'guest', vhost = '/', heartbeat = 10 } = parts;
  const port = parts.port ?? (tls === undefined ? 5672 : 5671);
  const shownHost = host.includes(':') ? `[${host}]` : host;
  const shownVhost = vhost === '/' ? '' : `/${encodeURIComponent(vhost)}`;
  const name = `${tls === undefined ? 'amqp' : 'amqps'}://${shownHost}:${port}${shownVhost}`;
  return { host, port, user, password, vhost, heartbeat, tls, name };
}

/**
 * The parts that an address such as `amqp://user:password@broker:5672/vhost?heartbeat=10` names; those that it leaves out are missing. Throws an Error
 * whose message completes the sentence "this address …", without user and password in it.
 */
export function readBrokerUrl(text: string): BrokerAddressParts {
  const url = parsed(text);
  const heartbeat = url.searchParams.get('heartbeat');
  const unknown = [...url.searchParams.keys()].find((key) => key !== 'heartbeat');
  if (unknown !== undefined) throw new Error(`has a parameter '${unknown}', where only heartbeat is understood`);
  if (heartbeat !== null && !/^\d{1,5}$/.test(heartbeat)) throw new Error('has a heartbeat that is no number of seconds');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    ...(url.username === '' && url.password === '' ? {} : { user: plain(url.username), password: plain(url.password) }),
    // The path after its slash is the name, and a name may be a slash itself: `/%2F`, or nothing at all.
    ...(url.pathname.length > 1 ? { vhost: plain(url.pathname.slice(1)) } : {}),
    ...(heartbeat === null ? {} : { heartbeat: Number(heartbeat) }),
    ...(url.protocol === 'amqps:' ? { tls: {} } : {}),
  };
}

function parsed(text: string): URL {
  try {
    const url = new URL(text);
    if ((url.protocol === 'amqp:' || url.protocol === 'amqps:') && url.hostname !== '' && url.hash === '') return url;
  } catch {
    // What URL says would show user and password.
  }
  throw new Error('is no address of a broker; write amqp://user:password@host:5672/vhost');
}

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error('has a % that is not followed by two digits; write %25 for a percent sign');
  }
}
