import type { Diagnostics } from '../diagnostics/diagnostics.js';
import { PhanosError } from '../diagnostics/phanos-error.js';

/** Milliseconds for which a collector may put batches off before that is told. */
const PUT_OFF = 30_000;

/** Tells once for each outage that a collector can't be reached or takes nothing, and once that it does again. */
export class Outage {
  readonly #name: string;
  readonly #diagnostics: Diagnostics;
  #isTold = false;
  #putOffSince: number | undefined;

  /** @param name of the collector, as in {@link Transport.name} */
  constructor(name: string, diagnostics: Diagnostics) {
    this.#name = name;
    this.#diagnostics = diagnostics;
  }

  /** Whether an outage has been told that is not over. */
  get isTold(): boolean {
    return this.#isTold;
  }

  /** A try failed. */
  failed(error: unknown): void {
    this.#diagnostics.count('collector_unreachable', this.#name);
    this.#tell(error, reasonOf(error, this.#name));
  }

  /** The collector asked to come again later. */
  putOff(now: number): void {
    this.#diagnostics.count('collector_busy', this.#name);
    this.#putOffSince ??= now;
    if (now - this.#putOffSince < PUT_OFF) return;
    this.#tell(undefined, `the collector at ${this.#name} has taken nothing for ${PUT_OFF / 1000} s and asks to come again later`);
  }

  /** The collector takes what it is sent. */
  ended(): void {
    this.#putOffSince = undefined;
    if (!this.#isTold) return;
    this.#isTold = false;
    const message = `the collector at ${this.#name} is reached again; what was kept has been handed over`;
    // As loud as the report that it ends; the console's quieter levels would go to standard output, which is the program's own.
    this.#diagnostics.report('warn', `collector_reached ${this.#name}`, { collector: this.#name }, message);
  }

  #tell(error: unknown, reason: string): void {
    if (this.#isTold) return;
    this.#isTold = true;
    const fields = { collector: this.#name, ...(error === undefined ? {} : { err: error }) };
    const message = `${reason}. Measurements are kept and handed over when it can be reached`;
    this.#diagnostics.report('warn', `collector_unreachable ${this.#name}`, fields, message);
  }
}

function reasonOf(error: unknown, name: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof PhanosError ? message : `the collector at ${name} can't be reached (${message})`;
}
