import { createHash, timingSafeEqual } from 'node:crypto';

/** Bearer tokens, kept as digests. */
export class TokenSet {
  readonly #digests: readonly Buffer[];

  constructor(tokens: readonly string[]) {
    this.#digests = tokens.map(digest);
  }

  get size(): number {
    return this.#digests.length;
  }

  /** Takes the same time for every token, whichever it resembles. */
  has(token: string): boolean {
    const given = digest(token);
    let found = false;
    for (const known of this.#digests) found = timingSafeEqual(known, given) || found;
    return found;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
