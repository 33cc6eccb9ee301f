import { type ParseArgsConfig, parseArgs } from 'node:util';
import { suggestion } from '../diagnostics/nearest.js';

/** A flag of a command. */
export interface Flag {
  readonly type: 'boolean' | 'string';
  /** May be given several times. */
  readonly multiple?: boolean;
  /** What stands for its value in the help; none for a boolean. */
  readonly placeholder?: string;
  /** What it does, with its unit and default; several lines are indented alike. */
  readonly help: string;
}

/** What was given on the command line. */
export interface Given {
  readonly flags: Readonly<Record<string, boolean | string | readonly string[] | undefined>>;
  readonly words: readonly string[];
}

/** One command of `phanos`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What comes behind the name and the flags, such as `FILE`. */
  readonly words?: string;
  /** More than the summary says: a paragraph or two. */
  readonly about: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** Examples: whole lines. */
  readonly examples?: readonly string[];
  /** Variables of the environment that it reads, with what they are. */
  readonly environment?: readonly (readonly [name: string, help: string])[];
  /** Resolves to the exit code. What it throws is told by its message alone. */
  run(given: Given): Promise<number>;
}

/** The command line is wrong: exit code 2, and a sentence that says how it would be right. */
export class UsageError extends Error {}

/** Reads the arguments behind a command's name. Throws a {@link UsageError}. */
export function readArguments(command: Command, args: readonly string[]): Given {
  const names = [...Object.keys(command.flags), 'help'];
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { type, multiple = false }] of Object.entries(command.flags)) options[name] = { type, multiple };
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    if (positionals.length > 0 && command.words === undefined) throw new UsageError(`'${positionals[0]}' is not understood`);
    return { flags: values as Given['flags'], words: positionals };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const unknown = /Unknown option '-*([^' ]+)/.exec((error as Error).message)?.[1];
    const near = unknown === undefined ? undefined : suggestion(unknown, names).replace(/'([^']+)'/, "'--$1'");
    throw new UsageError(unknown === undefined ? firstSentence((error as Error).message) : `unknown option '--${unknown}', ${near}`);
  }
}

/** The help of one command. */
export function helpText({ name, summary, words, about, flags, examples = [], environment = [] }: Command): string {
  const rows = Object.entries(flags).map(
    ([flag, { placeholder, help }]) => [`--${flag}${placeholder === undefined ? '' : ` ${placeholder}`}`, help] as const,
  );
  const options = columns([...rows, ['--help', 'this text']]);
  const blocks = [`phanos ${name} [options]${words === undefined ? '' : ` ${words}`}: ${summary}\n`, `${about.trim()}\n`, options];
  if (environment.length > 0) blocks.push(`environment:\n${columns(environment)}`);
  if (examples.length > 0) blocks.push(`examples:\n${examples.map((example) => `  ${example}\n`).join('')}`);
  return blocks.join('\n');
}

function columns(rows: readonly (readonly [left: string, right: string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}\n`).join('');
}

function firstSentence(text: string): string {
  return text.split(/(?<=\.)\s/, 1)[0]?.replace(/\.$/, '') ?? text;
}
