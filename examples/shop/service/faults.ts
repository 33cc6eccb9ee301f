/** An unexpected error and how often it came. */
export interface Fault {
  readonly error: unknown;
  readonly times: number;
}

/** Most different faults that are kept apart. */
const LIMIT = 20;

/** Errors that nobody expected, by where they come from. */
export class Faults {
  readonly #faults = new Map<string, Fault>();

  add(error: unknown): void {
    const place = placeOf(error);
    const known = this.#faults.get(place);
    if (known === undefined && this.#faults.size >= LIMIT) return;
    this.#faults.set(place, { error: known?.error ?? error, times: (known?.times ?? 0) + 1 });
  }

  [Symbol.iterator](): Iterator<Fault> {
    return this.#faults.values();
  }
}

/** Where in the example's sources it was thrown, `service/invoices.ts:41:12`; its message if no such line is on its stack. */
export function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /examples[\\/]shop[\\/](\S+?:\d+:\d+)/.exec(error.stack ?? '')?.[1]?.replaceAll('\\', '/') ?? error.message;
}
