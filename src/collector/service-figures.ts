import type { ExposedFamily } from '../exposition/exposed-family.js';
import type { ConnectionRefusal } from './connection-refusals.js';
import type { IngestRefusal } from './ingest/ingest-routes.js';
import type { RequestBodies } from './ingest/request-body.js';
import { OwnFamilies } from './own-family-builder.js';
import type { RequestRefusal } from './router.js';

/** Why a request was turned away. The words are label values, so they stay as they are. */
export type ServiceRefusal = ConnectionRefusal | IngestRefusal | RequestRefusal;

/** Counts what a service turned away. */
export class ServiceFigures {
  readonly #refusals = new Map<ServiceRefusal, number>();

  refused(reason: ServiceRefusal): void {
    this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1);
  }

  get refusals(): Iterable<readonly [reason: ServiceRefusal, requests: number]> {
    return this.#refusals;
  }
}

/** What a service tells about itself beside its stores. */
export function serviceFamilies(figures: ServiceFigures, bodies: RequestBodies, isReady: boolean): Iterable<ExposedFamily> {
  const own = new OwnFamilies();
  own.gauge('ready', 'Whether the service takes and shows measurements: 1 or 0.', undefined, [['', isReady ? 1 : 0]]);
  own.counter('refused_requests', 'Requests and connections that were turned away, by reason.', 'reason', figures.refusals);
  own.counter('body_bytes', 'Bytes of bodies that were read, as they came.', undefined, [['', bodies.bytes]]);
  own.gauge('pending_body_bytes', 'Bytes of bodies that are being read or made safe.', undefined, [['', bodies.pendingBytes]]);
  return own.families;
}
