import { checkKnownKeys, expectBoolean, expectName, expectWhole } from '../diagnostics/options.js';

/** Where and how metrics are served. */
export interface ServeOptions {
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

const KNOWN = ['host', 'port', 'keepAlive'] as const satisfies readonly (keyof ServeOptions)[];
const LAST_PORT = 65_535;

/** Fills in the defaults. Throws a TypeError or RangeError that names the option. */
export function normalizeServeOptions(options: ServeOptions = {}): Required<ServeOptions> {
  checkKnownKeys('serve', options, KNOWN);
  const { host = '127.0.0.1', port = 9464, keepAlive = false } = options;
  return {
    host: expectName('serve', 'host', host),
    port: expectWhole('serve', 'port', port, 0, LAST_PORT),
    keepAlive: expectBoolean('serve', 'keepAlive', keepAlive),
  };
}
