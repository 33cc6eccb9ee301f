import { SHARDS } from '../../../amqp/topology.js';
import { misuse } from '../../../diagnostics/misuse.js';
import { describe } from '../../../diagnostics/options.js';

/** All shards there are. */
export const ALL_SHARDS: readonly number[] = Array.from({ length: SHARDS }, (_, shard) => shard);

/** `0-31`, `0-15,40,s07`, `all`, `none`. Throws a TypeError that says how it is written. */
export function readShardList(text: string): readonly number[] {
  const trimmed = text.trim();
  if (trimmed === 'all') return ALL_SHARDS;
  if (trimmed === 'none') return [];
  const shards = new Set<number>();
  for (const part of trimmed.split(',')) {
    const [, first, last = first] = /^s?(\d{1,2})(?:-s?(\d{1,2}))?$/.exec(part.trim()) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || from > to || to >= SHARDS) {
      throw misuse(
        'OPTION_INVALID',
        `shards: ${describe(part)} is no shard or range of shards; write 0-31 or 0-15,40, from 0 to ${SHARDS - 1}, all or none`,
      );
    }
    for (let shard = from; shard <= to; shard++) shards.add(shard);
  }
  return [...shards].sort((a, b) => a - b);
}

/** Shards as they are written: `0-15,40`. */
export function shardListText(shards: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const shard of [...shards].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && shard === last[1] + 1) last[1] = shard;
    else ranges.push([shard, shard]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}
