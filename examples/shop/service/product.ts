import { Random } from '../random.js';

/** Something to buy. */
export interface Product {
  readonly id: number;
  readonly name: string;
  readonly kind: Kind;
  readonly text: string;
}

export const KINDS = ['lamp', 'chair', 'table', 'shelf', 'rug'] as const;
export type Kind = (typeof KINDS)[number];

export const PRODUCT_COUNT = 300;

const STYLES = ['round', 'folding', 'narrow', 'heavy', 'light', 'low', 'tall', 'plain'] as const;
const MATERIALS = ['oak', 'steel', 'glass', 'wool', 'linen', 'birch', 'brass', 'cork'] as const;
const PLACES = ['the kitchen', 'a small hall', 'the reading corner', 'a balcony', 'the workshop', 'a guest room'] as const;

/** The shop's products, the same each time. */
export function makeProducts(): Product[] {
  const random = new Random(7);
  return Array.from({ length: PRODUCT_COUNT }, (_, i) => {
    const kind = random.of(KINDS);
    const style = random.of(STYLES);
    const material = random.of(MATERIALS);
    const text = `A ${style} ${kind} of ${material} for ${random.of(PLACES)}; ${random.of(MATERIALS)} feet & a ${random.of(STYLES)} look.`;
    return { id: i + 1, name: `${style} ${material} ${kind}`, kind, text };
  });
}
