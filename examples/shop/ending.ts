import { withResolvers } from './with-resolvers.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Milliseconds in which a second signal is the echo of the first: on Ctrl-C both the terminal and npm send one. */
const ECHO = 500;

/** Milliseconds between looks for npm. */
const LOOK = 500;

/** Waits for the reason to end: Ctrl-C, another signal, the end of the time, an output that nobody reads any more, or the end of npm. */
export class Ending {
  readonly come: Promise<void>;
  readonly #end: () => void;
  readonly #look: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #signalled: number | undefined;

  constructor() {
    const { promise, resolve } = withResolvers<void>();
    this.come = promise;
    this.#end = resolve;
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    process.stdout.on('error', resolve);
    // npm starts programs by a shell and passes SIGTERM on to that only, so what ends npm may leave the program behind.
    const { ppid } = process;
    if (process.env.npm_lifecycle_event !== undefined) this.#look = setInterval(() => process.ppid !== ppid && resolve(), LOOK);
  }

  /** Ends after this many seconds, if it didn't before. */
  after(seconds: number): void {
    this.#timer = setTimeout(this.#end, seconds * 1000);
  }

  close(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#look);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  /** Who asks a second time doesn't want to wait. */
  readonly #onSignal = (): void => {
    const now = performance.now();
    this.#signalled ??= now;
    if (now - this.#signalled > ECHO) process.exit(130);
    this.#end();
  };
}
