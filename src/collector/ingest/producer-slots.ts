import type { Clock } from '../../diagnostics/clock.js';
import type { ProducerIdentity } from '../../record/batch.js';
import type { Newcomer } from '../../record/pipe.js';
import type { ProducerRegistry } from '../producers/producer-registry.js';

/** Milliseconds for which a slot is kept for a producer that has said hello and nothing else. */
const KEPT = 60_000;
/** Slots that are kept so; beyond it the ones kept for longest are given up. */
const MOST = 10_000;

interface Kept {
  readonly identity: ProducerIdentity;
  readonly at: number;
}

/** Numbers for the workers of a job on an instance: the lowest one that none of its living producers has, from 0. */
export class ProducerSlots {
  readonly #producers: ProducerRegistry;
  readonly #clock: Clock;
  /** Those who have not reported yet, longest first. Who has holds a slot by living. */
  readonly #kept = new Map<string, Kept>();

  constructor(producers: ProducerRegistry, clock: Clock) {
    this.#producers = producers;
    this.#clock = clock;
  }

  /** Takes a slot, the one that is asked for if there is one. The same producer gets the same again. */
  take(newcomer: Newcomer): string {
    this.#forgetOld();
    const { job, instance, boot } = newcomer;
    const key = keyOf(newcomer);
    const worker = newcomer.worker ?? this.#kept.get(key)?.identity.worker ?? this.#livingSlot(newcomer) ?? this.#lowestFree(newcomer);
    this.#kept.delete(key);
    this.#kept.set(key, { identity: { job, instance, worker, boot }, at: this.#clock() });
    for (const longest of this.#kept.keys()) {
      if (this.#kept.size <= MOST) break;
      this.#kept.delete(longest);
    }
    return worker;
  }

  /** Whoever has these parts of an identity has ended. */
  free({ job, instance, worker, boot }: Partial<ProducerIdentity>): void {
    for (const [key, { identity }] of this.#kept) {
      if (identity.job !== job || identity.instance !== instance || identity.worker !== worker) continue;
      if (boot === undefined || identity.boot === boot) this.#kept.delete(key);
    }
  }

  #lowestFree({ job, instance }: Newcomer): string {
    const taken = new Set<string>();
    for (const { identity, life } of this.#producers.all) {
      if (life === 'live' && identity.job === job && identity.instance === instance) taken.add(identity.worker);
    }
    for (const [key, { identity }] of this.#kept) {
      if (identity.job !== job || identity.instance !== instance) continue;
      if (this.#producers.find(identity) === undefined) taken.add(identity.worker);
      else this.#kept.delete(key);
    }
    let number = 0;
    while (taken.has(String(number))) number++;
    return String(number);
  }

  #livingSlot({ job, instance, boot }: Newcomer): string | undefined {
    for (const { identity, life } of this.#producers.all) {
      if (identity.boot === boot && life !== 'ended' && identity.job === job && identity.instance === instance) return identity.worker;
    }
    return undefined;
  }

  #forgetOld(): void {
    const now = this.#clock();
    for (const [key, { at }] of this.#kept) {
      if (now - at < KEPT) return;
      this.#kept.delete(key);
    }
  }
}

function keyOf({ job, instance, boot }: Newcomer): string {
  return JSON.stringify([job, instance, boot]);
}
