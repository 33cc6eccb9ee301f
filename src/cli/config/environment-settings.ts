import { ingestBroker } from '../../collector/ingest/amqp/amqp-ingest-options.js';
import { readShardList } from '../../collector/ingest/amqp/shard-list.js';
import { misuse } from '../../diagnostics/misuse.js';
import { type CollectSettings, DURABILITIES, LOG_FORMATS, parsedListen, parsedWord } from './collect-settings.js';

interface Variable {
  /** What it is, for the help. */
  readonly help: string;
  /** Throws a TypeError for what makes no sense. */
  readonly read: (text: string) => CollectSettings;
}

/** Variables that `phanos collect` reads, but for PHANOS_CONFIG; they go before the file and behind flags. */
const VARIABLES: Readonly<Record<string, Variable>> = {
  PHANOS_LISTEN: { help: 'as --listen', read: (text) => ({ listen: parsedListen(text) }) },
  PHANOS_SOCKET: { help: 'as --socket', read: (socket) => ({ socket }) },
  PHANOS_DATA_DIR: { help: 'as --data-dir', read: (dataDir) => ({ dataDir }) },
  PHANOS_DURABILITY: { help: 'as --durability', read: (text) => ({ durability: parsedWord(text, DURABILITIES) }) },
  PHANOS_AMQP: { help: 'as --amqp', read: (text) => ({ amqp: checked(text, ingestBroker) }) },
  PHANOS_SHARDS: { help: 'as --shards', read: (text) => ({ shards: checked(text, readShardList) }) },
  PHANOS_WEB_CONFIG: { help: 'as --web-config', read: (webConfig) => ({ webConfig }) },
  PHANOS_READ_TOKENS: { help: 'tokens that may read, with commas between them', read: (text) => ({ readTokens: listed(text) }) },
  PHANOS_WRITE_TOKENS: {
    help: 'tokens that may hand measurements over, with commas between them',
    read: (text) => ({ writeTokens: listed(text) }),
  },
  PHANOS_ALLOWED_HOSTS: {
    help: 'names under which it answers, with commas between them',
    read: (text) => ({ allowedHosts: listed(text) }),
  },
  PHANOS_LOG_FORMAT: { help: 'as --log-format', read: (text) => ({ logFormat: parsedWord(text, LOG_FORMATS) }) },
};

/** Names of all variables with what they are. */
export const ENVIRONMENT: readonly (readonly [name: string, help: string])[] = [
  ['PHANOS_CONFIG', 'as --config'],
  ...Object.entries(VARIABLES).map(([name, { help }]) => [name, help] as const),
];

/** What the environment says; an empty variable says nothing. Throws a TypeError that names the variable. */
export function environmentSettings(environment: NodeJS.ProcessEnv): CollectSettings {
  let settings: CollectSettings = {};
  for (const [name, { read }] of Object.entries(VARIABLES)) {
    const text = environment[name];
    if (text === undefined || text === '') continue;
    try {
      settings = { ...settings, ...read(text) };
    } catch (error) {
      throw misuse('OPTION_INVALID', `${name}: ${(error as Error).message}`);
    }
  }
  return settings;
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** The text, for which `check` does not throw. */
function checked(text: string, check: (text: string) => unknown): string {
  check(text);
  return text;
}
