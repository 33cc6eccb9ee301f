import type { AccessOptions } from '../../collector/access/access-options.js';
import { type AmqpIngestOptions, ingestBroker } from '../../collector/ingest/amqp/amqp-ingest-options.js';
import { readShardList } from '../../collector/ingest/amqp/shard-list.js';
import type { RecordRule } from '../../collector/ingest/records/record-rule.js';
import type { Durability } from '../../collector/journal/journal-options.js';
import type { CollectorLimits } from '../../collector/limits.js';
import type { ListenAddress } from '../../collector/service-options.js';
import { misuse } from '../../diagnostics/misuse.js';
import { describe } from '../../diagnostics/options.js';
import type { LogFormat } from '../service-log.js';

/** What `phanos collect` can be told, by a file, the environment or flags; what is absent has its default. */
export interface CollectSettings {
  readonly listen?: ListenAddress | false;
  readonly socket?: string;
  readonly dataDir?: string;
  readonly durability?: Durability;
  readonly allowStateLoss?: boolean;
  readonly limits?: Partial<CollectorLimits>;
  /** Address of the broker, with user and password. */
  readonly amqp?: string;
  /** Shards as a list: `0-31`. */
  readonly shards?: string;
  /** Whether records are taken from the broker. */
  readonly records?: boolean;
  readonly recordsQueue?: string;
  readonly recordsExchange?: string;
  readonly recordsBesideBatches?: boolean;
  readonly recordRules?: readonly RecordRule[];
  /** File in Prometheus's web configuration form. */
  readonly webConfig?: string;
  readonly readTokens?: readonly string[];
  readonly writeTokens?: readonly string[];
  readonly allowedHosts?: readonly string[];
  readonly logFormat?: LogFormat;
}

/** Later ones go before earlier ones; limits are merged one by one. */
export function mergedSettings(...layers: readonly CollectSettings[]): CollectSettings {
  const limits = Object.assign({}, ...layers.map((layer) => layer.limits ?? {})) as Partial<CollectorLimits>;
  return { ...(Object.assign({}, ...layers) as CollectSettings), limits };
}

/** The part of the settings that says who may read and write. */
export function accessOf(
  { readTokens, writeTokens, allowedHosts }: CollectSettings,
  users: Readonly<Record<string, string>>,
): AccessOptions {
  return {
    users,
    ...(readTokens === undefined ? {} : { readTokens }),
    ...(writeTokens === undefined ? {} : { writeTokens }),
    ...(allowedHosts === undefined ? {} : { allowedHosts }),
  };
}

/** The part of the settings that says what is taken from RabbitMQ. Throws a TypeError for shards that make no sense, or settings that stand alone. */
export function amqpOf({
  amqp,
  shards,
  records,
  recordsQueue: queue,
  recordsExchange: exchange,
}: CollectSettings): AmqpIngestOptions | undefined {
  if (amqp === undefined) {
    const [alone] =
      Object.entries({ shards, records, recordsQueue: queue, recordsExchange: exchange }).find(([, value]) => value !== undefined) ?? [];
    if (alone === undefined) return undefined;
    throw misuse(
      'OPTION_INVALID',
      `${alone} says what to take from RabbitMQ, and no broker is named; add --amqp amqp://USER:PASSWORD@HOST`,
    );
  }
  return { url: amqp, shards: shards === undefined ? undefined : readShardList(shards), records, queue, exchange };
}

/** The settings as they can be shown to anybody: secrets are told by their number alone. */
export function redactedSettings(settings: CollectSettings): object {
  const hidden = (tokens: readonly string[] | undefined): string[] | undefined => tokens?.map(() => '<redacted>');
  const amqp = settings.amqp === undefined ? undefined : ingestBroker(settings.amqp).name;
  return { ...settings, amqp, readTokens: hidden(settings.readTokens), writeTokens: hidden(settings.writeTokens) };
}

export const DURABILITIES = ['group', 'none'] as const satisfies readonly Durability[];
export const LOG_FORMATS = ['text', 'json'] as const satisfies readonly LogFormat[];

/** One of these words. Throws a TypeError that lists them. */
export function parsedWord<Word extends string>(text: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === text);
  if (word === undefined) throw misuse('OPTION_INVALID', `must be ${words.join(' or ')}, got ${describe(text)}`);
  return word;
}

/** `127.0.0.1:9464`, `:9464` for all addresses, `[::1]:9464`, or `off`. Throws a TypeError that says how it is written. */
export function parsedListen(text: string): ListenAddress | false {
  if (text === 'off') return false;
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    throw misuse('OPTION_INVALID', `'${text}' is no address to listen on; write HOST:PORT, such as 127.0.0.1:9464, or off`);
  }
  return { host: six ?? (four === '' ? '::' : (four as string)), port: Number(port) };
}
