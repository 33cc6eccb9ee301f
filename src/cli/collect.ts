import { existsSync } from 'node:fs';
import { CollectorService } from '../collector/collector-service.js';
import { type AmqpIngestOptions, ingestBroker } from '../collector/ingest/amqp/amqp-ingest-options.js';
import { ALL_SHARDS, shardListText } from '../collector/ingest/amqp/shard-list.js';
import type { Logger } from '../diagnostics/logger.js';
import { version } from '../version.js';
import { type Command, type Given, UsageError } from './command.js';
import {
  accessOf,
  amqpOf,
  type CollectSettings,
  DURABILITIES,
  LOG_FORMATS,
  parsedListen,
  parsedWord,
  redactedSettings,
} from './config/collect-settings.js';
import { ENVIRONMENT } from './config/environment-settings.js';
import { type LoadedSettings, loadSettings } from './config/load-settings.js';
import { foundStores } from './found-stores.js';
import { serviceLog } from './service-log.js';

/** Milliseconds that a graceful end may take. */
const END_PATIENCE = 10_000;

export const collectCommand: Command = {
  name: 'collect',
  summary: 'takes the measurements of many processes, and shows them to Prometheus',
  about: `Producers are programs with \`collector: 'http://HOST:PORT'\` or \`'unix:/PATH'\` in their \`profiler.config\`, or with PHANOS_COLLECTOR in
their environment. Prometheus scrapes /metrics with honor_labels: true; \`phanos prometheus\` writes a configuration for it.

Each batch counts once, whatever dies. With --data-dir it also survives this process: it is acknowledged only when it is on the disk.`,
  flags: {
    listen: {
      type: 'string',
      placeholder: 'HOST:PORT',
      help: 'address for producers and scrapes, :PORT for all addresses, or off\n(default 127.0.0.1:9464)',
    },
    socket: { type: 'string', placeholder: 'PATH', help: 'unix socket for producers and scrapes, beside or instead of the address' },
    'data-dir': { type: 'string', placeholder: 'DIR', help: 'folder for what must survive; without it everything is in memory only' },
    durability: {
      type: 'string',
      placeholder: 'group|none',
      help: 'group: acknowledged once on the disk (default);\nnone: once the operating system has it',
    },
    'allow-state-loss': { type: 'boolean', help: 'start even if what is stored is damaged; what can not be read is lost' },
    amqp: { type: 'string', placeholder: 'URL', help: 'takes measurements from RabbitMQ too: amqp://USER:PASSWORD@HOST:PORT/VHOST' },
    shards: {
      type: 'string',
      placeholder: 'LIST',
      help: "shards of the batches in RabbitMQ that are this collector's own, such as 0-31 or 0-15,40;\nall (default) or none",
    },
    queue: { type: 'string', placeholder: 'NAME', help: 'queue of the records of Python phanos and ImpProfHandler (default imp_prof)' },
    exchange: { type: 'string', placeholder: 'NAME', help: 'exchange of these records (default profiling)' },
    'no-records': { type: 'boolean', help: 'takes no records from RabbitMQ; of several collectors one does' },
    'records-beside-batches': { type: 'boolean', help: 'takes records of jobs that send batches too; what both tell counts twice' },
    'web-config': { type: 'string', placeholder: 'FILE', help: "TLS and users, in Prometheus's web configuration form" },
    config: { type: 'string', placeholder: 'FILE', help: 'settings in YAML or JSON; flags and the environment go before it' },
    'print-config': { type: 'boolean', help: 'prints the settings that all of this comes to, without secrets, and ends' },
    'log-format': { type: 'string', placeholder: 'text|json', help: 'form of the log on standard error (default text)' },
  },
  examples: [
    'phanos collect --data-dir /var/lib/phanos',
    'phanos collect --data-dir /var/lib/phanos --amqp amqp://phanos:secret@broker --shards 0-31',
    'phanos collect --socket /run/phanos.sock --listen 127.0.0.1:9464',
  ],
  environment: ENVIRONMENT,
  async run(given) {
    const file = (given.flags.config as string | undefined) ?? (process.env.PHANOS_CONFIG || undefined);
    const loaded = await loadSettings(file, flagSettings(given));
    if (given.flags['print-config'] === true) {
      process.stdout.write(`${JSON.stringify(redactedSettings(loaded.settings), undefined, 2)}\n`);
      return 0;
    }
    return collect(loaded);
  },
};

