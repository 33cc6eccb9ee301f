import type { ConnectionOptions } from 'node:tls';
import { RECORDS_EXCHANGE } from '../amqp/topology.js';
import type { Logger } from '../diagnostics/logger.js';
import { misuse, outOfRange } from '../diagnostics/misuse.js';
import {
  checkKnownKeys,
  describe,
  expectBoolean,
  expectMethods,
  expectName,
  expectPositive,
  expectString,
  expectWhole,
  invalidOption,
} from '../diagnostics/options.js';
import { type BrokerAddress, brokerAddress, readBrokerUrl } from '../record/broker-address.js';
import { type LogLevel, type LogLevelOption, logLevel } from './log-level.js';

/** Options of {@link ImpProfHandler}; those up to `logger` are Python's. */
export interface ImpProfHandlerOptions {
  /** @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** @default 5672, with TLS 5671 */
  readonly port?: number | undefined;
  /** @default 'guest' */
  readonly user?: string | undefined;
  /** @default 'guest' */
  readonly password?: string | undefined;
  /** Seconds, 65535 at most; a broker that shows no sign of life for two to three of them is taken for dead. 0 turns heartbeats off. @default 47 */
  readonly heartbeat?: number | undefined;
  /** Seconds that the broker has to let us in, to answer, and to confirm a message, unless it has said that it can't take any. @default 23 */
  readonly timeout?: number | undefined;
  /** Seconds until the second try to connect; later pauses double, to 30 s at most, with jitter. @default 0.137 */
  readonly retryDelay?: number | undefined;
  /** Failed tries after which `ready` rejects, and times that a message is sent again whose fate a lost connection left unknown. @default 3 */
  readonly retry?: number | undefined;
  /** @default 'profiling' */
  readonly exchangeName?: string | undefined;
  /** @default 'fanout' */
  readonly exchangeType?: 'direct' | 'fanout' | 'headers' | 'topic' | undefined;
  /** Where failed roots are logged. @default the logger of the profiler */
  readonly logger?: Logger | undefined;

  /** `amqp://user:password@host:5672/vhost`, instead of host, port, user, password and vhost. */
  readonly url?: string | undefined;
  /** Virtual host. @default '/' */
  readonly vhost?: string | undefined;
  /** True, or options of `tls.connect` such as `ca`, `cert` and `key`. @default false */
  readonly tls?: boolean | ConnectionOptions | undefined;
  /** Message properties of the original's ImpProfHandler (none), or of its AsyncImpProfHandler. @default 'sync' */
  readonly style?: 'async' | 'sync' | undefined;
  /** A JSON array a message, or one object a message as before Python phanos 0.3. @default 'array' */
  readonly form?: 'array' | 'object' | undefined;
  /** Brings the records of several roots together, by metric and job: a message goes out with so many records, or after `delay` milliseconds. @default false */
  readonly batch?: false | { readonly records?: number | undefined; readonly delay?: number | undefined } | undefined;
  /** True makes the broker confirm each message, so that what it refused, returned or never got is known. @default true */
  readonly confirms?: boolean | undefined;
  /** True makes the broker return what no queue is bound for; needs `confirms`. @default as `confirms` */
  readonly mandatory?: boolean | undefined;
  /** Records that may wait for the broker; beyond, the oldest are dropped. @default 100_000 */
  readonly outboxRecords?: number | undefined;
  /** Bytes that may wait for the broker; beyond, the oldest are dropped. @default 16_777_216 */
  readonly outboxBytes?: number | undefined;
  /** Level at which the records of roots are logged in which a call failed, or false. @default 'debug' if `logger` is given, else false */
  readonly logFailedRoots?: false | LogLevelOption | undefined;
}

/** The same with nothing left open; times in milliseconds. */
export interface ImpProfSettings {
  readonly address: BrokerAddress;
  readonly timeout: number;
  readonly retryDelay: number;
  readonly retry: number;
  readonly exchangeName: string;
  readonly exchangeType: string;
  readonly logger: Logger | undefined;
  readonly style: 'async' | 'sync';
  readonly form: 'array' | 'object';
  readonly batch: { readonly records: number; readonly delay: number } | undefined;
  readonly confirms: boolean;
  readonly mandatory: boolean;
  readonly outboxRecords: number;
  readonly outboxBytes: number;
  readonly logFailedRoots: LogLevel | undefined;
}

const ADDRESS_PARTS = ['host', 'port', 'user', 'password', 'vhost'] as const;

const OPTIONS = [
  ...ADDRESS_PARTS,
  ...['heartbeat', 'timeout', 'retryDelay', 'retry', 'exchangeName', 'exchangeType', 'logger', 'url', 'tls', 'style', 'form', 'batch'],
  ...['confirms', 'mandatory', 'outboxRecords', 'outboxBytes', 'logFailedRoots'],
];

