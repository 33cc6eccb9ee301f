import type { Clock } from '../../diagnostics/clock.js';
import type { Newcomer } from '../../record/pipe.js';
import type { ProducerRegistry } from '../producers/producer-registry.js';

/** Milliseconds for which a slot is kept for a producer that has said hello and nothing else. */
const KEPT = 60_000;

interface Reserved {
  readonly newcomer: Newcomer;
  readonly worker: string;
  readonly at: number;
}

/** Numbers for the workers of a job on an instance: the lowest one that none of its living producers has, from 0. */
export class ProducerSlots {
  readonly #producers: ProducerRegistry;
  readonly #clock: Clock;
  /** Longest first. */
  readonly #reserved = new Map<string, Reserved>();

  constructor(producers: ProducerRegistry, clock: Clock) {
    this.#producers = producers;
    this.#clock = clock;
  }

  /** Takes a slot, the one that is asked for if there is one. The same producer gets the same again. */
  take(newcomer: Newcomer): string {
    this.#forgetOld();
    const { job, instance, boot } = newcomer;
    const known = this.#reserved.get(boot)?.worker ?? this.#livingSlot(newcomer);
    if (newcomer.worker !== undefined || known !== undefined) return newcomer.worker ?? (known as string);
    const taken = new Set<string>();
    for (const { identity, life } of this.#producers.all) {
      if (life === 'live' && identity.job === job && identity.instance === instance) taken.add(identity.worker);
    }
    for (const reserved of this.#reserved.values()) {
      if (reserved.newcomer.job === job && reserved.newcomer.instance === instance) taken.add(reserved.worker);
    }
    let number = 0;
    while (taken.has(String(number))) number++;
    const worker = String(number);
    this.#reserved.set(boot, { newcomer, worker, at: this.#clock() });
    return worker;
  }

  /** The producer of this boot has ended. */
  free(boot: string): void {
    this.#reserved.delete(boot);
  }

  #livingSlot({ job, instance, boot }: Newcomer): string | undefined {
    for (const { identity, life } of this.#producers.all) {
      if (identity.boot === boot && life !== 'ended' && identity.job === job && identity.instance === instance) return identity.worker;
    }
    return undefined;
  }

  /** Those who report by now hold their slots by living. */
  #forgetOld(): void {
    const now = this.#clock();
    for (const [boot, { at }] of this.#reserved) {
      if (now - at < KEPT) return;
      this.#reserved.delete(boot);
    }
  }
}
