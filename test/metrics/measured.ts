import { type ConfigOptions, type Handler, Profiler, type Recorded } from 'phanos';
import { type Logged, logSink } from '../diagnostics/log-sink.js';
import { parseText } from '../exposition/parse-text.js';

/** One call of a handler, in a few words: `[metric, operation, value, labels]` of each record. */
export type Seen = readonly [metric: string, operation: string, value: unknown, labels: Readonly<Record<string, unknown>>];

/** A profiler for tests of metrics: its clock moves by hand, its records and reports are kept, and it has no metrics of its own. */
export interface Measured {
  readonly profiler: Profiler;
  /** Everything that was reported to the logger. */
  readonly logged: Logged[];
  /** Every call of the handler, as it came. */
  readonly calls: { readonly metric: string; readonly records: readonly Recorded[] }[];
  /** Lets time pass, in milliseconds. */
  pass(ms: number): void;
  /** Flushes and takes out all records so far. */
  records(): Promise<Seen[]>;
  /** The samples of `/metrics` by name and labels, as they are written there. */
  samples(): Promise<Record<string, number>>;
  /** `/metrics` without `# HELP` and `# TYPE`. */
  lines(): Promise<string[]>;
  /** How often this was counted as reason, by culprit. */
  troubles(reason: string): Record<string, number>;
}

export function measured(options: ConfigOptions & { readonly withoutHandler?: boolean } = {}): Measured {
  const { withoutHandler = false, ...rest } = options;
  let now = 0;
  const profiler = new Profiler({ clock: () => now });
  const sink = logSink();
  const calls: Measured['calls'] = [];
  const handler: Handler = { handlerName: 'kept', handle: (records, metric) => void calls.push({ metric, records }) };
  profiler.config({
    job: 'test',
    logger: sink,
    collector: 'local',
    timeProfile: false,
    responseSizeProfile: false,
    handlers: withoutHandler ? [] : [handler],
    ...rest,
  });
  return {
    profiler,
    logged: sink.logged,
    calls,
    pass: (ms) => {
      now += ms;
    },
    async records() {
      await profiler.flush();
      const taken = calls.splice(0);
      return taken.flatMap(({ metric, records }) => records.map(({ value, labels }): Seen => [metric, value[0], value[1], labels]));
    },
    samples: () => samplesOf(profiler),
    lines: () => linesOf(profiler),
    troubles: (reason) => troublesOf(profiler, reason),
  };
}

export async function linesOf(profiler: Profiler): Promise<string[]> {
  const text = await profiler.metrics();
  // Throws at whatever a scraper would refuse.
  parseText(text);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

export async function samplesOf(profiler: Profiler): Promise<Record<string, number>> {
  const samples: Record<string, number> = {};
  for (const line of await linesOf(profiler)) {
    const space = line.lastIndexOf(' ');
    const value = line.slice(space + 1);
    samples[line.slice(0, space)] = value.endsWith('Inf') ? Number(value.replace('Inf', 'Infinity')) : Number(value);
  }
  return samples;
}

export function troublesOf(profiler: Profiler, reason: string): Record<string, number> {
  const found = profiler.diagnostics().filter((trouble) => trouble.reason === reason);
  return Object.fromEntries(found.map(({ culprit, count }) => [culprit, count]));
}

/** A value that TypeScript would not let through, as a caller without types might give it. */
export function untyped(value: unknown): never {
  return value as never;
}
