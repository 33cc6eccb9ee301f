import { PhanosError } from '../diagnostics/phanos-error.js';
import type { Command } from './command.js';
import { UsageError } from './command.js';
import { amqpOf, type CollectSettings } from './config/collect-settings.js';
import { loadSettings } from './config/load-settings.js';

export const checkConfigCommand: Command = {
  name: 'check-config',
  summary: 'tells whether `phanos collect --config FILE` would take a file, and if not, in which lines',
  words: 'FILE…',
  about:
    'Checks settings in YAML or JSON, and the web configuration that they name, with what the environment adds to them. The exit code is 0 if all files are right, else 1.',
  flags: {},
  async run({ words }) {
    if (words.length === 0) throw new UsageError('which file?');
    let code = 0;
    for (const file of words) {
      try {
        await loadSettings(file, {}, {});
        checkTogether(file, (await loadSettings(file, {})).settings);
        process.stdout.write(`${file}: right\n`);
      } catch (error) {
        process.stdout.write(`${(error as Error).message}\n`);
        code = 1;
      }
    }
    return code;
  },
};

/** Settings that are right one by one and make no sense together, those of the environment among them. */
function checkTogether(file: string, settings: CollectSettings): void {
  if (settings.listen === false && settings.socket === undefined) {
    throw new PhanosError(
      'CONFIG_INVALID',
      `${file}: listen is off and there is no socket, so nobody could reach the collector; add socket, or --socket`,
    );
  }
  try {
    amqpOf(settings);
  } catch (error) {
    throw new PhanosError('CONFIG_INVALID', `${file}: ${(error as Error).message}`, { cause: error });
  }
}
