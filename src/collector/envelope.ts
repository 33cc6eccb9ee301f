import type { ProducerIdentity } from '../record/batch.js';
import type { DeathCause } from './producers/producer-deaths.js';

/** What a collector writes into its journal: a byte for the kind, the time of receipt in milliseconds since 1970 as a double, then what was received. */

const BATCH = 1;
const RECORDS = 2;
const END = 3;
const EPOCH = 4;
const HEAD = 9;

/** How the end of a producer that did not say so itself became known. */
export type End = Exclude<DeathCause, 'goodbye'>;

/** One thing that happened to a collector. */
export type Envelope =
  /** A batch as it came, unpacked. */
  | { readonly kind: 'batch'; readonly at: number; readonly body: Uint8Array }
  /** Records of the first wire as they came, with what their reader needs to count them again. */
  | { readonly kind: 'records'; readonly at: number; readonly body: Uint8Array }
  | { readonly kind: 'end'; readonly at: number; readonly cause: End; readonly identity: ProducerIdentity }
  /** How this state is told from others, from here on. */
  | { readonly kind: 'epoch'; readonly at: number; readonly epoch: string };

export function sealBatch(at: number, body: Uint8Array): Uint8Array {
  return seal(BATCH, at, body);
}

export function sealRecords(at: number, body: Uint8Array): Uint8Array {
  return seal(RECORDS, at, body);
}

export function sealEnd(at: number, cause: End, { job, instance, worker, boot }: ProducerIdentity): Uint8Array {
  return seal(END, at, Buffer.from(JSON.stringify([cause, job, instance, worker, boot])));
}

export function sealEpoch(at: number, epoch: string): Uint8Array {
  return seal(EPOCH, at, Buffer.from(epoch));
}

/** Throws a TypeError for a kind that this version does not know. */
export function openEnvelope(payload: Buffer): Envelope {
  const at = payload.length < HEAD ? Number.NaN : payload.readDoubleLE(1);
  const body = payload.subarray(HEAD);
  switch (Number.isFinite(at) ? payload[0] : undefined) {
    case BATCH:
      return { kind: 'batch', at, body };
    case RECORDS:
      return { kind: 'records', at, body };
    case END: {
      const [cause, job, instance, worker, boot] = JSON.parse(body.toString()) as [End, string, string, string, string];
      return { kind: 'end', at, cause, identity: { job, instance, worker, boot } };
    }
    case EPOCH:
      return { kind: 'epoch', at, epoch: body.toString() };
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
