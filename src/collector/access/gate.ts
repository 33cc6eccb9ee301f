import type { IncomingMessage } from 'node:http';
import { type AccessOptions, normalizeAccessOptions } from './access-options.js';
import { isAllowedHost } from './host-check.js';
import { loadComparePassword, PasswordBook } from './password-book.js';
import { TokenSet } from './token-set.js';

/** What a request wants: `read` what was collected, or `write`, which is to hand measurements over. */
export type Purpose = 'read' | 'write';

/** `busy`: so many passwords wait that this one was not looked at. */
export type Admission = 'admitted' | 'busy' | 'credentials' | 'host';

/** Decides which requests are answered. */
export class Gate {
  readonly #users: PasswordBook;
  readonly #tokens: Readonly<Record<Purpose, TokenSet>>;
  readonly #allowedHosts: readonly string[];

  private constructor(users: PasswordBook, { readTokens, writeTokens, allowedHosts }: Required<AccessOptions>) {
    this.#users = users;
    this.#tokens = { read: new TokenSet(readTokens), write: new TokenSet(writeTokens) };
    this.#allowedHosts = allowedHosts;
  }

  /**
   * Rejects with a TypeError for a wrong option, with PACKAGE_MISSING if there are users and `bcryptjs` is not installed.
   * @param isLocal whether only this machine is listened to
   */
  static async open(options: AccessOptions = {}, isLocal = true): Promise<Gate> {
    const normal = normalizeAccessOptions(options, isLocal);
    const isAsked = Object.keys(normal.users).length > 0;
    return new Gate(new PasswordBook(normal.users, isAsked ? await loadComparePassword() : async () => false), normal);
  }

  /** True if a request without credentials is turned away. */
  asks(purpose: Purpose): boolean {
    return this.#users.size > 0 || this.#tokens[purpose].size > 0;
  }

  /** @param purpose `open` for what needs nobody's leave, under a name that the collector has */
  async admit({ headers }: IncomingMessage, purpose: Purpose | 'open'): Promise<Admission> {
    if (!isAllowedHost(headers.host, this.#allowedHosts)) return 'host';
    if (purpose === 'open' || !this.asks(purpose)) return 'admitted';
    const [, scheme = '', credentials = ''] = /^(\S+) +(\S+)$/.exec(headers.authorization ?? '') ?? [];
    switch (scheme.toLowerCase()) {
      case 'bearer':
        return this.#tokens[purpose].has(credentials) ? 'admitted' : 'credentials';
      case 'basic':
        return this.#admitUser(credentials, purpose);
      default:
        return 'credentials';
    }
  }

  async #admitUser(credentials: string, purpose: Purpose): Promise<Admission> {
    const text = Buffer.from(credentials, 'base64').toString();
    const colon = text.indexOf(':');
    if (colon < 0) return 'credentials';
    const password = text.slice(colon + 1);
    // Whoever can only send a user and a password, as in an address, may send a token as the password.
    if (this.#tokens[purpose].has(password)) return 'admitted';
    if (this.#users.size === 0) return 'credentials';
    const verdict = await this.#users.look(text.slice(0, colon), password);
    if (verdict === 'busy') return 'busy';
    return verdict === 'right' ? 'admitted' : 'credentials';
  }
}