function flagSettings({ flags }: Given): CollectSettings {
  const text = (name: string): string | undefined => flags[name] as string | undefined;
  const word = <Word extends string>(name: string, words: readonly Word[]): Word | undefined => {
    const value = text(name);
    try {
      return value === undefined ? undefined : parsedWord(value, words);
    } catch (error) {
      throw new UsageError(`--${name} ${(error as Error).message}`);
    }
  };
  const settings: Record<string, unknown> = {
    listen: text('listen') === undefined ? undefined : parsedListen(text('listen') as string),
    socket: text('socket'),
    dataDir: text('data-dir'),
    durability: word('durability', DURABILITIES),
    allowStateLoss: flags['allow-state-loss'],
    amqp: text('amqp'),
    shards: text('shards'),
    recordsQueue: text('queue'),
    recordsExchange: text('exchange'),
    records: flags['no-records'] === true ? false : undefined,
    recordsBesideBatches: flags['records-beside-batches'],
    webConfig: text('web-config'),
    logFormat: word('log-format', LOG_FORMATS),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

async function collect({ settings, web }: LoadedSettings): Promise<number> {
  const logger = serviceLog(settings.logFormat ?? 'text');
  const { listen, socket, dataDir, durability, allowStateLoss, limits, recordRules, recordsBesideBatches } = settings;
  const amqp = amqpOf(settings);
  const service = await CollectorService.start({
    listen,
    socket,
    dataDir,
    durability,
    allowStateLoss,
    limits,
    amqp,
    recordRules,
    recordsBesideBatches,
    access: accessOf(settings, web.users),
    tls: web.tls,
    logger,
  });
  announce(service, settings, amqp, logger);
  const signal = await firstSignal();
  logger.info({ signal }, 'ending: nothing new is taken, what is under way is finished and kept safe; a second signal ends at once');
  process.once('SIGTERM', () => process.exit(1)).once('SIGINT', () => process.exit(1));
  const isLate = await Promise.race([service.close().then(() => false), after(END_PATIENCE)]);
  if (isLate) logger.error({}, `what was under way did not end within ${END_PATIENCE / 1000} s`);
  else logger.info({}, 'ended');
  return isLate ? 1 : 0;
}

function announce(
  service: CollectorService,
  { dataDir, durability = 'group' }: CollectSettings,
  amqp: AmqpIngestOptions | undefined,
  logger: Logger,
): void {
  const where = service.addresses.map((address) => (address.startsWith('unix:') ? address : `${address}/metrics`)).join(' and ');
  const safety =
    dataDir === undefined
      ? 'everything is in memory only and gone when this process ends; --data-dir keeps it'
      : `data in ${dataDir}, acknowledged ${durability === 'group' ? 'once on the disk' : 'once the operating system has it'}`;
  logger.info({ version, pid: process.pid }, `phanos collects at ${where}; ${safety}`);
  if (amqp !== undefined) logger.info({}, ownership(amqp));
  for (const line of foundStores(service.stores.all)) logger.info({}, line);
  if (isContainer() && service.url?.includes('127.0.0.1') === true) {
    logger.warn(
      {},
      'this looks like a container, and 127.0.0.1 is reached from nowhere outside of it: --listen :9464 listens on all addresses',
    );
  }
}

/** Nobody hands shards out, so everybody is to know whose they are. */
function ownership({ url, shards = ALL_SHARDS, records = true }: AmqpIngestOptions): string {
  const own =
    shards.length === ALL_SHARDS.length
      ? `all ${shards.length} shards are its own, so that another collector on this broker needs --shards, and so does this one then`
      : shards.length === 0
        ? 'no shard is its own'
        : `shards ${shardListText(shards)} are its own`;
  return `RabbitMQ at ${ingestBroker(url).name}: ${own}; records ${records ? 'are taken here' : 'are taken elsewhere'}`;
}

function isContainer(): boolean {
  return existsSync('/.dockerenv') || existsSync('/run/.containerenv') || process.env.KUBERNETES_SERVICE_HOST !== undefined;
}

function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const end = (signal: NodeJS.Signals): void => {
      process.off('SIGTERM', end);
      process.off('SIGINT', end);
      resolve(signal);
    };
    process.on('SIGTERM', end).on('SIGINT', end);
  });
}

function after(milliseconds: number): Promise<true> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds, true).unref();
  });
}
