import type { TlsOptions } from 'node:tls';
import { consoleLogger, type Logger } from '../diagnostics/logger.js';
import { misuse } from '../diagnostics/misuse.js';
import { checkKnownKeys, describe, expectBoolean, expectMethods, expectName, expectWhole, invalidOption } from '../diagnostics/options.js';
import type { AccessOptions } from './access/access-options.js';
import { type AmqpIngestOptions, type NormalAmqpIngest, normalizeAmqpIngest } from './ingest/amqp/amqp-ingest-options.js';
import { checkRecordRules, type RecordRule } from './ingest/records/record-rule.js';
import type { Durability } from './journal/journal-options.js';
import type { CollectorLimits } from './limits.js';

/** A TCP address to listen on. */
export interface ListenAddress {
  /** `127.0.0.1` is reached from this machine only; in a container use `0.0.0.0`. */
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
}

/** What a collector service works on. */
export interface CollectorServiceOptions {
  /**
   * TCP address for producers and scrapes; `false` to listen on the socket only.
   * @default { host: '127.0.0.1', port: 9464 }
   */
  readonly listen?: ListenAddress | false | undefined;
  /**
   * Path of a unix socket for producers and scrapes, beside or instead of the address.
   * @default none
   */
  readonly socket?: string | undefined;
  /**
   * Folder for what must survive; made if it is missing. Without one everything is in memory only.
   * @default none
   */
  readonly dataDir?: string | undefined;
  /**
   * When a batch is acknowledged: `group` once it is on the disk, `none` once the operating system has it.
   * @default 'group'
   */
  readonly durability?: Durability | undefined;
  /**
   * Start even if what is stored is damaged, with the state as far as it can be read.
   * @default false
   */
  readonly allowStateLoss?: boolean | undefined;
  /** Bounds on what producers can make the collector keep. */
  readonly limits?: Partial<CollectorLimits> | undefined;
  /** Takes measurements from RabbitMQ too; needs the package amqplib. @default it does not */
  readonly amqp?: AmqpIngestOptions | undefined;
  /** Which families records of the first wire become. @default by kind and units */
  readonly recordRules?: readonly RecordRule[] | undefined;
  /**
   * Takes records of jobs that send batches too: then what both tell counts twice.
   * @default false
   */
  readonly recordsBesideBatches?: boolean | undefined;
  /** Who may read and write. @default everybody who can connect */
  readonly access?: AccessOptions | undefined;
  /** Certificate and key, for HTTPS on the address. @default plain HTTP */
  readonly tls?: TlsOptions | undefined;
  /**
   * Milliseconds that requests under way get when the service closes.
   * @default 5000
   */
  readonly grace?: number | undefined;
  /** @default the console */
  readonly logger?: Logger | undefined;
}

/** With the defaults filled in. */
export interface NormalServiceOptions {
  readonly listen: ListenAddress | undefined;
  readonly socket: string | undefined;
  readonly dataDir: string | undefined;
  readonly durability: Durability;
  readonly allowStateLoss: boolean;
  readonly limits: Partial<CollectorLimits>;
  readonly amqp: NormalAmqpIngest | undefined;
  readonly recordRules: readonly RecordRule[];
  readonly recordsBesideBatches: boolean;
  readonly access: AccessOptions;
  readonly tls: TlsOptions | undefined;
  readonly grace: number;
  readonly logger: Logger;
}

const WHERE = 'CollectorService';
const KNOWN = [
  'listen',
  'socket',
  'dataDir',
  'durability',
  'allowStateLoss',
  'limits',
  'amqp',
  'recordRules',
  'recordsBesideBatches',
  'access',
  'tls',
  'grace',
  'logger',
];

/** Fills in the defaults. Throws a TypeError or RangeError that names the option. */
export function normalizeServiceOptions(options: CollectorServiceOptions = {}): NormalServiceOptions {
  checkKnownKeys(WHERE, options, KNOWN);
  const { listen = { host: '127.0.0.1', port: 9464 }, socket, dataDir, durability = 'group', tls } = options;
  if (durability !== 'group' && durability !== 'none') {
    throw misuse('OPTION_INVALID', `${WHERE}: durability must be 'group' or 'none', got ${describe(durability)}`);
  }
  if (listen === false && socket === undefined) throw invalidOption(WHERE, 'listen', 'an address where there is no socket', false);
  return {
    listen: listen === false ? undefined : checkedAddress(listen),
    socket: socket === undefined ? undefined : expectName(WHERE, 'socket', socket),
    dataDir: dataDir === undefined ? undefined : expectName(WHERE, 'dataDir', dataDir),
    durability,
    allowStateLoss: expectBoolean(WHERE, 'allowStateLoss', options.allowStateLoss ?? false),
    limits: options.limits ?? {},
    amqp: options.amqp === undefined ? undefined : normalizeAmqpIngest(options.amqp),
    recordRules: checkRecordRules(options.recordRules ?? [], 'recordRules'),
    recordsBesideBatches: expectBoolean(WHERE, 'recordsBesideBatches', options.recordsBesideBatches ?? false),
    access: options.access ?? {},
    tls,
    grace: expectWhole(WHERE, 'grace', options.grace ?? 5000, 0),
    logger: expectMethods<Logger>(WHERE, 'logger', options.logger ?? consoleLogger(), ['debug', 'info', 'warn', 'error']),
  };
}

function checkedAddress(listen: ListenAddress): ListenAddress {
  checkKnownKeys(`${WHERE}: listen`, listen, ['host', 'port']);
  const host = expectName(WHERE, 'listen.host', listen.host);
  const port = expectWhole(WHERE, 'listen.port', listen.port, 0);
  if (port > 65_535) throw invalidOption(WHERE, 'listen.port', 'a port from 0 (any free one) to 65535', port);
  return { host, port };
}
