import type { ExposedFamily } from '../../../exposition/exposed-family.js';
import { OwnFamilies } from '../../own-family-builder.js';

/** What became of a message: `later` counts each time that it had to wait. */
export type MessageResult = 'dead_lettered' | 'later' | 'stored';

/** What happened on one wire. */
export class WireFigures {
  /** `v1` or `v2`. */
  readonly wire: string;
  readonly results: Record<MessageResult, number> = { stored: 0, later: 0, dead_lettered: 0 };
  /** Messages that came. Those that are neither acknowledged nor under way were given back to the broker with their connection. */
  delivered = 0;
  acknowledged = 0;
  /** Messages that the broker had delivered before, as it says: of records these may count twice. */
  redelivered = 0;
  connects = 0;
  /** Messages that wait in the broker, by queue, when it was last asked. */
  readonly waiting = new Map<string, number>();

  constructor(wire: string) {
    this.wire = wire;
  }
}

/** What a wire tells about itself, `phanos_collector_amqp_*`. */
export function wireFamilies(figures: WireFigures, isUp: boolean, underway: number): Iterable<ExposedFamily> {
  const own = new OwnFamilies({ wire: figures.wire });
  const one = (value: number): [string, number][] => [['', value]];
  own.gauge('amqp_connected', 'Whether the broker delivers to this collector: 1 or 0.', undefined, one(isUp ? 1 : 0));
  own.counter('amqp_connects', 'Times that a connection to the broker was set up.', undefined, one(figures.connects));
  own.counter('amqp_delivered_messages', 'Messages that the broker delivered.', undefined, one(figures.delivered));
  own.counter('amqp_acknowledged_messages', 'Messages that were acknowledged, in groups.', undefined, one(figures.acknowledged));
  own.counter('amqp_messages', 'Messages by what became of them; later counts each wait.', 'result', Object.entries(figures.results));
  own.counter('amqp_redelivered_messages', 'Messages that the broker had delivered before.', undefined, one(figures.redelivered));
  own.gauge('amqp_unacknowledged_messages', 'Messages between delivery and acknowledgement.', undefined, one(underway));
  own.gauge('amqp_waiting_messages', 'Messages that wait in the broker, when it was last asked.', 'queue', figures.waiting);
  return own.families;
}
