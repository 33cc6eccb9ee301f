import { createHash } from 'node:crypto';
import { profile } from 'phanos';
import { type Answer, HttpError, htmlAnswer, jsonAnswer, type ShopRequest } from './answer.js';
import { page } from './page.js';
import type { PriceList } from './price-list.js';
import type { Product } from './product.js';
import { SearchIndex } from './search-index.js';

const PAGE_LENGTH = 20;

/** Shows what there is to buy. */
export class Catalogue {
  readonly #products: ReadonlyMap<number, Product>;
  readonly #prices: PriceList;
  readonly #index: SearchIndex;

  constructor(products: readonly Product[], prices: PriceList) {
    this.#products = new Map(products.map((product) => [product.id, product]));
    this.#prices = prices;
    this.#index = new SearchIndex(products);
  }

  @profile
  home(): Answer {
    const links = ['/products', '/products/1', '/search?q=oak+lamp'];
    return htmlAnswer(page('phanos shop', `<ul>${links.map((link) => `<li><a href="${link}">${link}</a></li>`).join('')}</ul>`));
  }

  @profile
  list({ query }: ShopRequest): Answer {
    const number = Number(query.get('page') ?? '1');
    if (!Number.isInteger(number) || number < 1) throw new HttpError(400, `'${query.get('page')}' is no page; pages count from 1`);
    const products = [...this.#products.values()].slice((number - 1) * PAGE_LENGTH, number * PAGE_LENGTH);
    return jsonAnswer({ page: number, products: products.map((product) => this.describe(product)) });
  }

  @profile
  search({ query }: ShopRequest): Answer {
    const words = query.get('q') ?? '';
    if (words.trim() === '') throw new HttpError(400, 'say what to search for: /search?q=oak+lamp');
    const found = this.#index.find(words);
    return jsonAnswer({ found: found.length, products: found.slice(0, PAGE_LENGTH).map((product) => this.describe(product)) });
  }

  /** A 304 has no `content-length` that would tell its size, so this route says itself how much it returns. */
  @profile({ sizeOf: ({ body }: Answer) => body.length })
  show({ params, headers }: ShopRequest): Answer {
    const product = this.#products.get(Number(params.id));
    if (product === undefined) throw new HttpError(404, `there is no product ${params.id}`);
    const html = this.render(product);
    const tag = `"${createHash('sha256').update(html).digest('base64url')}"`;
    if (headers['if-none-match'] === tag) return { status: 304, headers: { etag: tag }, body: Buffer.alloc(0) };
    return htmlAnswer(html, { etag: tag });
  }

  @profile
  render(product: Product): string {
    const similar = this.#index.find(product.name).slice(1, 6);
    const { name, text, price } = this.describe(product);
    const links = similar.map(({ id, name: other }) => `<li><a href="/products/${id}">${other}</a></li>`);
    return page(name, `<p>${text.replaceAll('&', '&amp;')}</p><p>${price} EUR</p><ul>${links.join('')}</ul>`);
  }

  describe({ id, name, text }: Product): { id: number; name: string; text: string; price: string } {
    return { id, name, text, price: (this.#prices.priceOf(id) / 100).toFixed(2) };
  }
}
