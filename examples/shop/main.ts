import { PhanosError } from 'phanos';
import { HELP, readCommandLine } from './options.js';
import { run } from './run.js';
import { Terminal } from './terminal.js';
import { Trouble } from './trouble.js';

/** `npm start`: a shop under load, measured by phanos. Exits with 1 if something failed or was miscounted, with 2 for a wrong command line. */

const commandLine = readCommandLine(process.argv.slice(2));

switch (commandLine.wants) {
  case 'help':
    process.stdout.write(HELP);
    break;
  case 'nonsense':
    process.stderr.write(`${commandLine.sentence}\n`);
    process.exitCode = 2;
    break;
  case 'run':
    try {
      if (!(await run(commandLine.options, new Terminal()))) process.exitCode = 1;
    } catch (error) {
      process.stderr.write(`${explain(error)}\n`);
      process.exitCode = 1;
    }
}

/** One sentence for what happens to anybody, such as a taken port; the stack for what never should. */
function explain(error: unknown): string {
  if (error instanceof Trouble) return error.message;
  if (error instanceof PhanosError) return `${error.message} (option ${error.code === 'COLLECTOR_UNAVAILABLE' ? '--collector' : '--port'})`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
