import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { eventually } from '../support/eventually.js';

/** What the fixture writes: one object a line. */
export type Line = Readonly<Record<string, unknown>>;

/** A cluster in processes of its own, commanded by lines. */
export class RunningCluster {
  readonly lines: Line[] = [];
  stderr = '';
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<void>;

  constructor(entry: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [entry, ...args], { stdio: 'pipe', env: { ...process.env, NODE_OPTIONS: undefined, ...env } });
    this.#ended = new Promise((resolve) => void this.#child.once('close', () => resolve()));
    let rest = '';
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.lines.push(JSON.parse(line) as Line);
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  command(text: string): void {
    this.#child.stdin.write(`${text}\n`);
  }

  /** The next line, from `from` on, that has this field. */
  line(field: string, from: number, match: (line: Line) => boolean = () => true): Promise<Line> {
    const what = `the cluster tells '${field}'; it wrote ${JSON.stringify(this.lines.slice(-3))} ${this.stderr}`;
    return eventually(what, () => this.lines.slice(from).find((line) => field in line && match(line)), 20_000);
  }

  /** Sends a command and waits for the line that answers it. */
  async ask(text: string, field: string, match?: (line: Line) => boolean): Promise<Line> {
    const from = this.lines.length;
    this.command(text);
    return this.line(field, from, match);
  }

  async ready(workers: readonly number[]): Promise<void> {
    for (const id of workers) await this.line('ready', 0, (line) => line.worker === id);
  }

  async scrape(): Promise<{ readonly text: string; readonly took: number }> {
    const { scrape, took } = await this.ask('scrape', 'took');
    return { text: scrape as string, took: took as number };
  }

  /** Kills the first process. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends stdin, on which the primary and with it the workers end; kills it if it doesn't. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await this.#ended;
    clearTimeout(timer);
  }
}

/** Value of the sample with these exact name and labels; undefined if there is none. */
export function sampleOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
