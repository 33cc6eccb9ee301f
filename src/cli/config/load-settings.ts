import { readFile } from 'node:fs/promises';
import { PhanosError } from '../../diagnostics/phanos-error.js';
import { type CollectSettings, mergedSettings } from './collect-settings.js';
import { faultText } from './config-fault.js';
import { environmentSettings } from './environment-settings.js';
import { readFileSettings } from './file-settings.js';
import { readWebConfig, type WebConfig } from './web-config.js';

/** Everything that `phanos collect` is to know. */
export interface LoadedSettings {
  readonly settings: CollectSettings;
  readonly web: WebConfig;
}

/**
 * Puts the settings together: those of the file, over them the environment's, over them the flags'. Throws CONFIG_INVALID with a line for every fault of the
 * files.
 */
export async function loadSettings(
  file: string | undefined,
  flags: CollectSettings,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<LoadedSettings> {
  const lines: string[] = [];
  let settings = mergedSettings(environmentSettings(environment), flags);
  if (file !== undefined) {
    const fromFile = await readable(file, readFileSettings);
    lines.push(...fromFile.faults.map((fault) => faultText(file, fault)));
    settings = mergedSettings(fromFile.settings, settings);
  }
  let web: WebConfig = { users: {} };
  const { webConfig } = settings;
  if (webConfig !== undefined) {
    const { config, faults } = await readable(webConfig, async (path) => readWebConfig(path, await readFile(path, 'utf8')));
    lines.push(...faults.map((fault) => faultText(webConfig, fault)));
    web = config;
  }
  if (lines.length > 0) throw new PhanosError('CONFIG_INVALID', lines.join('\n'));
  return { settings, web };
}

async function readable<T>(file: string, read: (file: string) => Promise<T>): Promise<T> {
  try {
    return await read(file);
  } catch (error) {
    if (error instanceof PhanosError) throw error;
    throw new PhanosError('CONFIG_INVALID', `${file} can't be read (${(error as Error).message}); check its name and rights`, {
      cause: error,
    });
  }
}
