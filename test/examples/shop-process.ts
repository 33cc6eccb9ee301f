import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { eventually } from '../support/eventually.js';
import { newFolder, root } from '../support/project.js';

/** How a shop ended. */
export interface EndedShop {
  /** Exit code, or the signal that ended it. */
  readonly code: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What an open shop tells of itself. */
export interface OpenedShop {
  readonly shopUrl: string;
  readonly metricsUrl: string;
  readonly loadPid: number;
  /** None if the shop is in one process. */
  readonly workerPids: readonly number[];
}

/** The example shop as `npm start` runs it, with a folder of its own for temporary files. */
export class ShopProcess {
  /** Parent of its temporary folders. */
  readonly folder: string;
  readonly ended: Promise<EndedShop>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';

  private constructor(child: ChildProcess, folder: string) {
    this.folder = folder;
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve({ code: code ?? signal, stdout: this.#stdout, stderr: this.#stderr }));
    });
  }

  static async start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ShopProcess> {
    const folder = await newFolder();
    const child = spawn(process.execPath, ['scripts/start.mjs', ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, as in a terminal.
      detached: true,
      env: { ...process.env, NODE_OPTIONS: undefined, TMPDIR: folder, ...env },
    });
    return new ShopProcess(child, folder);
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** What the first lines tell: where the shop and its metrics are, and which processes are its workers and the load. */
  async opened(): Promise<OpenedShop> {
    return eventually(
      'the shop is open',
      () => {
        if (this.#child.exitCode !== null) throw new Error(`the shop ended:\n${this.#stdout}${this.#stderr}`);
        const [, shopUrl] = /^shop +(http\S+)$/m.exec(this.#stdout) ?? [];
        const [, metricsUrl] = /^metrics +(http\S+)$/m.exec(this.#stdout) ?? [];
        const [, loadPid] = /^load .* process (\d+)$/m.exec(this.#stdout) ?? [];
        if (shopUrl === undefined || metricsUrl === undefined || loadPid === undefined) return undefined;
        const [, workers = ''] = /^workers .* process ([\d, ]+);/m.exec(this.#stdout) ?? [];
        return { shopUrl, metricsUrl, loadPid: Number(loadPid), workerPids: (workers.match(/\d+/g) ?? []).map(Number) };
      },
      30_000,
    );
  }

  /** To the one process that was started, as `kill` does. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** To every process of it, as Ctrl-C in a terminal does. */
  signalAll(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid !== undefined && isRunning(-pid)) process.kill(-pid, signal);
  }

  /** Ends it if it still runs, and deletes its folder. */
  async remove(): Promise<void> {
    this.signalAll('SIGKILL');
    await this.ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** True while a process of that number runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
