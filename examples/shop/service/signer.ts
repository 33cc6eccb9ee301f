import { createHmac } from 'node:crypto';
import { profile } from 'phanos';

/** Signs what the shop will recognize as its own. */
export class Signer {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  @profile
  sign(value: unknown): string {
    return createHmac('sha256', this.#key).update(JSON.stringify(value)).digest('base64url');
  }
}
