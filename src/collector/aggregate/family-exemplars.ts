import type { ExposedExemplar } from '../../exposition/exposed-family.js';
import type { ExemplarDelta } from '../../record/batch.js';
import { isExemplar } from '../../record/exemplar.js';
import type { BucketLayout } from './bucket-targets.js';
import type { Quota } from './quota.js';
import type { SeriesExtra } from './series-extra.js';

/** Whether this can be shown; it may come from a program that checks nothing. */
export function isSoundExemplar(exemplar: ExemplarDelta): boolean {
  if (typeof exemplar !== 'object' || exemplar === null) return false;
  const { labels, value, timestamp } = exemplar;
  return Array.isArray(labels) && labels.every((pair) => Array.isArray(pair) && pair.length === 2) && isExemplar(labels, value, timestamp);
}

/**
 * Puts an exemplar into the place of the one before it: that of its bucket, or the only one of a counter. False if it would be one too many.
 *
 * @param exemplar in the family's scale
 */
export function putExemplar(extra: SeriesExtra, exemplar: ExposedExemplar, { bounds }: BucketLayout, quota: Quota): boolean {
  const holder = bounds.findIndex((bound) => exemplar.value <= bound);
  const bucket = holder === -1 ? bounds.length : holder;
  if (extra.exemplars?.[bucket] === undefined && !quota.takeExemplar()) return false;
  extra.exemplars ??= Array.from({ length: bounds.length + 1 }, () => undefined);
  extra.exemplars[bucket] = exemplar;
  return true;
}

/** Takes all exemplars out. Returns those that there were. */
export function takeExemplars(extra: SeriesExtra | undefined, quota: Quota): ExposedExemplar[] {
  const taken = (extra?.exemplars ?? []).filter((exemplar) => exemplar !== undefined);
  if (extra !== undefined) extra.exemplars = undefined;
  quota.giveExemplarsBack(taken.length);
  return taken;
}
