import type { ProducerIdentity } from '../record/batch.js';
import type { DeathCause } from './producers/producer-deaths.js';

/** What a collector writes into its journal: a byte for the kind, the time of receipt in milliseconds since 1970 as a double, then what was received. */

const BATCH = 1;
const RECORDS = 2;
const DEATH = 3;
const HEAD = 9;

/** One thing that happened to a collector. */
export type Envelope =
  /** A batch as it came, unpacked. */
  | { readonly kind: 'batch'; readonly at: number; readonly body: Uint8Array }
  /** Records of the first wire as they came, with what their reader needs to count them again. */
  | { readonly kind: 'records'; readonly at: number; readonly body: Uint8Array }
  /** The end of a producer that did not say so itself. */
  | { readonly kind: 'death'; readonly at: number; readonly identity: ProducerIdentity; readonly cause: Exclude<DeathCause, 'goodbye'> };

export function sealBatch(at: number, body: Uint8Array): Uint8Array {
  return seal(BATCH, at, body);
}

export function sealRecords(at: number, body: Uint8Array): Uint8Array {
  return seal(RECORDS, at, body);
}

export function sealDeath(at: number, identity: ProducerIdentity, cause: Exclude<DeathCause, 'goodbye'>): Uint8Array {
  const { job, instance, worker, boot } = identity;
  return seal(DEATH, at, Buffer.from(JSON.stringify([job, instance, worker, boot, cause])));
}

/** Throws a TypeError for a kind that this version does not know. */
export function openEnvelope(payload: Buffer): Envelope {
  const at = payload.readDoubleLE(1);
  const body = payload.subarray(HEAD);
  switch (payload[0]) {
    case BATCH:
      return { kind: 'batch', at, body };
    case RECORDS:
      return { kind: 'records', at, body };
    case DEATH: {
      const [job, instance, worker, boot, cause] = JSON.parse(body.toString()) as [string, string, string, string, 'exit' | 'silent'];
      return { kind: 'death', at, identity: { job, instance, worker, boot }, cause };
    }
    default:
      throw new TypeError(
        `the journal holds a record of kind ${payload[0]}, which this phanos does not know; use the phanos that wrote it`,
      );
  }
}

function seal(kind: number, at: number, body: Uint8Array): Uint8Array {
  const payload = Buffer.allocUnsafe(HEAD + body.byteLength);
  payload[0] = kind;
  payload.writeDoubleLE(at, 1);
  payload.set(body, HEAD);
  return payload;
}
