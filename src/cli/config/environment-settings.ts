import { type CollectSettings, parsedListen } from './collect-settings.js';

/** Variables that `phanos collect` reads; they go before the file and behind flags. */
export const ENVIRONMENT = {
  PHANOS_LISTEN: 'as --listen',
  PHANOS_SOCKET: 'as --socket',
  PHANOS_DATA_DIR: 'as --data-dir',
  PHANOS_AMQP: 'as --amqp',
  PHANOS_SHARDS: 'as --shards',
  PHANOS_READ_TOKENS: 'tokens that may read, with commas between them',
  PHANOS_WRITE_TOKENS: 'tokens that may hand measurements over, with commas between them',
} as const;

export function environmentSettings(environment: NodeJS.ProcessEnv): CollectSettings {
  const { PHANOS_LISTEN: listen, PHANOS_SOCKET: socket, PHANOS_DATA_DIR: dataDir } = environment;
  const { PHANOS_AMQP: amqp, PHANOS_SHARDS: shards } = environment;
  const { PHANOS_READ_TOKENS: readTokens, PHANOS_WRITE_TOKENS: writeTokens } = environment;
  const isSet = (value: string | undefined): value is string => value !== undefined && value !== '';
  return {
    ...(isSet(listen) ? { listen: parsedListen(listen) } : {}),
    ...(isSet(socket) ? { socket } : {}),
    ...(isSet(dataDir) ? { dataDir } : {}),
    ...(isSet(amqp) ? { amqp } : {}),
    ...(isSet(shards) ? { shards } : {}),
    ...(isSet(readTokens) ? { readTokens: readTokens.split(',') } : {}),
    ...(isSet(writeTokens) ? { writeTokens: writeTokens.split(',') } : {}),
  };
}
