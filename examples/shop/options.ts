import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { ConfigOptions } from 'phanos';
import { nearest } from './nearest.js';

/** What the command line may set. */
export interface ShopOptions {
  /** Seconds to run; undefined runs until Ctrl-C. */
  readonly seconds: number | undefined;
  /** Port of /metrics; 0 takes any free one. */
  readonly port: number;
  /** Port of the shop; 0 takes any free one. */
  readonly shopPort: number;
  /** Where the shop's processes send their series; undefined to have them collected and served here. */
  readonly collector: CollectorAddress | undefined;
  /** Worker processes that the shop runs in; 0 has it in this process. */
  readonly workers: number;
  /** Seconds between two kills of a worker; undefined for none. */
  readonly killWorkers: number | undefined;
  /** Requests per second that the load process tries to send. */
  readonly rate: number;
  /** Requests after which the load process sends no more, while the shop stays open; undefined for no such number. */
  readonly requests: number | undefined;
  /** Connections of the load process, and so its most requests at a time. */
  readonly connections: number;
  /** Start of the load's random numbers: the same seed gives the same mix of requests. */
  readonly seed: number;
}

/** What the user asked for. */
export type CommandLine =
  | { readonly wants: 'help' }
  | { readonly wants: 'run'; readonly options: ShopOptions }
  | { readonly wants: 'nonsense'; readonly sentence: string };

const NUMBERS = {
  for: { lowest: 0.1, highest: 86_400, whole: false, what: 'seconds' },
  port: { lowest: 0, highest: 65_535, whole: true, what: 'a port' },
  'shop-port': { lowest: 0, highest: 65_535, whole: true, what: 'a port' },
  workers: { lowest: 0, highest: 32, whole: true, what: 'a number of processes' },
  'kill-workers': { lowest: 0.5, highest: 86_400, whole: false, what: 'seconds' },
  rate: { lowest: 1, highest: 20_000, whole: true, what: 'requests per second' },
  requests: { lowest: 1, highest: 1_000_000_000, whole: true, what: 'a number of requests' },
  connections: { lowest: 1, highest: 256, whole: true, what: 'connections' },
  seed: { lowest: 1, highest: 4_294_967_295, whole: true, what: 'a seed' },
} as const;

const KNOWN = [...Object.keys(NUMBERS), 'collector', 'help'];

type CollectorAddress = Extract<ConfigOptions['collector'], `${string}:${string}`>;

/** One a core, but enough to see that they are many, and few enough to leave room for the load. */
const WORKERS = Math.min(4, Math.max(2, availableParallelism()));

/** Seconds between two kills. */
const KILL_INTERVAL = 3;

export const HELP = `A shop under load, in a cluster of worker processes, measured by phanos as one.

  npm start -- [options]

  --for SECONDS      run so long, print the final table and end; without it, Ctrl-C ends the run
  --port PORT        port of /metrics, 0 for any free one (9464)
  --shop-port PORT   port of the shop, 0 for any free one (0)
  --collector URL    collector elsewhere that gets the numbers instead: http://HOST:PORT, unix:/PATH or amqp://HOST
  --workers N        worker processes of the shop, 0 to have it in the process that serves /metrics (${WORKERS})
  --kill-workers [S] kill one of them by SIGKILL every S seconds; another takes its place (${KILL_INTERVAL}, if S is left out)
  --rate N           requests per second that the load process sends (400)
  --requests N       requests after which it sends no more (no limit)
  --connections N    connections that it uses (16)
  --seed N           start of its random numbers (1)
  --help             this text
`;

/** Reads the arguments behind the program's name. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const strings = Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, { type: 'string' as const }]));
  const options = { ...strings, collector: { type: 'string' as const }, help: { type: 'boolean' as const, short: 'h' } };
  const { tokens } = parseArgs({ args: withKillInterval(args), options, strict: false, tokens: true });
  const values = new Map<string, number>();
  let collector: CollectorAddress | undefined;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') return nonsense(strayWord(token.value));
    const { name, rawName, value } = token;
    if (name === 'help') return { wants: 'help' };
    if (name === 'collector') {
      if (!isCollector(value)) return nonsense(`--collector takes http://HOST:PORT, unix:/PATH or amqp://HOST, got '${value ?? ''}'`);
      collector = value;
      continue;
    }
    if (!isNumberOption(name)) return nonsense(unknownOption(name, rawName));
    const number = value === undefined || value.trim() === '' ? Number.NaN : Number(value);
    const { lowest, highest, whole, what } = NUMBERS[name];
    if (!(number >= lowest && number <= highest) || (whole && !Number.isInteger(number))) {
      const got = value === undefined ? 'nothing' : `'${value}'`;
      return nonsense(`--${name} takes ${what}, ${whole ? 'a whole number' : 'a number'} from ${lowest} to ${highest}, got ${got}`);
    }
    values.set(name, number);
  }
  const workers = values.get('workers') ?? WORKERS;
  if (collector !== undefined && values.has('port'))
    return nonsense('--port is that of /metrics here, and with --collector it is the collector that serves; leave one of them out');
  if (workers === 0 && values.has('kill-workers')) return nonsense('--kill-workers needs workers to kill; give --workers 1 or more');
  return {
    wants: 'run',
    options: {
      seconds: values.get('for'),
      port: values.get('port') ?? 9464,
      shopPort: values.get('shop-port') ?? 0,
      collector,
      workers,
      killWorkers: values.get('kill-workers'),
      rate: values.get('rate') ?? 400,
      requests: values.get('requests'),
      connections: values.get('connections') ?? 16,
      seed: values.get('seed') ?? 1,
    },
  };
}

/** The one option whose value may be left out. */
function withKillInterval(args: readonly string[]): string[] {
  return args.map((arg, i) => {
    const next = args[i + 1];
    return arg === '--kill-workers' && (next === undefined || next.startsWith('--')) ? `${arg}=${KILL_INTERVAL}` : arg;
  });
}

function isCollector(value: string | undefined): value is CollectorAddress {
  return value !== undefined && /^(https?:\/\/|amqps?:\/\/|unix:)./.test(value);
}

function isNumberOption(name: string): name is keyof typeof NUMBERS {
  return Object.hasOwn(NUMBERS, name);
}

function nonsense(sentence: string): CommandLine {
  return { wants: 'nonsense', sentence };
}

function unknownOption(name: string, rawName: string): string {
  const near = nearest(name, KNOWN);
  return `there is no option ${rawName}; ${near === undefined ? '--help shows all' : `did you mean --${near}?`}`;
}

/** `npm start --for 10` gives the option to npm and only the 10 to the program. */
function strayWord(word: string): string {
  return `'${word}' belongs to no option; with npm, -- goes before the options, as in npm start -- --for 10`;
}
