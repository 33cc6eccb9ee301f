import type { ProducerIdentity } from './batch.js';

/** What can be read of an encoded batch without decoding it. */

/** Bytes within which the producer is named, if whoever wrote the batch is phanos: longer identities are refused by collectors. */
const HEAD = 8192;

const PRODUCER = /"producer":(\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\})/;

/** Who has written an encoded batch; undefined if its beginning does not say so. */
export function producerOf(body: Uint8Array): Pick<ProducerIdentity, 'job' | 'instance'> | undefined {
  const head = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, HEAD)).toString();
  const found = PRODUCER.exec(head)?.[1];
  if (found === undefined) return undefined;
  try {
    const { job, instance } = JSON.parse(found) as Partial<ProducerIdentity>;
    return typeof job === 'string' && typeof instance === 'string' ? { job, instance } : undefined;
  } catch {
    return undefined;
  }
}
