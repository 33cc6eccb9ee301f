import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assertBuilt, cacheFolder, newFolder, root } from '../support/project.js';
import { outputOf } from '../support/run-program.js';

/** How an example that was ended did end, and what it wrote to the standard error output. */
export interface EndedExample {
  readonly end: number | string;
  readonly stderr: string;
}

/** All examples, compiled against the built package, as a user's own code would be. */
export class CompiledExamples {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<CompiledExamples> {
    assertBuilt();
    const folder = await newFolder(join(cacheFolder, 'fixtures'));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    await outputOf(process.execPath, [tsc, '--project', join(root, 'examples/tsconfig.json'), '--outDir', folder]);
    return new CompiledExamples(folder);
  }

  /** Runs an example that serves, asks it, and ends it with SIGTERM or another signal. */
  async whileRunning(
    file: string,
    env: Readonly<Record<string, string>>,
    ask: (output: () => string) => Promise<void>,
    signal: NodeJS.Signals = 'SIGTERM',
  ): Promise<EndedExample> {
    const child = spawn(process.execPath, [join(this.folder, file)], { env: { ...process.env, NODE_OPTIONS: undefined, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const closed = once(child, 'close');
    try {
      await ask(() => {
        if (child.exitCode !== null) throw new Error(`${file} ended:\n${stdout}${stderr}`);
        return stdout;
      });
    } finally {
      child.kill(signal);
    }
    const [code, by] = (await closed) as [number | null, string | null];
    return { end: code ?? by ?? '', stderr };
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

export async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}
