import type { MetricKind } from '../../record/recorded.js';
import type { Store } from '../stores.js';

/** One family as the API tells of it. */
export interface ToldFamily {
  readonly store: string;
  readonly name: string;
  readonly kind: MetricKind;
  readonly help: string;
  readonly unit: string;
  readonly series: number;
}

export function familiesOf(stores: Iterable<Store>): ToldFamily[] {
  const told: ToldFamily[] = [];
  for (const { name: store, durable } of stores) {
    for (const { name, kind, help, unit, size } of durable.collector.aggregate.families) {
      told.push({ store, name, kind, help, unit, series: size });
    }
  }
  return told;
}
