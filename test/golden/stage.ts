import { type ConfigOptions, type Handler, type ProfileOptions, Profiler, type Recorded, StreamHandler } from 'phanos';
import { logSink } from '../diagnostics/log-sink.js';
import { memoryStream } from './memory-stream.js';
import { VirtualClock } from './virtual-clock.js';

/** One call of a handler. */
export interface HandleCall {
  readonly handler: string;
  readonly metric: string;
  records: readonly Recorded[];
}

/** Options of `config`, and which of the two usual handlers a stage gets. */
export interface StageOptions extends ConfigOptions {
  /** Adds the handler `capture`, which keeps the calls. Default: true. */
  readonly capture?: boolean;
  /** Adds the handler `stream` behind it, which keeps the text. Default: true. */
  readonly stream?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: any function can be profiled
type AnyFunction = (...args: any[]) => unknown;

/**
 * What a golden program works with, `c` in its Python source: a profiler of its own in virtual time, and all that is kept of what comes out.
 *
 * Metrics and handlers are set up as the Python programs do it, so what Python leaves off by default is off here.
 */
export class Stage {
  readonly clock = new VirtualClock();
  readonly profiler = new Profiler({ clock: this.clock.now });
  readonly profile = this.profiler.profile;
  readonly calls: HandleCall[] = [];
  readonly stream = memoryStream();
  readonly log = logSink();
  /** What the program found out besides. */
  readonly notes: Record<string, unknown> = {};
  readonly #module: string;

  /** @param module the Python module of the program, which names its functions as roots */
  constructor(module: string) {
    this.#module = module;
  }

  config({ capture = true, stream = true, ...options }: StageOptions = {}): this {
    this.profiler.config({ job: 'JOB', logger: this.log, responseSizeProfile: false, ...options });
    return this.addHandlers({ capture, stream });
  }

  addHandlers({ capture = true, stream = true }: StageOptions = {}): this {
    if (capture) this.profiler.addHandler(this.capture('capture'));
    if (stream) this.profiler.addHandler(new StreamHandler('stream', { output: this.stream.output }));
    return this;
  }

  /** A handler that keeps its calls. */
  capture(handlerName: string): Handler {
    return {
      handlerName,
      handle: (records, metric) => void this.calls.push({ handler: handlerName, metric, records }),
    };
  }

  /** The same, but it takes its time before. */
  slowCapture(handlerName: string, milliseconds: number): Handler {
    return {
      handlerName,
      handle: async (records, metric) => {
        await this.clock.sleep(milliseconds);
        this.calls.push({ handler: handlerName, metric, records });
      },
    };
  }

  /** The function, profiled under this name as one of the program's module. */
  readonly fn = <F extends AnyFunction>(name: string, fn: F, options: ProfileOptions = {}): F =>
    this.profile({ ...options, item: this.#module, name }, fn);

  /** The running call, as custom metrics and hooks see it. */
  get context(): string {
    return this.profiler.currentNode.context;
  }

  /** Runs an asynchronous program in virtual time, until its handlers are done too. */
  run<T>(main: () => Promise<T>): Promise<T> {
    return this.clock.run(async () => {
      const result = await main();
      await this.profiler.flush();
      return result;
    });
  }

  /** Keeps of many records a call the first two and the last, as the golden files do, and how many there were. */
  abridge(): void {
    this.notes.records_per_handle_call = this.calls.map(({ records }) => records.length);
    for (const call of this.calls) call.records = [...call.records.slice(0, 2), ...call.records.slice(-1)];
  }
}

/** Size of a result in bytes as Python's `sys.getsizeof` gave it: it measures objects of Python, so JavaScript has to be told. */
export function pythonSize(bytes: number): { sizeOf: () => number } {
  return { sizeOf: () => bytes };
}
