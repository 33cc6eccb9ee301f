import type { Batch, ProducerIdentity } from './batch.js';

/** What can be read of an encoded batch without decoding it. */

/** Bytes within which the producer is named, if whoever wrote the batch is phanos: longer identities are refused by collectors. */
const HEAD = 8192;

const PRODUCER = /"producer":(\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\})/;

/** What follows the producer, in the order in which phanos writes it. */
const REST = new RegExp(
  '^,"seq":(\\d+),"oldest":(\\d+),"heartbeat":(\\d+),"ops":\\d+,"produced":(\\d+),"dropped":(\\d+),' +
    '"whole":(?:true|false)(?:,"wholeFrom":\\d+)?,"goodbye":(true|false)',
);

/** What an encoded batch says of its producer. */
export type BatchHead = Pick<Batch, 'producer' | 'seq' | 'oldest' | 'heartbeat' | 'produced' | 'dropped' | 'goodbye'>;

/** Who has written an encoded batch; undefined if its beginning does not say so. */
export function producerOf(body: Uint8Array): Pick<ProducerIdentity, 'job' | 'instance'> | undefined {
  return identityIn(beginningOf(body))?.[0];
}

/** What it says of its producer; undefined if it was not written by phanos. */
export function headOf(body: Uint8Array): BatchHead | undefined {
  const text = beginningOf(body);
  const [producer, end = 0] = identityIn(text) ?? [];
  const rest = REST.exec(text.slice(end));
  if (producer === undefined || rest === null || typeof producer.worker !== 'string' || typeof producer.boot !== 'string') return undefined;
  const [seq, oldest, heartbeat, produced, dropped] = rest.slice(1, 6).map(Number) as [number, number, number, number, number];
  return { producer: producer as ProducerIdentity, seq, oldest, heartbeat, produced, dropped, goodbye: rest[6] === 'true' };
}

function beginningOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, HEAD)).toString();
}

/** The producer, and where it ends. */
function identityIn(
  text: string,
): [producer: Partial<ProducerIdentity> & Pick<ProducerIdentity, 'job' | 'instance'>, end: number] | undefined {
  const found = PRODUCER.exec(text);
  if (found === null) return undefined;
  try {
    const { job, instance, ...rest } = JSON.parse(found[1] as string) as Partial<ProducerIdentity>;
    if (typeof job !== 'string' || typeof instance !== 'string') return undefined;
    return [{ job, instance, ...rest }, found.index + found[0].length];
  } catch {
    return undefined;
  }
}
