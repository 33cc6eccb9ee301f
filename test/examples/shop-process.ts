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
      env: { ...process.env, NODE_OPTIONS: undefined, TMPDIR: folder, ...env },
    });
    return new ShopProcess(child, folder);
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** What the first lines tell: where the shop and its metrics are, and which process is the load. */
  async opened(): Promise<{ shopUrl: string; metricsUrl: string; loadPid: number }> {
    return eventually(
      'the shop is open',
      () => {
        if (this.#child.exitCode !== null) throw new Error(`the shop ended:\n${this.#stdout}${this.#stderr}`);
        const [, shopUrl] = /^shop +(http\S+)$/m.exec(this.#stdout) ?? [];
        const [, metricsUrl] = /^metrics +(http\S+)$/m.exec(this.#stdout) ?? [];
        const [, loadPid] = /^load .* process (\d+)$/m.exec(this.#stdout) ?? [];
        return (
          shopUrl !== undefined && metricsUrl !== undefined && loadPid !== undefined && { shopUrl, metricsUrl, loadPid: Number(loadPid) }
        );
      },
      30_000,
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it if it still runs, and deletes its folder. */
  async remove(): Promise<void> {
    this.#child.kill('SIGKILL');
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
