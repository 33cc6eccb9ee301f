import type { ProducerIdentity } from '../../record/batch.js';
import type { Newcomer } from '../../record/pipe.js';

/** Characters of a part of an identity. */
const MAX_LENGTH = 256;

/** The identity in the body of a hello or goodbye. Throws a TypeError that names what is wrong with it. */
export function newcomerOf(body: Buffer): Newcomer {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw new TypeError('the body is no JSON');
  }
  if (typeof value !== 'object' || value === null) throw new TypeError('the body must be a JSON object');
  const { job, instance, worker, boot } = value as Record<string, unknown>;
  return {
    job: partOf('job', job),
    instance: partOf('instance', instance),
    boot: partOf('boot', boot),
    ...(worker === undefined || worker === null ? {} : { worker: partOf('worker', worker) }),
  };
}

/** As {@link newcomerOf} for somebody who is gone: without a boot, all of that worker are. */
export function leaverOf(body: Buffer): Partial<ProducerIdentity> & Pick<ProducerIdentity, 'job' | 'instance' | 'worker'> {
  const value: unknown = JSON.parse(body.toString());
  if (typeof value !== 'object' || value === null) throw new TypeError('the body must be a JSON object');
  const { job, instance, worker, boot } = value as Record<string, unknown>;
  const whole = { job: partOf('job', job), instance: partOf('instance', instance), worker: partOf('worker', worker) };
  return boot === undefined || boot === null ? whole : { ...whole, boot: partOf('boot', boot) };
}

function partOf(name: string, value: unknown): string {
  if (typeof value !== 'string' || value.length > MAX_LENGTH) {
    throw new TypeError(`${name} must be a string of at most ${MAX_LENGTH} characters`);
  }
  return value;
}
