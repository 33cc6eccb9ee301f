#!/usr/bin/env node
/** `phanos COMMAND`: the programs of phanos. */

import { suggestion } from '../diagnostics/nearest.js';
import { version } from '../version.js';
import { checkConfigCommand } from './check-config.js';
import { collectCommand } from './collect.js';
import { type Command, helpText, readArguments, UsageError } from './command.js';
import { prometheusCommand } from './prometheus/command.js';
import { replayCommand } from './replay/command.js';
import { tailCommand } from './tail/command.js';

const COMMANDS: readonly Command[] = [collectCommand, checkConfigCommand, prometheusCommand, tailCommand, replayCommand];

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length)) + 2;
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`);
  return `phanos ${version}: what the methods of a Node.js server do, in Prometheus\n\n${lines.join('\n')}\n\n\`phanos COMMAND --help\` tells the rest.\n`;
}

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const asked = COMMANDS.find((command) => command.name === args[0]);
    process.stdout.write(asked === undefined ? overview() : helpText(asked));
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const names = COMMANDS.map((command) => command.name);
  const command = COMMANDS.find((one) => one.name === name);
  try {
    if (command === undefined) throw new UsageError(`there is no command '${name}', ${suggestion(name, names)}`);
    const given = readArguments(command, args);
    if (given.flags.help === true) {
      process.stdout.write(helpText(command));
      return 0;
    }
    return await command.run(given);
  } catch (error) {
    const { message, code } = error as { readonly message: string; readonly code?: string };
    const isUsage = error instanceof UsageError || code === 'OPTION_INVALID' || code === 'OPTION_UNKNOWN';
    const hint = isUsage ? `\nsee \`phanos${command === undefined ? '' : ` ${command.name}`} --help\`` : '';
    process.stderr.write(`phanos${command === undefined ? '' : ` ${command.name}`}: ${message}${hint}\n`);
    return isUsage ? 2 : 1;
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
