import type { ExposedFamily } from '../exposition/exposed-family.js';
import type { Aggregate } from './aggregate/aggregate.js';
import { OwnFamilies } from './own-family-builder.js';
import type { ProducerRegistry } from './producers/producer-registry.js';
import { SCRAPE_BOUNDS, type SelfMetrics } from './self-metrics.js';

/** Where a collector keeps how it is doing. */
export interface OwnFigures {
  readonly self: SelfMetrics;
  readonly aggregate: Aggregate;
  readonly producers: ProducerRegistry;
}

/** What a collector tells about itself, `phanos_collector_*`, as families of the same making as those that it collects. */
export function ownFamilies(
  { self, aggregate, producers }: OwnFigures,
  constants: Readonly<Record<string, string>> = {},
): Iterable<ExposedFamily> {
  const own = new OwnFamilies(constants);
  const { totals, deaths } = producers;
  own.counter('batches', 'Batches, by what became of them.', 'result', Object.entries(self.batches));
  own.counter('operations', 'Recorded operations that the applied batches contained.', undefined, [['', self.operations]]);
  own.counter('produced_operations', 'Operations that producers have handed over.', undefined, [['', totals.produced]]);
  own.counter('dropped_operations', 'Operations that producers had to give up.', undefined, [['', totals.dropped]]);
  own.gauge('underway_operations', 'Operations that producers have announced, and that have not come.', undefined, [
    ['', Math.max(0, totals.produced - totals.applied - totals.dropped - producers.lost)],
  ]);
  own.gauge('lost_operations', 'Operations that dead producers had announced, and that never came.', undefined, [['', producers.lost]]);
  own.counter('given_up_batches', 'Batches that producers gave up before they came.', undefined, [['', producers.givenUp]]);
  own.gauge('producers', 'Producers that are recognized.', 'state', [
    ['live', producers.live],
    ['dead', producers.dead],
  ]);
  own.counter('producer_deaths', 'Producers that ended, by how it became known.', 'cause', Object.entries(deaths.counts));
  own.counter('forgotten_producers', 'Dead producers that are recognized no more.', undefined, [['', producers.forgotten]]);
  own.counter('stranger_producers', 'Producers met in the middle of their life.', undefined, [['', producers.strangers]]);
  own.gauge(
    'series',
    'Series kept, by family.',
    'family',
    Array.from(aggregate.families, ({ name, size }) => [name, size]),
  );
  own.byReason('refused_rows', 'Rows that were not applied, by family and reason.', aggregate.refused);
  own.byReason('adjusted_rows', 'Rows that were folded or put into other bounds, by family and reason.', aggregate.adjusted);
  return own.families;
}

/** How scrapes went. */
export function scrapeFamilies(self: SelfMetrics): Iterable<ExposedFamily> {
  const own = new OwnFamilies();
  own.counter('scrapes', 'Scrapes answered, by outcome.', 'outcome', Object.entries(self.scrapes));
  own.counter('hook_failures', 'Scrapes that were answered without the newest measurements.', undefined, [['', self.hookFailures]]);
  own.histogram('scrape_duration_seconds', 'Time to answer a scrape.', {
    bounds: SCRAPE_BOUNDS,
    counts: self.durationCounts,
    sum: self.durationSum,
  });
  return own.families;
}
