import type { Store } from '../stores.js';

/** One producer as the API tells of it. Operations are recorded ones. */
export interface ToldProducer {
  readonly store: string;
  readonly job: string;
  readonly instance: string;
  readonly worker: string;
  readonly boot: string;
  /** `silent` ones are taken for dead and may still report; of `ended` ones it is known. */
  readonly life: 'ended' | 'live' | 'silent';
  readonly produced: number;
  readonly applied: number;
  readonly dropped: number;
  /** Announced and not there: on its way if the producer lives, else lost. */
  readonly underway: number;
  /** Batches that came again, and were not counted again. */
  readonly duplicates: number;
  /** Number up to which all batches are there. */
  readonly seq: number;
}

/** Every producer that is recognized, the living first. */
export function producersOf(stores: Iterable<Store>): ToldProducer[] {
  const told: ToldProducer[] = [];
  for (const { name, durable } of stores) {
    for (const { identity, life, totals, window } of durable.collector.producers.all) {
      const { produced, applied, dropped, underway, duplicates } = totals;
      told.push({ store: name, ...identity, life, produced, applied, dropped, underway, duplicates, seq: window.top });
    }
  }
  return told.sort((a, b) => Number(b.life === 'live') - Number(a.life === 'live'));
}