/** Throws a TypeError or RangeError that names the option, without showing passwords. */
export function normalizeImpProfOptions(where: string, options: ImpProfHandlerOptions): ImpProfSettings {
  checkKnownKeys(where, options, OPTIONS);
  const confirms = expectBoolean(where, 'confirms', options.confirms ?? true);
  const mandatory = expectBoolean(where, 'mandatory', options.mandatory ?? confirms);
  if (mandatory && !confirms)
    throw misuse('OPTION_INVALID', `${where}: mandatory needs confirms, or nobody could tell which messages came back`);
  const form = oneOf(where, 'form', options.form ?? 'array', ['array', 'object']);
  const batch = batchOf(where, options.batch);
  if (batch !== undefined && form === 'object') throw misuse('OPTION_INVALID', `${where}: batch needs the form 'array'`);
  const logger =
    options.logger === undefined ? undefined : expectMethods<Logger>(where, 'logger', options.logger, ['debug', 'info', 'warn', 'error']);
  const failedRoots = options.logFailedRoots ?? (logger === undefined ? false : 'debug');
  return {
    address: addressOf(where, options),
    timeout: expectSeconds(where, 'timeout', options.timeout ?? 23) * 1000,
    retryDelay: expectSeconds(where, 'retryDelay', options.retryDelay ?? 0.137) * 1000,
    retry: expectWhole(where, 'retry', options.retry ?? 3, 1),
    exchangeName: expectShort(where, 'exchangeName', options.exchangeName ?? RECORDS_EXCHANGE),
    exchangeType: oneOf(where, 'exchangeType', options.exchangeType ?? 'fanout', ['direct', 'fanout', 'headers', 'topic']),
    logger,
    style: oneOf(where, 'style', options.style ?? 'sync', ['sync', 'async']),
    form,
    batch,
    confirms,
    mandatory,
    outboxRecords: expectWhole(where, 'outboxRecords', options.outboxRecords ?? 100_000, 1),
    outboxBytes: expectWhole(where, 'outboxBytes', options.outboxBytes ?? 16_777_216, 1),
    logFailedRoots: failedRoots === false ? undefined : logLevel(where, failedRoots),
  };
}

function addressOf(where: string, options: ImpProfHandlerOptions): BrokerAddress {
  const { url, tls } = options;
  const heartbeat = expectWhole(where, 'heartbeat', options.heartbeat ?? 47, 0, 65_535);
  if (tls !== undefined && typeof tls !== 'boolean' && (typeof tls !== 'object' || tls === null)) {
    throw invalidOption(where, 'tls', 'true, false or options of tls.connect', tls);
  }
  const secured = typeof tls === 'object' ? { tls } : tls === true ? { tls: {} } : {};
  if (url !== undefined) {
    const both = ADDRESS_PARTS.find((part) => options[part] !== undefined);
    if (both !== undefined) throw misuse('OPTION_INVALID', `${where}: url says it all; leave out ${both}`);
    return brokerAddress({ heartbeat, ...readUrl(where, url), ...secured });
  }
  return brokerAddress({
    ...(options.host === undefined ? {} : { host: expectName(where, 'host', options.host) }),
    ...(options.port === undefined ? {} : { port: expectWhole(where, 'port', options.port, 1, 65_535) }),
    ...(options.user === undefined ? {} : { user: expectString(where, 'user', options.user) }),
    ...(options.password === undefined ? {} : { password: passwordOf(where, options.password) }),
    ...(options.vhost === undefined ? {} : { vhost: expectShort(where, 'vhost', options.vhost) }),
    heartbeat,
    ...secured,
  });
}

function readUrl(where: string, url: unknown): ReturnType<typeof readBrokerUrl> {
  try {
    return readBrokerUrl(expectString(where, 'url', url));
  } catch (error) {
    if (error instanceof TypeError) throw error;
    throw misuse('OPTION_INVALID', `${where}: url ${(error as Error).message}`);
  }
}

/** A day at most: what is meant as for ever would be longer than timers can wait, and end at once. */
function expectSeconds(where: string, field: string, value: unknown): number {
  const seconds = expectPositive(where, field, value);
  if (seconds > 86_400) throw outOfRange('OPTION_INVALID', `${where}: ${field} must be at most 86400 seconds, got ${seconds}`);
  return seconds;
}

/** A name as AMQP has room for. */
function expectShort(where: string, field: string, value: unknown): string {
  const name = expectName(where, field, value);
  if (Buffer.byteLength(name) > 255) throw invalidOption(where, field, 'a name of at most 255 bytes', name);
  return name;
}

function passwordOf(where: string, value: unknown): string {
  if (typeof value !== 'string') throw misuse('OPTION_INVALID', `${where}: password must be a string`);
  return value;
}

function batchOf(where: string, batch: ImpProfHandlerOptions['batch']): ImpProfSettings['batch'] {
  if (batch === undefined || batch === false) return undefined;
  checkKnownKeys(`${where}: batch`, batch, ['records', 'delay']);
  return {
    records: expectWhole(`${where}: batch`, 'records', batch.records ?? 500, 2),
    delay: expectWhole(`${where}: batch`, 'delay', batch.delay ?? 250, 1),
  };
}

function oneOf<T extends string>(where: string, field: string, value: T, all: readonly T[]): T {
  if (!all.includes(value)) throw invalidOption(where, field, all.map((one) => describe(one)).join(' or '), value);
  return value;
}
