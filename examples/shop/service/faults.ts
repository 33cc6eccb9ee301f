/** An error that nobody expected, in words. */
export interface Fault {
  readonly text: string;
  /** Where in the example's sources it was thrown, `service/invoices.ts:41:12`; the text again if no such line is on its stack. */
  readonly place: string;
}

/** Most different faults that are kept apart. */
const LIMIT = 20;

/** Errors that nobody expected, by where they come from. */
export class Faults {
  readonly #faults = new Map<string, Fault & { times: number }>();

  add(fault: Fault): void {
    const known = this.#faults.get(fault.place);
    if (known !== undefined) known.times++;
    else if (this.#faults.size < LIMIT) this.#faults.set(fault.place, { ...fault, times: 1 });
  }

  [Symbol.iterator](): Iterator<Fault & { readonly times: number }> {
    return this.#faults.values();
  }
}

export function faultOf(error: unknown): Fault {
  const text = String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return { text, place: /examples[\\/]shop[\\/](\S+?:\d+:\d+)/.exec(stack ?? '')?.[1]?.replaceAll('\\', '/') ?? text };
}
