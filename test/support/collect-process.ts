import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { assertBuilt, root } from './project.js';

/** How a collector service is started. */
export interface CollectProcessOptions {
  /** Arguments behind `collect`; `--listen 127.0.0.1:0` and the log as JSON are added. */
  readonly args: readonly string[];
  /** Program and arguments to start it with, such as `unshare`; the command follows them. */
  readonly through?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A `phanos collect` of the built package, in a process of its own. */
export class CollectProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #log = '';
  #url: string | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, 'close');
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
    });
  }

  /** Resolves once it listens, or has ended. */
  static async start({ args, through = [], env = {} }: CollectProcessOptions): Promise<CollectProcess> {
    assertBuilt();
    const listen = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
    const [program = '', ...rest] = [
      ...through,
      process.execPath,
      join(root, 'dist/esm/cli/main.js'),
      'collect',
      ...listen,
      '--log-format',
      'json',
      ...args,
    ];
    const child = spawn(program, rest, { stdio: ['ignore', 'inherit', 'pipe'], env: { ...process.env, NODE_OPTIONS: undefined, ...env } });
    const killIt = (): boolean => child.kill('SIGKILL');
    process.once('exit', killIt);
    child.once('exit', () => process.off('exit', killIt));
    const collect = new CollectProcess(child);
    await eventually('the collector listens or has ended', () => !collect.isRunning || collect.#findUrl(), 60_000);
    return collect;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Everything that it wrote to standard error. */
  get log(): string {
    return this.#log;
  }

  /** Where it listens on TCP. */
  get url(): string {
    if (this.#url === undefined) throw new Error(`the collector does not listen; it wrote:\n${this.#log}`);
    return this.#url;
  }

  /** Body of an answer, of whatever status. */
  async get(path: string): Promise<string> {
    return (await fetch(`${this.url}${path}`)).text();
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Ends it in order, and returns its exit code; kills it after 20 s. */
  async stop(): Promise<number | null> {
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), 20_000);
    if (this.isRunning) this.#child.kill('SIGTERM');
    await this.#ended;
    clearTimeout(impatience);
    return this.#child.exitCode;
  }

  #findUrl(): boolean {
    this.#url = /"msg":"phanos collects at (https?:\/\/[^/" ]+)/.exec(this.#log)?.[1];
    return this.#url !== undefined;
  }
}
