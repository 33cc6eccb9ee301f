import type { Command } from './command.js';
import { UsageError } from './command.js';
import { loadSettings } from './config/load-settings.js';

export const checkConfigCommand: Command = {
  name: 'check-config',
  summary: 'tells whether `phanos collect --config FILE` would take a file, and if not, in which lines',
  words: 'FILE…',
  about: 'Checks settings in YAML or JSON, and the web configuration that they name. The exit code is 0 if all files are right, else 1.',
  flags: {},
  async run({ words }) {
    if (words.length === 0) throw new UsageError('which file?');
    let code = 0;
    for (const file of words) {
      try {
        await loadSettings(file, {}, {});
        process.stdout.write(`${file}: right\n`);
      } catch (error) {
        process.stdout.write(`${(error as Error).message}\n`);
        code = 1;
      }
    }
    return code;
  },
};
