import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { newFolder } from './project.js';
import { prometheusProgram } from './prometheus-programs.js';
import { runProgram } from './run-program.js';

/** One element of an instant vector. */
export interface PrometheusSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus of its own for one test: a free port on 127.0.0.1, an empty database. */
export class Prometheus {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
  }

  /**
   * Starts a Prometheus and waits until it is ready, 30 s at most.
   *
   * @param scrapeConfigs entries of `scrape_configs`, as objects
   * @param scrapeInterval for example `1s`; an entry's own goes before it
   * @param flags more of the command line, such as `--enable-feature=native-histograms`
   */
  static async start(scrapeConfigs: readonly object[], scrapeInterval = '1s', flags: readonly string[] = []): Promise<Prometheus> {
    const folder = await newFolder();
    // YAML takes JSON as it is.
    const config = { global: { scrape_interval: scrapeInterval, scrape_timeout: scrapeInterval }, scrape_configs: scrapeConfigs };
    await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
    return Prometheus.startIn(folder, flags);
  }

  /** As {@link start} with the `prometheus.yml` of a folder, which belongs to it from now on. */
  static async startIn(folder: string, flags: readonly string[] = []): Promise<Prometheus> {
    const program = await prometheusProgram('prometheus');
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      program,
      [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${address}`, ...flags],
      { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    process.once('exit', () => child.kill('SIGKILL'));
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const prometheus = new Prometheus(`http://${address}`, child, folder);
    try {
      await eventually(
        'Prometheus is ready or has ended',
        async () => child.exitCode !== null || (await fetch(`${prometheus.url}/-/ready`)).ok,
        30_000,
      );
      if (child.exitCode !== null) throw new Error(`Prometheus ended with ${child.exitCode}`);
      return prometheus;
    } catch (cause) {
      await prometheus.stop();
      throw new Error(`Prometheus did not start:\n${log}`, { cause });
    }
  }

  /** Result of an instant query that gives an instant vector, or a scalar as one sample without labels. */
  async query(expression: string): Promise<PrometheusSample[]> {
    const response = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const body = (await response.json()) as QueryResponse;
    if (body.status !== 'success') throw new Error(`Prometheus refuses ${expression}: ${body.error}`);
    const { resultType, result } = body.data;
    if (resultType === 'scalar') return [{ metric: {}, value: toNumber(result[1]) }];
    if (resultType !== 'vector') throw new Error(`${expression} gives a ${resultType}, no instant vector`);
    return result.map(({ metric, value }) => ({ metric, value: toNumber(value[1]) }));
  }

  /** Ends it and deletes its database. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(impatience);
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What `promtool check metrics` says of a text: its lines, none when it finds nothing to say. */
export async function promtoolCheckMetrics(text: string): Promise<string[]> {
  const { code, stdout, stderr } = await runProgram(await prometheusProgram('promtool'), ['check', 'metrics'], { input: text });
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line !== '');
  return code === 0 || lines.length > 0 ? lines : [`promtool ended with ${code}`];
}

/** In JavaScript's words for what is not finite. */
function toNumber(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}

type Point = readonly [time: number, value: string];

type QueryResponse =
  | { status: 'error'; error: string }
  | {
      status: 'success';
      data:
        | { resultType: 'matrix' | 'string'; result: unknown }
        | { resultType: 'scalar'; result: Point }
        | { resultType: 'vector'; result: { metric: Record<string, string>; value: Point }[] };
    };
