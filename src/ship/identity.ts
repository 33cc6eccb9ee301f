import { hostname } from 'node:os';
import type { ProducerIdentity } from '../record/batch.js';

/** What the user says about who is measuring; the rest is found out. */
export interface IdentityOptions {
  readonly job: string;
  readonly instance: string | undefined;
  readonly worker: string | undefined;
}

/** The identity of this incarnation of the process. */
export function identify({ job, instance, worker }: IdentityOptions): ProducerIdentity {
  return {
    job,
    instance: instance ?? process.env.PHANOS_INSTANCE ?? hostname(),
    worker: worker ?? '0',
    boot: globalThis.crypto.randomUUID(),
  };
}
