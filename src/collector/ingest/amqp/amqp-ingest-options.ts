import { SHARDS } from '../../../amqp/topology.js';
import { misuse } from '../../../diagnostics/misuse.js';
import { checkKnownKeys, expectBoolean, expectName, expectString, expectWhole, invalidOption } from '../../../diagnostics/options.js';
import type { RetryOptions } from '../../../diagnostics/retry.js';
import { type BrokerAddress, brokerAddress, readBrokerUrl } from '../../../record/broker-address.js';
import { ALL_SHARDS } from './shard-list.js';

/** What a collector takes from RabbitMQ. */
export interface AmqpIngestOptions {
  /** `amqp://user:password@host:5672/vhost`, or `amqps://…`; with a heartbeat of 5 s unless it says otherwise by `?heartbeat=`. */
  readonly url: string;
  /** Shards that are this collector's own, from 0 to 63, each in a folder of its own. @default all */
  readonly shards?: readonly number[] | undefined;
  /** Whether records are taken, of Python phanos and `ImpProfHandler`. @default true */
  readonly records?: boolean | undefined;
  /** Queue of the records. @default 'imp_prof' */
  readonly queue?: string | undefined;
  /** Exchange of the records. @default 'profiling' */
  readonly exchange?: string | undefined;
  /** Milliseconds between two looks at the queues: what is missing is declared again, and how much waits is counted. @default 10_000 */
  readonly lookInterval?: number | undefined;
  /** Pauses between tries to connect. @default 250 ms to 5 s */
  readonly retry?: RetryOptions | undefined;
}

/** With the defaults filled in. */
export interface NormalAmqpIngest {
  readonly address: BrokerAddress;
  readonly shards: readonly number[];
  readonly records: boolean;
  readonly queue: string | undefined;
  readonly exchange: string | undefined;
  readonly lookInterval: number;
  readonly retry: RetryOptions;
}

const WHERE = 'CollectorService amqp';
const KNOWN = ['url', 'shards', 'records', 'queue', 'exchange', 'lookInterval', 'retry'];
/** Seconds: short, so that a broker that stands still is noticed after 15 s at most. */
const HEARTBEAT = 5;

/** Fills in the defaults. Throws a TypeError or RangeError that names the option, and never what is secret in it. */
export function normalizeAmqpIngest(options: AmqpIngestOptions): NormalAmqpIngest {
  checkKnownKeys(WHERE, options, KNOWN);
  const { shards = ALL_SHARDS, queue, exchange } = options;
  if (!Array.isArray(shards)) throw invalidOption(WHERE, 'shards', `a list of numbers from 0 to ${SHARDS - 1}`, shards);
  return {
    address: ingestBroker(expectString(WHERE, 'url', options.url)),
    shards: [...new Set(shards.map((shard) => expectWhole(WHERE, 'each of shards', shard, 0, SHARDS - 1)))].sort((a, b) => a - b),
    records: expectBoolean(WHERE, 'records', options.records ?? true),
    queue: queue === undefined ? undefined : expectName(WHERE, 'queue', queue),
    exchange: exchange === undefined ? undefined : expectName(WHERE, 'exchange', exchange),
    lookInterval: expectWhole(WHERE, 'lookInterval', options.lookInterval ?? 10_000, 1),
    retry: { first: 250, longest: 5000, ...options.retry },
  };
}

/** The broker that a URL names. Throws a TypeError without user and password in it. */
export function ingestBroker(url: string): BrokerAddress {
  try {
    return brokerAddress({ heartbeat: HEARTBEAT, ...readBrokerUrl(url) });
  } catch (error) {
    throw misuse('OPTION_INVALID', `amqp: what was given ${(error as Error).message}`);
  }
}
