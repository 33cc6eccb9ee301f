import { spawn } from 'node:child_process';

export interface RunOptions {
  /** Working folder; this process's own by default. */
  readonly cwd?: string;
  /** Variables added to this process's environment; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Text for its standard input, empty by default. */
  readonly input?: string;
  /** Milliseconds after which it is killed and the promise rejects; 60 000 by default. */
  readonly within?: number;
}

/** How a program ended and what it wrote. */
export interface Finished {
  /** Exit code, or the signal that ended it. */
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. It rejects only when the program can't be started or takes too long. */
export function runProgram(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { cwd, env, input = '', within = 60_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: environment(env) });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // A program may end without reading its input.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const deadline = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${command} ${args.join(' ')} did not end within ${within} ms; it wrote:\n${stdout}${stderr}`));
    }, within);
    child.once('error', (error) => {
      clearTimeout(deadline);
      reject(new Error(`${command} could not be started`, { cause: error }));
    });
    child.once('close', (code, signal) => {
      clearTimeout(deadline);
      resolve({ code: code ?? signal ?? 'SIGKILL', stdout, stderr });
    });
  });
}

/** Runs a program and returns its standard output; any exit code but 0 is an error that shows what it wrote. */
export async function outputOf(command: string, args: readonly string[], options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await runProgram(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** The test runner's options for its own workers are not for the programs under test, and some Node.js versions refuse them. */
function environment(added: RunOptions['env']): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: undefined, NODE_PATH: undefined, ...added };
}
