import { Random } from '../../examples/shop/random.js';

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

const KINDS = ['book', 'pen', 'ärger "x"\\y', ''] as const;

/** What one worker does, in its order. */
export function operationsOf(seed: number, worker: number, count: number): RandomOperation[] {
  const random = new Random(seed * 1000 + worker);
  // Eighths add up without rounding, in whatever order.
  const value = (least: number, most: number): number => Math.round((least + random.next() * (most - least)) * 8) / 8;
  return Array.from({ length: count }, () => {
    const on = random.of<RandomOperation['on']>(['counter', 'gauge', 'histogram', 'summary', 'set', 'enum', 'info']);
    if (on === 'enum') return { on, state: random.of(STATES) };
    if (on === 'info') return { on, version: String(random.below(3)) };
    if (on === 'set') return { on, value: value(-100, 100) };
    return { on, kind: random.of(KINDS), value: on === 'counter' ? value(0, 10) : value(-10, 100) };
  });
}
