import type { OpenConnection } from '../../../amqp/open-connection.js';
import { declareShards, shardName, shardQueue } from '../../../amqp/topology.js';
import type { Logger } from '../../../diagnostics/logger.js';
import type { Answer } from '../../../record/pipe.js';
import type { AmqpWire } from './amqp-source.js';
import { DeadLetters } from './dead-letters.js';
import { onChannel } from './queue-look.js';
import { QueueReader } from './queue-reader.js';
import { shardListText } from './shard-list.js';
import type { WireFigures } from './wire-figures.js';

/** Messages that the broker sends ahead for each shard: more costs memory and gains nothing. */
const PREFETCH = 32;

export interface ShardsWireOptions {
  /** Who takes the batches of each shard. */
  readonly shards: ReadonlyMap<number, ShardKeeper>;
  readonly logger: Logger;
}

/** Takes the batches of a shard. */
export interface ShardKeeper {
  /** Never rejects. */
  receive(body: Uint8Array, encoding: string | undefined): Promise<Answer>;
  /** Told whether batches can come at all: a broker that is away does not mean that whoever sent them has died. */
  hear(isPossible: boolean): void;
}

/** The wire of batches: a queue a shard, each read on a channel of its own by the collector that has the shard's folder. */
export function shardsWire({ shards: keepers, logger }: ShardsWireOptions): AmqpWire {
  const shards = [...keepers.keys()];
  return {
    name: 'v2',
    about: `batches of ${shards.length === 1 ? 'shard' : 'shards'} ${shardListText(shards)}`,
    async open(connection: OpenConnection, figures: WireFigures) {
      const deadLetters = await DeadLetters.open(connection);
      await onChannel(connection, 'declaring shards', (channel) => declareShards(channel, shards));
      await tellRivals(connection, shards, logger);
      const lost = (reason: Error): void => connection.destroy(reason);
      const readers: QueueReader[] = [];
      for (const [shard, keeper] of keepers) {
        const reader = await QueueReader.open(connection, {
          queue: shardQueue(shard),
          prefetch: PREFETCH,
          // The queue lets one consumer in at a time; another one waits for it to go.
          exclusive: false,
          take: (body, encoding) => keeper.receive(body, encoding),
          deadLetters,
          figures,
          lost,
        });
        readers.push(reader);
      }
      return readers;
    },
    hear(isPossible: boolean) {
      for (const keeper of keepers.values()) keeper.hear(isPossible);
    },
    async look(connection: OpenConnection, figures: WireFigures) {
      await onChannel(connection, 'looking at shards', async (channel) => {
        for (const shard of shards) {
          const { messageCount } = await channel.checkQueue(shardQueue(shard));
          figures.waiting.set(shardQueue(shard), messageCount);
        }
      });
    },
  };
}

/** Of two collectors with the same shard the second one gets nothing until the first is gone, and then knows nothing of what that one counted. */
async function tellRivals(connection: OpenConnection, shards: readonly number[], logger: Logger): Promise<void> {
  const taken: number[] = [];
  await onChannel(connection, 'looking for other collectors', async (channel) => {
    for (const shard of shards) if ((await channel.checkQueue(shardQueue(shard))).consumerCount > 0) taken.push(shard);
  });
  if (taken.length === 0) return;
  logger.warn(
    { shards: shardListText(taken) },
    `another collector reads ${taken.length === 1 ? `shard ${shardName(taken[0]!)}` : 'some of these shards'}; nothing comes from there until it ends. ` +
      'Give each collector shards of its own, and move a shard with its folder',
  );
}
