import { setImmediate as turn } from 'node:timers/promises';

/** Somebody who sleeps until the clock shows this time. */
interface Sleeper {
  readonly microseconds: number;
  readonly wake: () => void;
}

/**
 * Time that passes only when told to, in whole microseconds as in the golden programs.
 *
 * Synchronous code moves it by `tick`. Asynchronous code runs inside `run`, which moves it to the next sleeper whenever nothing else is left to
 * do: sleepers wake in the order of their times, those of the same time in the order in which they fell asleep, and nobody really waits.
 */
export class VirtualClock {
  #microseconds = 0;
  #sleepers: Sleeper[] = [];

  /** The time in milliseconds, as a profiler wants to be handed it. */
  readonly now = (): number => this.#microseconds / 1000;

  /** Passes time at once; negative milliseconds set the clock back. */
  tick(milliseconds: number): void {
    this.#microseconds += Math.round(milliseconds * 1000);
  }

  /** Resolves when this much time has passed, a turn later at least. Only inside of `run`. */
  sleep(milliseconds: number): Promise<void> {
    const microseconds = this.#microseconds + Math.round(milliseconds * 1000);
    return new Promise((wake) => {
      const later = this.#sleepers.findIndex((sleeper) => sleeper.microseconds > microseconds);
      this.#sleepers.splice(later < 0 ? this.#sleepers.length : later, 0, { microseconds, wake });
    });
  }

  /** Runs a program in virtual time to its end and gives its result. Throws if it waits for something that no sleeper brings about. */
  async run<T>(main: () => Promise<T>): Promise<T> {
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    const result = main();
    result.then(end, end);
    while (!(await this.#idle(() => ended))) {
      const next = this.#sleepers.shift();
      if (next === undefined) throw new Error('the program waits, but nobody sleeps');
      // Synchronous work may have carried the clock past this sleeper's time.
      this.#microseconds = Math.max(this.#microseconds, next.microseconds);
      next.wake();
    }
    this.#sleepers = [];
    return result;
  }

  /** Lets everything run that can run now: promises, and what it puts off by a turn of the event loop. Tells whether the program has ended. */
  async #idle(ended: () => boolean): Promise<boolean> {
    for (let turns = 0; turns < 2 && !ended(); turns++) await turn();
    return ended();
  }
}
