/** What a load has seen. */
export interface LoadFigures {
  readonly calls: number;
  /** Milliseconds of the longest call, by processor time, and of the longest one of its twin that measures nothing. */
  readonly worst: number;
  readonly worstTwin: number;
}

/**
 * Calls a profiled function some thousand times a second, and beside it a twin whose profiler hands nothing over, so that both meet the same garbage
 * collections and the same busy machine.
 *
 * A call took the smaller one of what the clock and the processor time of this process say: while the machine does something else, only the clock goes on.
 */
export class WatchedLoad {
  readonly #call: () => unknown;
  readonly #twin: () => unknown;
  #running: Promise<void> | undefined;
  #isOn = false;
  #calls = 0;
  #worst = 0;
  #worstTwin = 0;

  constructor(call: () => unknown, twin: () => unknown) {
    this.#call = call;
    this.#twin = twin;
  }

  get calls(): number {
    return this.#calls;
  }

  start(): this {
    this.#isOn = true;
    this.#running = this.#run();
    return this;
  }

  /** Rejects with what a call threw. */
  async stop(): Promise<LoadFigures> {
    this.#isOn = false;
    await this.#running;
    return { calls: this.#calls, worst: this.#worst, worstTwin: this.#worstTwin };
  }

  async #run(): Promise<void> {
    // The first calls compile.
    for (let i = 0; i < 200; i++) this.#twin();
    while (this.#isOn) {
      for (let i = 0; i < 3; i++) {
        this.#worst = Math.max(this.#worst, took(this.#call));
        this.#worstTwin = Math.max(this.#worstTwin, took(this.#twin));
        this.#calls++;
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

/** Milliseconds. */
function took(call: () => unknown): number {
  const before = process.cpuUsage();
  const since = performance.now();
  call();
  const wall = performance.now() - since;
  const { user, system } = process.cpuUsage(before);
  return Math.min(wall, (user + system) / 1000);
}
