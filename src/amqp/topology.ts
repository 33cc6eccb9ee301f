import type { Channel, Options } from 'amqplib';
import type { ProducerIdentity } from '../record/batch.js';

/**
 * Names and arguments of what phanos has on a broker. They are frozen with the first release: the broker refuses to declare what exists otherwise, and
 * another shard for the same producer would break the recognition of batches that come twice.
 */

/** v1, Python's wire: each handler declares the exchange, the consumer the queue. */
export const RECORDS_EXCHANGE = 'profiling';
export const RECORDS_QUEUE = 'imp_prof';

/** v2: a direct exchange whose routing keys are shards, and a queue of the same name for each. */
export const BATCH_EXCHANGE = 'phanos.v2';
export const SHARDS = 64;

/** Exchange (fanout) and queue of what nobody could make sense of. */
export const DEAD_LETTERS = 'phanos.dead';

/** Headers of a dead letter: why it is one, where it came from, and, of one that was cut off, the bytes that it had. */
export const DEAD_HEADERS = {
  reason: 'x-phanos-reason',
  exchange: 'x-phanos-exchange',
  routingKey: 'x-phanos-routing-key',
  bytes: 'x-phanos-bytes',
} as const;

/** `s00` … `s63`. */
export function shardName(shard: number): string {
  return `s${String(shard).padStart(2, '0')}`;
}

/** Queue of a shard: `phanos.v2.s00`. */
export function shardQueue(shard: number): string {
  return `${BATCH_EXCHANGE}.${shardName(shard)}`;
}

/**
 * The shard of all producers of a job on an instance: FNV-1a, 32 bit, over the UTF-8 bytes of job, a zero byte, and instance; its two halves folded by
 * exclusive or; the lowest six bits.
 */
export function shardOf({ job, instance }: Pick<ProducerIdentity, 'job' | 'instance'>): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${job}\0${instance}`)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash ^ (hash >>> 16)) & (SHARDS - 1);
}

/** Arguments of the queue of a shard. */
export const SHARD_QUEUE_OPTIONS: Options.AssertQueue = {
  durable: true,
  arguments: {
    'x-queue-type': 'quorum',
    // A guard, not a scheduler: the first consumer holds the queue alone.
    'x-single-active-consumer': true,
    // A full queue refuses, so that producers keep what they have and go on merging.
    'x-overflow': 'reject-publish',
    'x-max-length-bytes': 268_435_456,
    // High, since each lost channel counts for everything that was prefetched; and stated, since absent it means something else in each version.
    'x-delivery-limit': 1000,
    'x-dead-letter-exchange': DEAD_LETTERS,
    'x-dead-letter-strategy': 'at-least-once',
  },
};

/** Arguments of the queue of dead letters. */
export const DEAD_QUEUE_OPTIONS: Options.AssertQueue = {
  durable: true,
  arguments: {
    'x-queue-type': 'quorum',
    'x-overflow': 'drop-head',
    'x-max-length-bytes': 268_435_456,
    // Whoever looks at a dead letter and puts it back has had it delivered, and RabbitMQ 4 throws away what was delivered 20 times unless it is told otherwise.
    'x-delivery-limit': 1_000_000,
  },
};

/** Declares what a collector of these shards needs; dead letters first, since what is dead-lettered into nothing is gone. */
export async function declareShards(channel: Channel, shards: readonly number[]): Promise<void> {
  await declareDeadLetters(channel);
  await channel.assertExchange(BATCH_EXCHANGE, 'direct', { durable: true });
  for (const shard of shards) {
    await channel.assertQueue(shardQueue(shard), SHARD_QUEUE_OPTIONS);
    await channel.bindQueue(shardQueue(shard), BATCH_EXCHANGE, shardName(shard));
  }
}

/** Declares where poison goes. */
export async function declareDeadLetters(channel: Channel): Promise<void> {
  await channel.assertExchange(DEAD_LETTERS, 'fanout', { durable: true });
  await channel.assertQueue(DEAD_LETTERS, DEAD_QUEUE_OPTIONS);
  await channel.bindQueue(DEAD_LETTERS, DEAD_LETTERS, '');
}
