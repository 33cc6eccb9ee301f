import { constants } from 'node:os';
import { within } from '../diagnostics/waiting.js';

/** What happens to profilers when the process is about to end. */

/** Something that flushes. */
interface Flushing {
  /** True if something was measured since the last flush. */
  readonly hasNews: boolean;
  /** Keeps no process alive. */
  flushQuietly(): Promise<void>;
}

/** Flushes at an exit; a program that measures whenever the loop runs dry would live for ever. */
const MOST_FLUSHES = 10;

class ExitFlush {
  readonly #open = new Set<Flushing>();
  #flushes = 0;

  add(profiler: Flushing): void {
    if (this.#open.size === 0) process.on('beforeExit', this.#flush);
    this.#open.add(profiler);
  }

  delete(profiler: Flushing): void {
    this.#open.delete(profiler);
    if (this.#open.size === 0) process.off('beforeExit', this.#flush);
  }

  /** What a flush starts, or other listeners do, brings the event back: then only what is new is flushed. */
  readonly #flush = (): void => {
    if (this.#flushes >= MOST_FLUSHES) return;
    const flushing = [...this.#open].filter(({ hasNews }) => this.#flushes === 0 || hasNews);
    if (flushing.length > 0) this.#flushes++;
    for (const profiler of flushing) void profiler.flushQuietly();
  };
}

/** Profilers that flush when the event loop runs dry. One listener serves all. */
export const flushBeforeExit = new ExitFlush();

/** Milliseconds that a signal waits for handlers; one that never settles must not make the process deaf. */
const PATIENCE = 10_000;

/**
 * Closes on these signals, then lets the signal do what it would have done. Returns what takes the listeners back.
 *
 * @param close given at most once the chance to finish; it is waited for, whatever comes of it
 */
export function closeOnSignals(signals: readonly NodeJS.Signals[], close: () => Promise<void>): () => void {
  const listeners = signals.map((signal) => {
    const listener = (): void => {
      void within(PATIENCE, close())
        .catch(() => undefined)
        .then(() => {
          process.off(signal, listener);
          if (process.listenerCount(signal) > 0) return;
          // The kernel ignores signals without a listener for the first process of a container.
          if (process.pid === 1) process.exit(128 + (constants.signals[signal] ?? 0));
          process.kill(process.pid, signal);
        });
    };
    process.on(signal, listener);
    return () => void process.off(signal, listener);
  });
  return () => {
    for (const stop of listeners) stop();
  };
}
