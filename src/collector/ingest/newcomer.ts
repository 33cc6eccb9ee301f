import type { ProducerIdentity } from '../../record/batch.js';
import type { Newcomer } from '../../record/pipe.js';

/** Characters of a part of an identity. */
const MAX_LENGTH = 256;

/** The identity in the body of a hello. Throws a TypeError that names what is wrong with it. */
export function newcomerOf(body: Buffer): Newcomer {
  const parts = partsIn(body);
  return { job: partOf(parts, 'job'), instance: partOf(parts, 'instance'), boot: partOf(parts, 'boot'), ...ifGiven(parts, 'worker') };
}

/** As {@link newcomerOf} for somebody who is gone: without a boot, all of that worker are. */
export function leaverOf(body: Buffer): Partial<ProducerIdentity> & Pick<ProducerIdentity, 'instance' | 'job' | 'worker'> {
  const parts = partsIn(body);
  return { job: partOf(parts, 'job'), instance: partOf(parts, 'instance'), worker: partOf(parts, 'worker'), ...ifGiven(parts, 'boot') };
}

type Parts = Readonly<Record<string, unknown>>;

function partsIn(body: Buffer): Parts {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw new TypeError('the body is no JSON');
  }
  if (typeof value !== 'object' || value === null) throw new TypeError('the body must be a JSON object');
  return value as Parts;
}

function partOf(parts: Parts, name: string): string {
  const value = parts[name];
  if (typeof value !== 'string' || value.length > MAX_LENGTH) {
    throw new TypeError(`${name} must be a string of at most ${MAX_LENGTH} characters`);
  }
  return value;
}

function ifGiven<Name extends string>(parts: Parts, name: Name): { readonly [Key in Name]?: string } {
  const value = parts[name];
  return value === undefined || value === null ? {} : ({ [name]: partOf(parts, name) } as { readonly [Key in Name]: string });
}
