import type { Batch, ProducerIdentity } from '../../record/batch.js';

/** Characters of a part of an identity, which may become a label. */
const MAX_LENGTH = 256;

/** Whether this can be numbered and attributed: what else is wrong with a batch, its families and rows tell. */
export function isSound(batch: unknown): batch is Batch {
  if (typeof batch !== 'object' || batch === null) return false;
  const { producer, seq, oldest, heartbeat, families } = batch as Batch;
  return (
    Array.isArray(families) &&
    isIdentity(producer) &&
    Number.isSafeInteger(seq) &&
    Number.isSafeInteger(oldest) &&
    oldest >= 1 &&
    oldest <= seq + 1 &&
    Number.isFinite(heartbeat) &&
    heartbeat >= 0
  );
}

function isIdentity(producer: ProducerIdentity): boolean {
  if (typeof producer !== 'object' || producer === null) return false;
  const { job, instance, worker, boot } = producer;
  return [job, instance, worker, boot].every((part) => typeof part === 'string' && part.length <= MAX_LENGTH);
}

/** Whether the batch only tells that its producer lives: it has nothing to apply, and a number that is settled. */
export function isHeartbeat({ families, ops, goodbye }: Batch): boolean {
  return families.length === 0 && ops === 0 && !goodbye;
}
