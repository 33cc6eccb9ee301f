import { misuse } from '../../diagnostics/misuse.js';
import { checkKnownKeys, invalidOption } from '../../diagnostics/options.js';

/** Who may read what was collected, and who may hand measurements over. Nobody is asked for anything unless it says so here. */
export interface AccessOptions {
  /**
   * Users by name, with bcrypt hashes of their passwords (`$2y$…`), for basic auth: they may read and write. Once there is one, everybody is asked.
   * Needs the package `bcryptjs`.
   * @default {}
   */
  readonly users?: Readonly<Record<string, string>>;
  /**
   * Bearer tokens that may read. Once there is one, readers are asked.
   * @default []
   */
  readonly readTokens?: readonly string[];
  /**
   * Bearer tokens that may hand measurements over. Once there is one, producers are asked.
   * @default []
   */
  readonly writeTokens?: readonly string[];
  /**
   * Names, without a port, under which the collector may be addressed (header `Host`), beside IP addresses and `localhost`. Guards against pages of other
   * sites that a browser on this machine has open. `*` allows every name.
   * @default [] where only this machine is listened to, else ['*']
   */
  readonly allowedHosts?: readonly string[];
}

const WHERE = 'access';
const KNOWN = ['users', 'readTokens', 'writeTokens', 'allowedHosts'] as const;
/** A shorter one is guessed sooner or later. */
const TOKEN_LENGTH = 16;

export const HASH_FORM = "a bcrypt hash such as '$2y$10$…'";
export const USER_FORM = "at least one character and no ':'";
export const TOKENS_FORM = `a list of tokens of ${TOKEN_LENGTH} or more printable ASCII characters without spaces`;
export const HOST_FORM = "a name without a port, or '*'";

export function isBcryptHash(hash: unknown): boolean {
  return typeof hash === 'string' && /^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$/.test(hash);
}

export function isUserName(name: string): boolean {
  return name !== '' && !name.includes(':');
}

export function isToken(token: unknown): boolean {
  return typeof token === 'string' && token.length >= TOKEN_LENGTH && /^[!-~]+$/.test(token);
}

/** Whether this is a name that a `Host` header may have, or stands for all of them. */
export function isHostName(host: unknown): boolean {
  return typeof host === 'string' && /^(\*|[A-Za-z0-9._-]+)$/.test(host);
}

/** Fills in the defaults. Throws a TypeError that names the option; no message holds a secret. */
export function normalizeAccessOptions(options: AccessOptions = {}, isLocal = true): Required<AccessOptions> {
  checkKnownKeys(WHERE, options, KNOWN);
  const { users = {}, readTokens = [], writeTokens = [], allowedHosts = isLocal ? [] : ['*'] } = options;
  if (typeof users !== 'object' || users === null) throw invalidOption(WHERE, 'users', 'an object of bcrypt hashes by user name', users);
  for (const [name, hash] of Object.entries(users)) {
    if (!isUserName(name)) throw invalidOption(WHERE, 'a user name', USER_FORM, name);
    if (!isBcryptHash(hash)) throw secretInvalid(`users.${name}`, HASH_FORM);
  }
  expectTokens('readTokens', readTokens);
  expectTokens('writeTokens', writeTokens);
  if (!Array.isArray(allowedHosts) || !allowedHosts.every(isHostName)) {
    throw invalidOption(WHERE, 'allowedHosts', "a list of names without a port, or '*'", allowedHosts);
  }
  return { users, readTokens, writeTokens, allowedHosts };
}

function expectTokens(field: string, tokens: unknown): void {
  if (!Array.isArray(tokens) || !tokens.every(isToken)) throw secretInvalid(field, TOKENS_FORM);
}

/** Like `invalidOption`, without what came. */
function secretInvalid(field: string, expected: string): TypeError {
  return misuse('OPTION_INVALID', `${WHERE}: ${field} must be ${expected}; what came is a secret and not shown`);
}
