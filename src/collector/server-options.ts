/** Where and how a collector serves. */
export interface ServerOptions {
  /**
   * Address to listen on. The default is reached from this machine only; in a container use `0.0.0.0`.
   * @default '127.0.0.1'
   */
  readonly host?: string;
  /**
   * TCP port; 0 takes any free one.
   * @default 9464
   */
  readonly port?: number;
  /**
   * Whether the server keeps the process alive when nothing else does.
   * @default false
   */
  readonly keepAlive?: boolean;
}

const DEFAULTS: Required<ServerOptions> = { host: '127.0.0.1', port: 9464, keepAlive: false };

/** Fills in the defaults. Throws a TypeError or RangeError that names the option. */
export function normalizeServerOptions(options: ServerOptions = {}): Required<ServerOptions> {
  const defined = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const unknown = Object.keys(defined).find((name) => !Object.hasOwn(DEFAULTS, name));
  if (unknown !== undefined) {
    throw new TypeError(`serve: option ${unknown} is unknown; known options are ${Object.keys(DEFAULTS).join(', ')}`);
  }
  const { host, port, keepAlive } = { ...DEFAULTS, ...defined };
  if (typeof host !== 'string' || host === '') {
    throw new TypeError(`serve: host must be an address such as '127.0.0.1', got ${JSON.stringify(host)}`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`serve: port must be a whole number from 0 (any free port) to 65535, got ${String(port)}`);
  }
  if (typeof keepAlive !== 'boolean') throw new TypeError(`serve: keepAlive must be true or false, got ${JSON.stringify(keepAlive)}`);
  return { host, port, keepAlive };
}
