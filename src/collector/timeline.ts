import type { Clock } from '../diagnostics/clock.js';

/**
 * Milliseconds since 1970 that never run backwards, not over restarts either: the time of a record while it is replayed; from then on the wall clock's,
 * carried on by the monotonic one, so that a wall clock that is set meanwhile neither kills nor revives anybody.
 */
export class Timeline {
  readonly #monotonic: Clock;
  readonly #wall: Clock;
  #origin: { readonly monotonic: number; readonly time: number };
  #replayed: number | undefined;

  constructor(monotonic: Clock, wall: Clock) {
    this.#monotonic = monotonic;
    this.#wall = wall;
    this.#origin = { monotonic: monotonic(), time: wall() };
  }

  now(): number {
    return this.#replayed ?? this.#origin.time + (this.#monotonic() - this.#origin.monotonic);
  }

  /** It is as late as it was then; a clock that was set back does not make it earlier. */
  replay(at: number): void {
    this.#replayed = Math.max(at, this.#replayed ?? at);
  }

  /** It is now, and goes on. */
  resume(): void {
    this.#origin = { monotonic: this.#monotonic(), time: Math.max(this.#wall(), this.#replayed ?? Number.NEGATIVE_INFINITY) };
    this.#replayed = undefined;
  }
}
