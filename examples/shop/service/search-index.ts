import { profile } from 'phanos';
import type { Product } from './product.js';

/** Finds products by the words of their names and texts. */
export class SearchIndex {
  readonly #products: readonly Product[];
  readonly #byWord = new Map<string, Set<number>>();

  constructor(products: readonly Product[]) {
    this.#products = products;
    for (const [i, { name, text }] of products.entries()) {
      for (const word of words(`${name} ${text}`)) {
        const places = this.#byWord.get(word) ?? new Set();
        this.#byWord.set(word, places.add(i));
      }
    }
  }

  /** Products that hold any of the words, those with most of them first. */
  @profile
  find(text: string): Product[] {
    const hits = new Map<number, number>();
    for (const word of words(text)) {
      for (const i of this.#byWord.get(word) ?? []) hits.set(i, (hits.get(i) ?? 0) + 1);
    }
    return [...hits].sort(([a, hitsOfA], [b, hitsOfB]) => hitsOfB - hitsOfA || a - b).flatMap(([i]) => this.#products[i] ?? []);
  }
}

function words(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[a-z]{2,}/g));
}
