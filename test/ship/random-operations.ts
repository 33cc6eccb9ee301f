/** Operations of all kinds, the same ones for each seed, so that several processes and one can each do their share of them. */

export type RandomOperation =
  | { readonly on: 'counter'; readonly kind: string; readonly value: number }
  | { readonly on: 'gauge'; readonly kind: string; readonly value: number }
  | { readonly on: 'histogram'; readonly kind: string; readonly value: number }
  | { readonly on: 'summary'; readonly kind: string; readonly value: number }
  /** Gauges that are set, infos and enums have the number of their worker as label: the last one wins there. */
  | { readonly on: 'set'; readonly value: number }
  | { readonly on: 'enum'; readonly state: (typeof STATES)[number] }
  | { readonly on: 'info'; readonly version: string };

export const STATES = ['idle', 'busy', 'ended'] as const;
export const BOUNDS: readonly number[] = [-2, 0.5, 1, 8, 64];

const KINDS = ['book', 'pen', 'ärger "x"\\y', ''];

/** What one worker does, in its order. */
export function operationsOf(seed: number, worker: number, count: number): RandomOperation[] {
  const random = generator(seed * 1000 + worker);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  // Eighths add up without rounding, in whatever order.
  const value = (least: number, most: number): number => Math.round((least + random() * (most - least)) * 8) / 8;
  return Array.from({ length: count }, () => {
    const on = pick(['counter', 'gauge', 'histogram', 'summary', 'set', 'enum', 'info'] as const);
    if (on === 'enum') return { on, state: pick(STATES) };
    if (on === 'info') return { on, version: String(Math.floor(random() * 3)) };
    if (on === 'set') return { on, value: value(-100, 100) };
    return { on, kind: pick(KINDS), value: on === 'counter' ? value(0, 10) : value(-10, 100) };
  });
}

/** Numbers from 0 to 1, mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
