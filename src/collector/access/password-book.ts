import { createHmac, randomBytes } from 'node:crypto';
import { PhanosError } from '../../diagnostics/phanos-error.js';

/** Compares a password with a bcrypt hash. */
export type ComparePassword = (password: string, hash: string) => Promise<boolean>;

/** What a look into the book says: `busy` if so many passwords wait that this one was not compared. */
export type PasswordVerdict = 'busy' | 'right' | 'wrong';

/** Passwords that may wait to be compared: each costs some 80 ms of CPU, on purpose. */
const MAX_WAITING = 8;
/** Answers that are remembered, so that a scraper is compared once. */
const MAX_REMEMBERED = 256;
/** Of a random password, without its cost: compared so that all users take as long, also those that don't exist. */
const NOBODY = '$abMaPN4S/fl0b9hwpsXVxeZOdz0t/G1goj1ffAU18SteNDamOq2xq';
const DEFAULT_COST = 10;

/** Users and the hashes of their passwords. One password is compared at a time, and no more than a few wait, so that guessing can't starve the rest. */
export class PasswordBook {
  readonly #users: ReadonlyMap<string, string>;
  readonly #compare: ComparePassword;
  /** Of the slowest hash. */
  readonly #mostCost: number;
  readonly #key = randomBytes(32);
  readonly #remembered = new Map<string, boolean>();
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(users: Readonly<Record<string, string>>, compare: ComparePassword) {
    this.#users = new Map(Object.entries(users));
    this.#compare = compare;
    this.#mostCost = Math.max(0, ...Array.from(this.#users.values(), costOf)) || DEFAULT_COST;
  }

  get size(): number {
    return this.#users.size;
  }

  async look(user: string, password: string): Promise<PasswordVerdict> {
    // Neither the name nor the password is kept, and names can't run into passwords.
    const mark = createHmac('sha256', this.#key).update(`${user.length}:${user}:${password}`).digest('base64');
    const known = this.#remembered.get(mark);
    if (known !== undefined) return known ? 'right' : 'wrong';
    if (this.#waiting >= MAX_WAITING) return 'busy';
    this.#waiting++;
    const comparison = this.#queue.then(() => this.#compareWith(user, password));
    this.#queue = comparison.catch(() => undefined);
    try {
      const isRight = await comparison;
      this.#remember(mark, isRight);
      return isRight ? 'right' : 'wrong';
    } catch {
      return 'wrong';
    } finally {
      this.#waiting--;
    }
  }

  async #compareWith(user: string, password: string): Promise<boolean> {
    const hash = this.#users.get(user);
    if (hash === undefined) {
      await this.#spend(password, this.#mostCost);
      return false;
    }
    const isSame = await this.#compare(password, hash);
    // Each cost takes twice as long as the one below, so these together take what is lacking to the most.
    for (let cost = costOf(hash); !isSame && cost < this.#mostCost; cost++) await this.#spend(password, cost);
    return isSame;
  }

  async #spend(password: string, cost: number): Promise<void> {
    await this.#compare(password, `$2b$${String(cost).padStart(2, '0')}${NOBODY}`);
  }

  #remember(mark: string, isRight: boolean): void {
    if (this.#remembered.size >= MAX_REMEMBERED) {
      // A flood of wrong passwords is not to push out the right one.
      const victim = [...this.#remembered].find(([, right]) => !right)?.[0] ?? this.#remembered.keys().next().value;
      if (victim !== undefined) this.#remembered.delete(victim);
    }
    this.#remembered.set(mark, isRight);
  }
}

/** Binary logarithm of the rounds of a bcrypt hash. */
function costOf(hash: string): number {
  return Number(hash.slice(4, 6));
}

/** The comparison of the package `bcryptjs`. Rejects with PACKAGE_MISSING if it is not installed. */
export async function loadComparePassword(): Promise<ComparePassword> {
  try {
    const { compare } = await import('bcryptjs');
    return compare;
  } catch (error) {
    throw new PhanosError('PACKAGE_MISSING', 'users with passwords need the package bcryptjs; install it: npm install bcryptjs', {
      cause: error,
    });
  }
}
