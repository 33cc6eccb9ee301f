import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseText } from '../exposition/parse-text.js';
import { type Line, RunningCluster } from '../ship/running-cluster.js';
import type { LoadOptions } from './load-options.js';

/** What a process or thread has sent: the wall-clock time of each call, written down before it was made. */
export interface Sent {
  readonly pid: number;
  readonly thread: number;
  readonly times: Float64Array;
}

/** A running load, and what its files say. */
export class Load extends RunningCluster {
  readonly #folder: string;

  constructor(entry: string, options: LoadOptions) {
    mkdirSync(options.folder, { recursive: true });
    super(entry, [JSON.stringify(options)]);
    this.#folder = options.folder;
  }

  /** Commands a process, or all of them. */
  tell(name: string, more: object = {}): void {
    this.command(JSON.stringify({ name, ...more }));
  }

  /** Waits until so many processes and threads are there, and returns the ids of the processes. */
  async leaves(count: number): Promise<number[]> {
    await this.line('ready', 0, () => this.lines.filter((line) => 'ready' in line).length >= count);
    return [...new Set(this.lines.filter((line) => 'ready' in line).map(({ pid }) => pid as number))];
  }

  /** Stops the calls of these many processes and threads and waits until they have flushed. */
  async halt(count: number): Promise<Line[]> {
    const from = this.lines.length;
    this.tell('stop');
    await this.line('stopped', from, () => this.lines.slice(from).filter((line) => 'stopped' in line).length >= count);
    return this.lines.slice(from).filter((line) => 'stopped' in line);
  }

  sent(): Sent[] {
    return sentIn(this.#folder);
  }
}

/** Everything that was sent according to the files of a folder. */
export function sentIn(folder: string): Sent[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.calls'))
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      const times = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
      const [pid = 0, thread = 0] = name.split(/[-.]/).map(Number);
      return { pid, thread, times };
    });
}

/** How many calls that is. */
export function totalOf(sent: readonly Sent[]): number {
  return sent.reduce((sum, { times }) => sum + times.length, 0);
}

/** Calls of one process or thread in its last milliseconds. */
export function lastOf({ times }: Sent, milliseconds: number): number {
  const end = times.at(-1) ?? 0;
  return times.filter((time) => time > end - milliseconds).length;
}

/** What a scrape says of the calls: by their time and by a counter of the program's own. */
export function appliedIn(text: string): { readonly calls: number; readonly done: number } {
  const samples = parseText(text).flatMap((family) => family.samples);
  const sum = (name: string): number => samples.filter((sample) => sample.name === name).reduce((total, { value }) => total + value, 0);
  return { calls: sum('phanos_time_profiler_seconds_count'), done: sum('done_total') };
}

/** Looks at scrape after scrape of one collector, and finds each counter that goes down. */
export class Monotonic {
  readonly decreases: string[] = [];
  scrapes = 0;
  readonly #last = new Map<string, number>();

  look(text: string): void {
    this.scrapes++;
    for (const { samples, type } of parseText(text)) {
      if (type !== 'counter' && type !== 'histogram' && type !== 'summary') continue;
      for (const { name, labels, value } of samples) {
        const series = `${name}${JSON.stringify(labels)}`;
        const before = this.#last.get(series) ?? 0;
        if (value < before) this.decreases.push(`${series}: ${before} → ${value}`);
        this.#last.set(series, value);
      }
    }
  }
}
